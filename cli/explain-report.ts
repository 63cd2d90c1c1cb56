/** An explanation as text for the terminal, as JSON and as the table of its evidence. */

import { styleText } from 'node:util';
import type { FoundInterface } from '../athena/explain/hosts.ts';
import type { Investigation, Pair } from '../athena/explain/investigate.ts';
import type { NamedEnd } from '../athena/explain/named-end.ts';
import type { QueryResult } from '../athena/query-engine.ts';
import type { Explanation } from '../shared/explain/explain.ts';
import { isoTime } from '../shared/explain/iso-time.ts';
import {
  type FlowRow,
  POINTS,
  type Point,
  type PointObservation,
  type TimedCount,
  UNOBSERVED,
} from '../shared/explain/observation.ts';
import { TCP_STATES } from '../shared/explain/tcp.ts';
import { portText, TCP_FLAG_NAMES } from '../shared/flow-log/names.ts';
import { formatTable, visible } from './output.ts';

/** Records of the evidence that the terminal shows; JSON and CSV have all. */
const RECORDS_SHOWN = 12;
/** Pairs of a verdict that the terminal shows. */
const PAIRS_SHOWN = 10;

const POINT_TITLES: Readonly<Record<Point, string>> = {
  P1: 'request leaves source',
  P2: 'request reaches target',
  P3: 'reply leaves target',
  P4: 'reply reaches source',
};

const COLOURS = { works: 'green', fails: 'red', intermittent: 'yellow', 'cannot-tell': 'yellow' } as const;

/** The columns of evidence, in the order in which people read them. */
const EVIDENCE_COLUMNS = [
  { name: 'point', of: (_: FlowRow, point: Point) => point },
  { name: 'start', of: ({ start }: FlowRow) => (start == null ? null : isoTime(start)) },
  { name: 'end', of: ({ end }: FlowRow) => (end == null ? null : isoTime(end)) },
  { name: 'interface', of: ({ interface_id }: FlowRow) => interface_id ?? null },
  { name: 'source', of: (row: FlowRow) => row.pkt_srcaddr ?? row.srcaddr ?? null },
  { name: 'source port', of: ({ srcport }: FlowRow) => srcport ?? null, isNumber: true },
  { name: 'destination', of: (row: FlowRow) => row.pkt_dstaddr ?? row.dstaddr ?? null },
  { name: 'destination port', of: ({ dstport }: FlowRow) => dstport ?? null, isNumber: true },
  { name: 'action', of: ({ action }: FlowRow) => action ?? null },
  { name: 'tcp flags', of: ({ tcp_flags }: FlowRow) => (tcp_flags == null ? null : flagNames(tcp_flags)) },
  { name: 'packets', of: ({ packets }: FlowRow) => packets ?? null, isNumber: true },
  { name: 'bytes', of: ({ bytes }: FlowRow) => bytes ?? null, isNumber: true },
  { name: 'reject reason', of: ({ reject_reason }: FlowRow) => reject_reason ?? null },
] as const;

/** The records that answers rest on, as a table; of each point at most `limit`. */
export function evidenceTable(
  explanations: readonly Explanation[],
  limit = Number.POSITIVE_INFINITY,
): QueryResult {
  const records = explanations.flatMap(({ points }) =>
    POINTS.flatMap((point) => {
      const { records } = points[point];
      return records.slice(0, limit).map((row) => EVIDENCE_COLUMNS.map(({ of }) => of(row, point)));
    }),
  );
  return {
    columns: EVIDENCE_COLUMNS.map((column) => ({
      name: column.name,
      kind: 'isNumber' in column ? 'number' : 'text',
    })),
    rows: records,
  };
}

/** The answer as text for a terminal of this width. */
export function explainText(investigation: Investigation, width: number | undefined): string {
  const { source, destination, protocol, port, window, pairs, legs, notes } = investigation;
  const [only] = pairs;
  const asked = port ?? (pairs.length === 1 ? only?.port : undefined);
  const title = `${source.text} → ${destination.text}  ${portText(protocol, asked ?? 0)}`;
  const { start, end } = pairs.length === 1 && only !== undefined ? only.window : window;
  return [
    `${styleText('bold', visible(title))}\n${spanText(start, end)}\n`,
    ...(pairs.length === 1 && only !== undefined
      ? pairSections(only, investigation, width)
      : [pairsSection(pairs, protocol)]),
    ...(legs.length === 0
      ? []
      : [
          section(
            'On the way',
            legs.map(({ kind, name, text }) => wrapped(`${kind} ${name}: ${text}`, width)),
          ),
        ]),
    ...(pairs.length === 1 && only !== undefined ? afterSections(only, width) : []),
    ...(notes.length === 0
      ? []
      : [
          section(
            'Notes',
            notes.map((note) => wrapped(`- ${note}`, width)),
          ),
        ]),
  ].join('\n');
}

