import type { Explanation } from '../shared/explain/explain.ts';
import { INVENTORY_COMMANDS } from '../shared/explain/inventory.ts';
import {
  type FlowRow,
  POINTS,
  type Point,
  type PointState,
  UNOBSERVED,
} from '../shared/explain/observation.ts';
import {
  CONFIDENCES,
  type Condition,
  type Outcome,
  RULE_GROUPS,
  type Rule,
} from '../shared/explain/rules.ts';
import type { Lateness } from '../shared/explain/sighting.ts';
import type { Situation, Traffic } from '../shared/explain/situation.ts';
import { TCP_STATES } from '../shared/explain/tcp.ts';
import { isIPv6 } from '../shared/findings/address.ts';

/** A case that a rule answers: what happens in a few words, and what is said of it. */
export interface WorkedExample {
  readonly what: string;
  readonly explanation: Explanation;
}

const STATES: Readonly<Record<PointState, readonly [name: string, meaning: string]>> = {
  accept: ['ACCEPT', 'all records of the traffic there are accepted'],
  reject: ['REJECT', 'all of them are rejected'],
  both: ['both', 'some are accepted, others are rejected'],
  absent: ['absent', 'no record, although the log would have one: the traffic did not pass there'],
  'not-observed': ['not observed', 'no record, and the log could not have one: nothing is claimed'],
};

const OUTCOMES: Readonly<Record<Outcome, string>> = {
  works: 'the network lets the traffic pass, as far as flow logs can show',
  fails: 'the traffic does not get through, and the verdict says where it ends',
  intermittent: 'some of the traffic gets through',
  'cannot-tell': 'several causes fit what was seen; the verdict names them and what would tell them apart',
};

const TRAFFIC: Readonly<Record<Exclude<Traffic, keyof typeof TCP_STATES>, string>> = {
  udp: 'UDP',
  icmp: 'ICMP',
  other: 'other protocols',
};

const LATENESS: Readonly<Record<Lateness, string>> = {
  none: 'no packet came late',
  seen: 'rejected packets came after the close of their connection',
  possible: 'rejected packets belong to a connection that had been accepted',
  undecidable: 'the log has no accepted packets and no flags',
};

/** What a condition asks for beyond the four points, in words. */
const WORDS: {
  readonly [Field in Exclude<keyof Situation, Point>]: (values: readonly Situation[Field][]) => string;
} = {
  traffic: trafficText,
  isOpenerKnown: ([value]) => (value ? 'the source asks' : 'nothing tells which end asks'),
  lateness: (values) => values.map((value) => LATENESS[value]).join(', or '),
  sameSubnet: ([value]) => (value ? 'both ends are in one subnet' : 'the ends are in different subnets'),
  repliesWhereAsked: ([value]) => `the interface of P3 ${value ? 'accepted' : 'did not accept'} the request`,
  answeredWhereSent: ([value]) => `the request ${value ? 'left' : 'did not leave'} by the interface of P4`,
  rejectReason: (values) => `\`reject-reason\` is ${values.join(' or ')}`,
  requestLoss: (values) => `lost requests: ${values.join(', ')}`,
  replyLoss: (values) => `lost replies: ${values.join(', ')}`,
  isRequestLossTotal: ([value]) => (value ? 'no request passed' : 'some requests may have passed'),
  isReplyLossTotal: ([value]) => (value ? 'no reply passed' : 'some replies may have passed'),
  rejects: ([value]) => (value ? 'some point has REJECT' : 'no point has REJECT'),
};

const FIELDS = Object.keys(WORDS) as (keyof typeof WORDS)[];
const LOSSES: ReadonlySet<keyof typeof WORDS> = new Set([
  ...(['requestLoss', 'isRequestLossTotal', 'replyLoss', 'isReplyLossTotal'] as const),
]);

/** Cases that are shown with their records, by the verdict that they end in. */
const SHOWN = ['target-acl-drops-replies', 'lost-between', 'sent-no-reply', 'answered-or-refused'];

