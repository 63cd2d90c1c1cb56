import { describe, expect, test } from 'vitest';
import { EXAMPLE_ORGANIZATION } from '../../../generator/organization.ts';
import type { ScenarioName } from '../../../generator/scenarios.ts';
import { interfaceNamed, type NetworkInterface } from '../../../generator/world.ts';
import { type Explanation, explain } from '../../../shared/explain/explain.ts';
import type { End, FlowRow } from '../../../shared/explain/observation.ts';
import { DEGRADATIONS, type Setting } from './degradations.ts';
import { endOf, generatedLogs, interfaceLogs, outside } from './generated-evidence.ts';

const interfaceOf = (name: string): NetworkInterface => interfaceNamed(EXAMPLE_ORGANIZATION, name);
const inside = (name: string): End => endOf(interfaceOf(name));

interface Case {
  readonly name: string;
  /** Planted by the generator; none is ordinary traffic. */
  readonly scenario?: ScenarioName;
  /** What breaks ordinary traffic. */
  readonly fault?: (
    rows: readonly FlowRow[],
    ends: Pick<Case, 'source' | 'destination'>,
  ) => readonly FlowRow[];
  readonly source: End;
  readonly destination: End;
  readonly protocol?: number;
  readonly port?: number;
  /** What the log shows when nothing is missing. */
  readonly verdict: string;
  /** Other verdicts that are true as well, where a degraded log shows less. */
  readonly alsoTrue?: readonly string[];
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

const CASES: readonly Case[] = [
  {
    name: 'the database rejects a worker',
    scenario: 'internal-service-rejected',
    source: inside('worker-2'),
    destination: inside('orders-db-1'),
    port: 5432,
    verdict: 'target-rejects',
  },
  {
    name: 'the network ACL of the reports subnet drops replies',
    scenario: 'reply-rejected',
    source: inside('app-1'),
    destination: inside('reports'),
    port: 8443,
    verdict: 'target-acl-drops-replies',
    // The log of the target without its accepted records, and that of the source alone, show less.
    alsoTrue: ['target-rejects-replies'],
  },
  {
    name: 'a worker may not send telemetry',
    scenario: 'blocked-egress',
    source: inside('worker-1'),
    destination: outside('198.51.100.40'),
    port: 4317,
    verdict: 'source-rejects',
  },
  {
    name: 'late packets of a client of the load balancer',
    scenario: 'late-packets',
    source: outside('192.0.2.101'),
    destination: inside('load-balancer-a'),
    port: 443,
    verdict: 'late-packets',
    // With ACCEPT alone the late packets do not show, and nothing else happened.
    alsoTrue: ['handshake-completed'],
  },
  {
    name: 'a scanner at a closed port',
    scenario: 'port-scan',
    source: outside('198.51.100.23'),
    destination: inside('bastion'),
    port: 80,
    verdict: 'target-rejects',
  },
  {
    name: 'the same scanner at the open port',
    scenario: 'port-scan',
    source: outside('198.51.100.23'),
    destination: inside('bastion'),
    port: 22,
    verdict: 'aborted',
  },
  {
    name: 'the public API rejects for a while',
    scenario: 'public-service-rejected',
    source: outside('192.0.2.1'),
    destination: inside('public-api'),
    port: 443,
    verdict: 'target-rejects-some',
    // Each half is true for the records of that half: only one action, or only the time before.
    alsoTrue: ['target-rejects', 'handshake-completed'],
  },
  {
    name: 'the transit gateway has a blackhole route',
    scenario: 'tgw-blackhole',
    source: inside('app-4'),
    destination: outside('10.80.4.20'),
    port: 443,
    verdict: 'transit-gateway-blackhole',
  },
  {
    name: 'a brute force attack gets its answers',
    scenario: 'ssh-brute-force',
    source: outside('203.0.113.77'),
    destination: inside('bastion'),
    port: 22,
    verdict: 'handshake-completed',
  },
  {
    name: 'an upload through the NAT gateway completes',
    scenario: 'data-exfiltration',
    source: inside('worker-2'),
    destination: outside('203.0.113.200'),
    port: 443,
    verdict: 'handshake-completed',
  },
  {
    name: 'an app server uses the cache',
    source: inside('app-1'),
    destination: inside('cache-1'),
    port: 6379,
    verdict: 'handshake-completed',
    alsoTrue: ['late-packets', 'existing-connection'],
  },
  {
    name: 'an app server fetches from a repository beyond the transit gateway',
    source: inside('app-1'),
    destination: inside('repository-1'),
    port: 443,
    verdict: 'handshake-completed',
    alsoTrue: ['late-packets', 'existing-connection'],
  },
  {
    name: 'an app server that never asks the other database',
    source: inside('app-1'),
    destination: inside('standby-1'),
    port: 5432,
    verdict: 'not-sent',
  },
  {
    name: 'an app server asks a resolver that is stopped',
    source: inside('app-1'),
    destination: inside('resolver-1'),
    protocol: 17,
    port: 53,
    fault: (rows, ends) => rows.filter((row) => !['P3', 'P4'].includes(pointOf(row, ends) ?? '')),
    verdict: 'datagrams-unanswered',
  },
  {
    name: 'an app server that looks names up',
    source: inside('app-1'),
    destination: inside('resolver-1'),
    protocol: 17,
    port: 53,
    verdict: 'datagrams-exchanged',
  },
];

/** Each fault, once inside of a VPC and once across a transit gateway, always at a target that others use as well. */
const FAULTS: readonly (Pick<Case, 'fault' | 'verdict' | 'alsoTrue'> & { readonly name: string })[] = [
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
    (fault): Case => ({
      ...fault,
      name: `${source} to ${destination}: ${fault.name}`,
      ...{ source: inside(source), destination: inside(destination), port },
    }),
  ),
);

const LOGS = generatedLogs({ records: 6000 });
const KNOWN = interfaceLogs(LOGS);

/** A case with all its evidence: the records of its ends, and of others that carry the addresses of the source. */
function settingOf({ source, destination, protocol = 6, port, fault = (rows) => rows }: Case): Setting {
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

describe.each([...CASES, ...BROKEN].map((each) => [each.name, each] as const))('%s', (_, given) => {
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
  const given = [...CASES, ...BROKEN].find((each) => each.name === name)!;
  const [, degrade] = DEGRADATIONS.find(([each]) => each === degradation)!;
  expect(explained(degrade(settingOf(given))).rule).toBe(given.verdict);
});