function pairSections(pair: Pair, investigation: Investigation, width: number | undefined): string[] {
  const { explanation } = pair;
  const { outcome, verdict, confidence, points, tcp } = explanation;
  const hasRecords = POINTS.some((point) => points[point].records.length > 0);
  return [
    `${styleText(COLOURS[outcome], wrapped(`${verdict} (confidence: ${confidence})`, width))}\n`,
    section('Who', [
      ...endLines('source', investigation.source, pair.source.interfaces, investigation.completeUntil.source),
      ...endLines(
        'target',
        investigation.destination,
        pair.destination.interfaces,
        investigation.completeUntil.destination,
      ),
    ]),
    section('What was seen', [
      ...POINTS.flatMap((point) => pointLines(point, points[point], width)),
      ...(tcp === undefined || !hasRecords ? [] : [wrapped(`TCP: ${TCP_STATES[tcp]}.`, width)]),
    ]),
  ];
}

function afterSections({ explanation }: Pair, width: number | undefined): string[] {
  const { next, limits, reason, source, points } = explanation;
  const total = POINTS.reduce((sum, point) => sum + points[point].records.length, 0);
  const shown = evidenceTable([explanation], Math.ceil(RECORDS_SHOWN / POINTS.length));
  return [
    section(
      'Check next',
      next.map((each, index) => wrapped(`${index + 1}. ${each}`, width)),
    ),
    section(
      'What flow logs do not show',
      limits.map((each) => wrapped(`- ${each}`, width)),
    ),
    section('Why', [wrapped(reason, width), wrapped(`Source: ${source}`, width)]),
    ...(total === 0
      ? []
      : [
          `${styleText('bold', 'Evidence')}\n${indented(formatTable(shown, width === undefined ? undefined : width - 2))}` +
            (shown.rows.length < total
              ? `  The first ${shown.rows.length} of ${total} records; -o csv or -o json has all.\n`
              : ''),
        ]),
  ];
}

/** Several answers, if an end is a network or several ports are asked for: which of them share a verdict. */
function pairsSection(pairs: readonly Pair[], protocol: number): string {
  const hasPorts = new Set(pairs.map(({ port }) => port)).size > 1;
  const portOf = ({ port }: Pair): string => (hasPorts ? `  ${portText(protocol, port ?? 0)}` : '');
  const groups = [...Map.groupBy(pairs, ({ explanation }) => explanation.rule).values()];
  return groups
    .map((own) => {
      const { outcome, verdict, confidence } = own[0]!.explanation;
      const lines = own
        .slice(0, PAIRS_SHOWN)
        .map((pair) => `  ${visible(pair.source.name)} → ${visible(pair.destination.name)}${portOf(pair)}`);
      const more = own.length > PAIRS_SHOWN ? [`  … and ${own.length - PAIRS_SHOWN} more`] : [];
      const unit = hasPorts ? 'answer' : 'pair';
      const count = own.length === 1 ? `1 ${unit}` : `${own.length} ${unit}s`;
      return `${[`${count}: ${styleText(COLOURS[outcome], `${verdict} (confidence: ${confidence})`)}`, ...lines, ...more].join('\n')}\n`;
    })
    .join('\n');
}

function endLines(
  title: string,
  named: NamedEnd,
  interfaces: readonly FoundInterface[],
  completeUntil: number | undefined,
): string[] {
  const resolved =
    named.kind === 'addresses' && named.addresses.join() !== named.text
      ? ` (${named.addresses.join(', ')})`
      : '';
  const log =
    completeUntil !== undefined
      ? `log complete until ${isoTime(completeUntil)}`
      : interfaces.length > 0
        ? 'no flow log records it'
        : 'no interface with it is known';
  return [
    `${title}  ${visible(named.text)}${resolved}: ${log}`,
    ...interfaces.map(({ interfaceId, name, addresses, subnetId, vpcId, azId, accountId }) => {
      const parts = [interfaceId, name, addresses.join(' '), azId, subnetId, vpcId, accountId];
      return `        ${visible(parts.filter((each) => each).join('  '))}`;
    }),
  ];
}