/**
 * Renders `docs/explain.md` from the rule table and from examples, each explained by the rules; a test keeps the file
 * fresh.
 */
export function explainPage(examples: readonly WorkedExample[], usage: string): string {
  return `# Explain: why can't A reach B?

\`flowlogs explain\` answers with a verdict, the records that it rests on, how sure it is, what to check next, and what flow
logs cannot show. This page is what it knows. Rendered by \`docs/explain-page.ts\` from the rules in \`shared/explain\`; change
them there.

## Ask

${usage
  .trim()
  .split('\n')
  .map((line) => `    ${line}`.trimEnd())
  .join('\n')}

Over a lake's folder, or with \`--athena --stage NAME\` over the deployed one. There it reads a day of the records for the
interfaces and their logs, then only the time in question; \`--account\` and \`--vpc\` narrow, and an account is a partition:
with it the day costs less. What was scanned and what that costs is said at the end.

## The four points

    A, the source                                B, the target
    ┌───────────┐  P1 ───── request ─────▶ P2  ┌───────────┐
    │ interface │                              │ interface │
    └───────────┘  P4 ◀────── reply ────── P3  └───────────┘

A flow log record says what an interface did with a packet. P1: the request leaves A. P2: it reaches B. P3: the reply
leaves B. P4: it reaches A. What comes after a REJECT or a loss is missing at all later points, so the first odd point is
where to look.

${table(
  ['point', 'means'],
  Object.values(STATES).map(([name, meaning]) => [name, meaning]),
)}

## Find a verdict by what you see

The first row from the top that fits is the verdict. An empty cell: whatever. "A record": ACCEPT, REJECT or both. "None":
absent or not observed.

${RULE_GROUPS.map(lookupTable).join('\n\n')}

${table(
  ['outcome', 'means'],
  Object.entries(OUTCOMES).map(([outcome, meaning]) => [code(outcome), meaning]),
)}

## Not observed

Silence is only a sign where the log would have spoken. A point without records is not observed if

${table(
  ['', 'because'],
  Object.entries(UNOBSERVED).map(([why, meaning]) => [code(why), meaning]),
)}

AWS delivers flow logs 10 to 25 minutes after the packets. Younger time is not delivered yet, never absent.

## How sure

${[...CONFIDENCES].reverse().map(code).join(', ')}. A verdict is one step less sure than its row says where the records have no TCP flags
(\`tcp-flags\`, version 3): then a late packet looks like a new request, and a lone reply may be a RST. A verdict never claims
anything about a point that is not observed.

## How TCP went

The flags of a connection at all points together. Flow logs combine the flags of an interval, so their order is lost.

Clients use their ports again, so a connection ends at its close, or three minutes after its SYN when another SYN follows;
without flags at a pause of three minutes and where replies stop. Only connections that \`--source\` opens count: the SYN tells,
or else well-known ports. Times in records may be a minute off. What that leaves open is said to be unclear.

Without \`--port\` each port that the source asks is explained by itself.

${table(
  ['TCP', 'means'],
  Object.entries(TCP_STATES).map(([state, meaning]) => [code(state), meaning]),
)}

## Who is who

Records show an interface by its id and its primary private address. An Elastic IP never appears as the interface's own
address, and a secondary address only in \`pkt-srcaddr\` and \`pkt-dstaddr\`. \`--inventory\` takes files with what EC2 knows:
names, all addresses, subnets, and which flow logs there are. Any number of them, of several accounts and Regions:

${INVENTORY_COMMANDS.map((command, index) => `    ${command} > inventory-${index + 1}.json`).join('\n')}

## Worked examples

${SHOWN.map((id) => workedExample(examples.find(({ explanation }) => explanation.rule === id)!)).join('\n')}
## The verdicts

In the order in which they are tried.

${RULE_GROUPS.flatMap(({ rules }) => rules.map((rule) => section(rule, examples))).join('\n')}`;
}

function lookupTable({ title, rules }: (typeof RULE_GROUPS)[number]): string {
  const rows = rules.flatMap(lookupRows);
  return `### ${title}\n\n${table(['P1', 'P2', 'P3', 'P4', 'and', 'verdict', 'outcome', 'sure'], rows)}`;
}

