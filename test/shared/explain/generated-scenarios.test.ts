import { describe, expect, test } from 'vitest';

import { type Explanation, explain } from '../../../shared/explain/explain.ts';
import type { FlowRow } from '../../../shared/explain/observation.ts';
import { CASES, type Case, inside } from './cases.ts';
import { DEGRADATIONS, type Setting } from './degradations.ts';
import { generatedLogs, interfaceLogs } from './generated-evidence.ts';

interface Faulty extends Case {
  /** What breaks ordinary traffic. */
  readonly fault?: (
    rows: readonly FlowRow[],
    ends: Pick<Case, 'source' | 'destination'>,
  ) => readonly FlowRow[];
}

type Ends = Pick<Case, 'source' | 'destination'>;
type Point = 'P1' | 'P2' | 'P3' | 'P4';

/** At which point a record of plain traffic between two ends was made; undefined for all other records. */
function pointOf(row: FlowRow, { source, destination }: Ends): Point | undefined {
  const from = row.pkt_srcaddr ?? row.srcaddr ?? '';
  const to = row.pkt_dstaddr ?? row.dstaddr ?? '';
  const isRequest = source.addresses.includes(from) && destination.addresses.includes(to);
  const isReply = destination.addresses.includes(from) && source.addresses.includes(to);
  const at = row.interface_id ?? '';
  if (isRequest)
    return source.interfaceIds.includes(at) ? 'P1' : destination.interfaceIds.includes(at) ? 'P2' : undefined;
  if (isReply)
    return destination.interfaceIds.includes(at) ? 'P3' : source.interfaceIds.includes(at) ? 'P4' : undefined;
  return undefined;
}

/**
 * A fault of TCP traffic: each connection becomes attempts to open it, recorded at some points, with these packets back.
 * Middle boxes record what they did before, which nobody may believe.
 */
const attempts =
  (points: readonly Point[], flagsBack = 18, actionBack: Partial<Record<Point, string>> = {}) =>
  (rows: readonly FlowRow[], ends: Ends): FlowRow[] =>
    rows.flatMap((row) => {
      const point = pointOf(row, ends);
      if (point === undefined) return [row];
      if (!points.includes(point) || ((row.tcp_flags ?? 0) & 2) === 0) return [];
      const isRequest = point === 'P1' || point === 'P2';
      const packets = flagsBack === 4 ? 1 : 4;
      const size = isRequest || flagsBack === 18 ? 60 : 40;
      return [
        {
          ...row,
          ...{ packets, bytes: packets * size, end: row.start! + 7, tcp_flags: isRequest ? 2 : flagsBack },
          action: actionBack[point] ?? 'ACCEPT',
        },
      ];
    });

const STOPPED: Faulty = {
  name: 'an app server asks a resolver that is stopped',
  source: inside('app-1'),
  destination: inside('resolver-1'),
  protocol: 17,
  port: 53,
  fault: (rows, ends) => rows.filter((row) => !['P3', 'P4'].includes(pointOf(row, ends) ?? '')),
  verdict: 'datagrams-unanswered',
};

/** Each fault, once inside of a VPC and once across a transit gateway, always at a target that others use as well. */
const FAULTS: readonly (Pick<Faulty, 'fault' | 'verdict' | 'alsoTrue'> & { readonly name: string })[] = [
  { name: 'nothing arrives', fault: attempts(['P1']), verdict: 'lost-between' },
  { name: 'the host drops SYNs', fault: attempts(['P1', 'P2']), verdict: 'target-silent' },
  { name: 'there is no route back', fault: attempts(['P1', 'P2', 'P3']), verdict: 'reply-lost' },
  {
    name: "the source's network ACL drops replies",
    fault: attempts(['P1', 'P2', 'P3', 'P4'], 18, { P4: 'REJECT' }),
    verdict: 'source-acl-drops-replies',
    alsoTrue: ['source-rejects-replies'],
  },
  {
    name: 'nothing listens',
    fault: attempts(['P1', 'P2', 'P3', 'P4'], 4),
    verdict: 'refused',
    alsoTrue: ['refused-by-someone'],
  },
  {
    name: 'a firewall answers with RST',
    fault: attempts(['P1', 'P4'], 4),
    verdict: 'middlebox-reset',
    alsoTrue: ['refused-by-someone'],
  },
  {
    name: 'the program does not try',
    fault: (rows, ends) => rows.filter((row) => pointOf(row, ends) === undefined),
    verdict: 'not-sent',
  },
];
const PAIRS = [
  ['app-1', 'cache-1', 6379],
  ['app-1', 'repository-1', 443],
] as const;
const BROKEN = PAIRS.flatMap(([source, destination, port]) =>
  FAULTS.map(
    (fault): Faulty => ({
      ...fault,
      name: `${source} to ${destination}: ${fault.name}`,
      ...{ source: inside(source), destination: inside(destination), port },
    }),
  ),
);