function pointLines(point: Point, observation: PointObservation, width: number | undefined): string[] {
  const { state, why, accepted, rejected, late, rejectReasons, interfaces } = observation;
  const title = `${point}  ${POINT_TITLES[point].padEnd(22)}  `;
  if (state === 'absent') return [`${title}absent`];
  if (why !== undefined) return [wrapped(`${title}not observed: ${UNOBSERVED[why]}`, width)];
  const parts = [
    ...(accepted.records > 0 ? [`ACCEPT ${timedText(accepted)}`] : []),
    ...(rejected.records > 0 ? [`REJECT ${timedText(rejected)}`] : []),
    ...(late.records > 0 ? [`late packets, REJECT ${timedText(late)}`] : []),
    ...(rejectReasons.length > 0 ? [`reason ${visible(rejectReasons.join(', '))}`] : []),
  ];
  // Which of several targets or zones differs, is what an intermittent failure is about.
  const views = interfaces.length < 2 ? [] : interfaces;
  return [
    `${title}${parts.join('; ') || 'nothing but what came after a close'}`,
    ...views.map(
      ({ interfaceId, azId, accepted: a, rejected: r }) =>
        `      ${visible(interfaceId)}${azId === undefined ? '' : ` in ${visible(azId)}`}: ACCEPT ${timedText(a)}; REJECT ${timedText(r)}`,
    ),
  ];
}

function timedText({ records, first, last }: TimedCount): string {
  if (records === 0) return '0';
  const count = records === 1 ? '1 record' : `${records} records`;
  return first === undefined || last === undefined ? count : `${count}, ${spanText(first, last)}`;
}

/** From the first to the last second; the day once, if it is the same. */
function spanText(first: number, last: number): string {
  const [from, to] = [isoTime(first), isoTime(last)];
  if (first === last) return `at ${from}`;
  return `${from} to ${from.slice(0, 11) === to.slice(0, 11) ? to.slice(11) : to}`;
}

/** The answer for programs. */
export function explainJson(investigation: Investigation): unknown {
  const { source, destination, protocol, port, window, completeUntil, pairs, legs, notes } = investigation;
  return {
    source: source.text,
    destination: destination.text,
    protocol,
    port: port ?? null,
    since: isoTime(window.start),
    until: isoTime(window.end),
    source_complete_until: timeOrNull(completeUntil.source),
    destination_complete_until: timeOrNull(completeUntil.destination),
    answers: pairs.map(({ source: from, destination: to, port: onPort, window: told, explanation }) => ({
      source: hostJson(from),
      destination: hostJson(to),
      port: onPort ?? null,
      since: isoTime(told.start),
      until: isoTime(told.end),
      outcome: explanation.outcome,
      rule: explanation.rule,
      verdict: explanation.verdict,
      confidence: explanation.confidence,
      next: explanation.next,
      limits: explanation.limits,
      reason: explanation.reason,
      reference: explanation.source,
      tcp: explanation.tcp ?? null,
      points: Object.fromEntries(POINTS.map((point) => [point, pointJson(explanation.points[point])])),
    })),
    legs,
    notes,
  };
}

function hostJson({ name, end, interfaces }: Pair['source']) {
  return {
    name,
    addresses: end.addresses,
    interfaces: interfaces.map((each) => ({
      interface_id: each.interfaceId,
      name: each.name ?? null,
      kind: each.kind ?? null,
      aws_account_id: each.accountId ?? null,
      aws_region: each.region ?? null,
      vpc_id: each.vpcId ?? null,
      subnet_id: each.subnetId ?? null,
      az_id: each.azId ?? null,
      instance_id: each.instanceId ?? null,
    })),
  };
}

function pointJson({
  state,
  why,
  accepted,
  rejected,
  late,
  rejectReasons,
  interfaces,
  records,
}: PointObservation) {
  const count = ({ records: number, first, last }: TimedCount) => ({
    records: number,
    first: timeOrNull(first),
    last: timeOrNull(last),
  });
  return {
    state,
    why: why === undefined ? null : UNOBSERVED[why],
    accepted: count(accepted),
    rejected: count(rejected),
    late: count(late),
    reject_reasons: rejectReasons,
    interfaces: interfaces.map((each) => ({
      interface_id: each.interfaceId,
      az_id: each.azId ?? null,
      accepted: count(each.accepted),
      rejected: count(each.rejected),
    })),
    records,
  };
}

function flagNames(flags: number): string {
  const names = [...TCP_FLAG_NAMES].filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name);
  return names.join(' ');
}

function timeOrNull(seconds: number | undefined): string | null {
  return seconds === undefined ? null : isoTime(seconds);
}

function section(title: string, lines: readonly string[]): string {
  return `${styleText('bold', title)}\n${lines.map((line) => `${indented(line)}\n`).join('')}`;
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}

/** Breaks a line between words, so that later lines stand a little to the right of the first. */
function wrapped(text: string, width = 110): string {
  const room = Math.max(40, Math.min(width, 110) - 4);
  const lines: string[] = [];
  for (const word of visible(text).split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= room)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(lines.length === 0 ? word : `  ${word}`);
  }
  return lines.join('\n');
}