/** A row for each condition; those that differ in the counters of transit gateways alone share one. */
function lookupRows({ id, outcome, confidence, when }: Rule): string[][] {
  const seen = (condition: Condition): string[] => POINTS.map((point) => pointText(condition[point]));
  const besides = (condition: Condition): string =>
    FIELDS.flatMap((field) => (LOSSES.has(field) ? [] : wordsOf(condition, field))).join('; ');
  const alike = Map.groupBy(when, (condition) => [...seen(condition), besides(condition)].join('|'));
  return [...alike.values()].map((conditions) => {
    const [condition] = conditions as [Condition];
    const lossOf = (each: Condition): string =>
      [...LOSSES].flatMap((field) => wordsOf(each, field)).join(' and ');
    const words = [besides(condition), conditions.map(lossOf).filter(Boolean).join(' or ')]
      .filter(Boolean)
      .join('; ');
    return [...seen(condition), words, `[${id}](#${id})`, outcome, confidence];
  });
}

function wordsOf<Field extends keyof typeof WORDS>(condition: Condition, field: Field): string[] {
  const values: Condition[Field] = condition[field];
  return values === undefined ? [] : [WORDS[field](values as readonly Situation[Field][])];
}

function pointText(states: readonly PointState[] = []): string {
  const isOf = (...known: readonly PointState[]): boolean =>
    states.length === known.length && known.every((state) => states.includes(state));
  if (isOf('absent', 'not-observed')) return 'none';
  if (isOf('accept', 'both', 'absent', 'not-observed')) return 'not all REJECT';
  return isOf('accept', 'reject', 'both') ? 'a record' : states.map((state) => STATES[state][0]).join(' or ');
}

function trafficText(values: readonly Traffic[]): string {
  const tcp = values.filter((value) => value in TCP_STATES);
  const others = values
    .filter((value) => value in TRAFFIC)
    .map((value) => TRAFFIC[value as keyof typeof TRAFFIC]);
  return [...(tcp.length === 0 ? [] : [`TCP ${tcp.map(code).join(', ')}`]), ...others].join(', ');
}

function section(rule: Rule, examples: readonly WorkedExample[]): string {
  const shown = examples.filter(({ explanation }) => explanation.rule === rule.id).map(({ what }) => what);
  return `### ${rule.id}

**${rule.verdict}** (${code(rule.outcome)}, ${rule.confidence})

Check next:

${rule.next.map((each, index) => `${index + 1}. ${each}`).join('\n')}

Why: ${rule.reason}\\
Source: ${rule.source}.\\
Flow logs do not show: ${rule.hidden.join(' ')}\\
For example: ${shown.join('; ')}.
`;
}

function workedExample({ what, explanation }: WorkedExample): string {
  const records = POINTS.flatMap((point) =>
    explanation.points[point].records.map((row) => recordRow(point, row)),
  );
  const states = POINTS.map((point) => {
    const { state, why } = explanation.points[point];
    return `${point} ${STATES[state][0]}${why === undefined ? '' : ` (${code(why)})`}`;
  });
  return `### For example: ${what}

${table(['point', 'interface', 'from', 'to', 'packets', 'tcp-flags', 'action'], records)}

${states.join(', ')}. Verdict: [${explanation.rule}](#${explanation.rule}), ${explanation.confidence}.

> ${explanation.verdict}

What is not known:

${explanation.limits.map((limit) => `- ${limit}`).join('\n')}
`;
}

function recordRow(point: Point, row: FlowRow): string[] {
  const end = (address: string, port: number): string =>
    isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
  return [
    ...[point, row.interface_id!, end(row.srcaddr!, row.srcport!), end(row.dstaddr!, row.dstport!)],
    ...[String(row.packets), String(row.tcp_flags ?? '-'), row.action!],
  ];
}

function table(names: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(names), line(names.map(() => '---')), ...rows.map(line)].join('\n');
}

function code(text: string): string {
  return `\`${text}\``;
}
