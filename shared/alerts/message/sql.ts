/** SQL for Athena that shows the records behind a message, and reads only the partitions that they lie in. */

import { isIP } from 'node:net';
import { quoted } from '../../../athena/sql-text.ts';
import { timeRangePredicate } from '../../../athena/time-range.ts';
import type { Span } from '../situation.ts';
import type { Facts } from './facts.ts';
import { isPlainId, visible } from './safe-text.ts';
import { isoTime } from './times.ts';

/** What it shows: refused flows, requests of a scanning source, lost packets, SKIPDATA, deliveries, findings. */
export type SqlOf = 'rejected' | 'requests-of-source' | 'lost' | 'skipdata' | 'deliveries' | 'findings';

const LIMIT = 'LIMIT 100';

/** One statement of Athena's SQL, over several lines. */
export function sqlText(of: SqlOf, facts: Facts): string {
  return STATEMENTS[of](facts).join('\n');
}

const STATEMENTS: Readonly<Record<SqlOf, (facts: Facts) => string[]>> = {
  rejected: (facts) =>
    flowsStatement(partitions(facts, facts.window), [
      "action = 'REJECT'",
      ...resource(facts),
      ...service(facts),
    ]),

  // Also what was accepted: whether the source got anywhere.
  'requests-of-source'(facts) {
    const address = facts.signals[0]?.source?.address ?? '';
    return flowsStatement(
      partitions(facts, facts.wholeWindow),
      isIP(address) === 0
        ? ["action = 'REJECT'", ...resource(facts)]
        : [`${quoted(address)} IN (srcaddr, pkt_srcaddr)`],
    );
  },

  lost(facts) {
    const column = `packets_lost_${(facts.finding.cause ?? 'no-route').replaceAll('-', '_')}`;
    return [
      'SELECT start_time, source_address, srcport, destination_address,',
      '  dstport, protocol_name, tgw_attachment_id, tgw_pair_attachment_id,',
      `  ${column}`,
      'FROM transit_flows',
      ...where([...partitions(facts, facts.wholeWindow), ...resource(facts), `${column} > 0`]),
      'ORDER BY start',
      LIMIT,
    ];
  },

  skipdata: (facts) => [
    'SELECT from_unixtime(start) AS lost_from, "end" - start AS seconds_lost',
    `FROM ${facts.finding.resource_type?.startsWith('transit-gateway') ? 'transit_gateway_flow_logs' : 'flow_logs'}`,
    ...where([...partitions(facts, facts.wholeWindow), ...resource(facts), "log_status = 'SKIPDATA'"]),
    'ORDER BY start',
    LIMIT,
  ],

  deliveries: (facts) => deliveriesStatement(facts.wholeWindow, account(facts)),
  findings: (facts) => findingsStatement(facts.wholeWindow, account(facts)),
};

/** SQL that shows what several situations rest on: silence on deliveries, everything else on findings. */
export function digestSqlText(several: readonly Facts[]): string {
  const window = windowOfAll(several);
  const [first, ...others] = several.map((facts) => account(facts));
  const isOnePlace = others.every((each) => each.join() === first!.join());
  const isSilence = several.every(({ subject }) => subject.kind === 'NO_DELIVERY');
  const statement = isSilence ? deliveriesStatement : findingsStatement;
  return statement(window, isOnePlace ? first! : []).join('\n');
}

/** From the first to the last time of several situations. */
export function windowOfAll(several: readonly Facts[]): Span {
  return {
    from: several.reduce(
      (least, { wholeWindow }) => Math.min(least, wholeWindow.from),
      Number.POSITIVE_INFINITY,
    ),
    until: several.reduce((most, { wholeWindow }) => Math.max(most, wholeWindow.until), 0),
  };
}

function deliveriesStatement({ from, until }: Span, places: readonly string[]): string[] {
  return [
    'SELECT aws_account_id, aws_region, flow_log_id, count(*) AS objects,',
    '  from_unixtime(max(object_time)) AS last_object',
    'FROM receipts',
    ...where([...days(from, until), ...places]),
    'GROUP BY aws_account_id, aws_region, flow_log_id',
    'ORDER BY last_object, aws_account_id, aws_region, flow_log_id',
    LIMIT,
  ];
}

function findingsStatement({ from, until }: Span, places: readonly string[]): string[] {
  return [
    'SELECT kind, severity, path, resource_id, count(*) AS findings,',
    '  sum(flows) AS flows, from_unixtime(min(first_time)) AS first_seen,',
    '  from_unixtime(max(last_time)) AS last_seen',
    'FROM findings',
    // A finding lies under the day of its object, which is made soon after.
    ...where([...days(from, until + DAY), ...places]),
    'GROUP BY kind, severity, path, resource_id',
    'ORDER BY flows DESC, kind, severity, path, resource_id',
    LIMIT,
  ];
}

const DAY = 86_400;

function flowsStatement(...predicates: readonly (readonly string[])[]): string[] {
  return [
    'SELECT start_time, interface_id, action, srcaddr, srcport, dstaddr,',
    '  dstport, protocol_name, tcp_flag_names, packets, reject_reason',
    'FROM flows',
    ...where(predicates.flat()),
    'ORDER BY start',
    LIMIT,
  ];
}

function where(predicates: readonly string[]): string[] {
  return predicates.map((predicate, index) => `${index === 0 ? 'WHERE' : '  AND'} ${predicate}`);
}

/** Account, Region, day and hour are folders of the lake: the rest is not read. */
function partitions(facts: Facts, { from, until }: Span): string[] {
  const range = timeRangePredicate({ since: Math.floor(from), until: Math.floor(until) + 1 });
  return [...account(facts), ...range.slice(1, -1).split(' AND ')];
}

function account({ subject: { accountId, region } }: Pick<Facts, 'subject'>): string[] {
  return [
    `aws_account_id = ${quoted(visible(accountId))}`,
    ...(region === undefined ? [] : [`aws_region = ${quoted(visible(region))}`]),
  ];
}

/** Tables of one row or a few for each object lie by day alone. */
function days(from: number, until: number): string[] {
  const day = (seconds: number) => quoted(isoTime(seconds).slice(0, 10));
  return [`day >= ${day(from)}`, `day <= ${day(until)}`];
}

const COLUMNS = {
  interface: 'interface_id',
  'nat-gateway': 'resource_id',
  'transit-gateway-attachment': 'tgw_attachment_id',
  'transit-gateway': 'tgw_id',
} as const;

function resource({ subject: { scope }, finding }: Facts): string[] {
  const isTransit = finding.resource_type?.startsWith('transit-gateway');
  if (!isPlainId(scope.id)) return [];
  if (scope.level === 'vpc' && !isTransit) return [`vpc_id = ${quoted(scope.id)}`];
  if (scope.level !== 'resource' || finding.resource_type === undefined) return [];
  return [`${COLUMNS[finding.resource_type]} = ${quoted(scope.id)}`];
}

/** The port stands at either end: for a reply it is the source's. */
function service({ subject: { service: asked } }: Facts): string[] {
  if (asked === undefined) return [];
  const protocol = `protocol = ${asked.protocol}`;
  return asked.port === 0 ? [protocol] : [protocol, `${asked.port} IN (srcport, dstport)`];
}