const LOGS = generatedLogs({ records: 6000 });
const KNOWN = interfaceLogs(LOGS);

/** A case with all its evidence: the records of its ends, and of others that carry the addresses of the source. */
function settingOf({ source, destination, protocol = 6, port, fault = (rows) => rows }: Faulty): Setting {
  const ids = [...source.interfaceIds, ...destination.interfaceIds];
  const rows = LOGS.rows.filter(
    (row) =>
      row.protocol === protocol &&
      (ids.includes(row.interface_id ?? '') ||
        source.addresses.includes(row.pkt_srcaddr ?? row.srcaddr ?? '')),
  );
  const window = LOGS.period;
  const question = { source, destination, protocol, window, ...(port !== undefined && { port }) };
  return {
    question,
    rows: fault(rows, { source, destination }),
    transitRows: LOGS.transitRows,
    logs: KNOWN,
  };
}

const explained = (setting: Setting): Explanation => explain(setting.question, setting);

/** What was said instead of the truth; undefined for the truth and for "cannot tell". */
function wrongVerdict(given: Case, setting: Setting): string | undefined {
  const { rule, outcome, points } = explained(setting);
  if (outcome === 'cannot-tell' || rule === given.verdict || given.alsoTrue?.includes(rule)) return undefined;
  return `${rule}: ${Object.values(points).map(({ state, why }) => why ?? state)}`;
}

const ALL: readonly Faulty[] = [...CASES, STOPPED, ...BROKEN];

describe.each(ALL.map((each) => [each.name, each] as const))('%s', (_, given) => {
  const whole = settingOf(given);

  test('is told by a log that misses nothing', () => {
    expect(explained(whole).rule).toBe(given.verdict);
  });

  test.each(DEGRADATIONS)('is never told wrong: %s', (_name, degrade) => {
    expect(wrongVerdict(given, degrade(whole))).toBeUndefined();
  });

  test('is never told wrong under two degradations at once', () => {
    const wrong = DEGRADATIONS.flatMap(([first, degrade], i) => {
      const degraded = degrade(whole);
      return DEGRADATIONS.slice(i + 1).map(([second, again]) => {
        return [`${first}, ${second}`, wrongVerdict(given, again(degraded))];
      });
    });
    expect(wrong.filter(([, verdict]) => verdict !== undefined)).toEqual([]);
  });
});

/** Degradations that leave enough: without these the property above could hold by never telling anything. */
test.each([
  ['the database rejects a worker', 'the source has no flow log'],
  ['the database rejects a worker', 'version 2'],
  ['the database rejects a worker', 'REJECT only'],
  ['the database rejects a worker', 'intervals of 600 seconds'],
  ['the database rejects a worker', 'logged twice, once in version 2'],
  ['the database rejects a worker', 'a decoy VPC with the same addresses'],
  ['the network ACL of the reports subnet drops replies', 'the source has no flow log'],
  ['the network ACL of the reports subnet drops replies', 'version 2'],
  ['the network ACL of the reports subnet drops replies', 'intervals of 600 seconds'],
  ['a worker may not send telemetry', 'version 2'],
  ['a worker may not send telemetry', 'AWS lost the records of the target'],
  ['late packets of a client of the load balancer', 'intervals of 600 seconds'],
  ['an app server uses the cache', 'version 2'],
  ['an app server uses the cache', 'NAT in the path'],
  ['an app server fetches from a repository beyond the transit gateway', 'version 2'],
])('%s: still told when %s', (name, degradation) => {
  const given = ALL.find((each) => each.name === name)!;
  const [, degrade] = DEGRADATIONS.find(([each]) => each === degradation)!;
  expect(explained(degrade(settingOf(given))).rule).toBe(given.verdict);
});
