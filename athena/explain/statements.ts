/** The SQL that fetches the evidence of `explain`, in what Athena and DuckDB share. */

import type { FlowRow, Interval, TransitRow } from '../../shared/explain/observation.ts';
import { quoted } from '../sql-text.ts';
import { timeRangePredicate } from '../time-range.ts';
import { FLOW_LOG_ID } from '../view-expressions.ts';

/** Which partitions to read; an empty list is no restriction. */
export interface Scope {
  readonly accounts: readonly string[];
  readonly regions: readonly string[];
}

/** What people call an end by, in the text that records have. */
export interface EndNames {
  readonly addresses: readonly string[];
  /** CIDR. */
  readonly networks: readonly string[];
  readonly interfaceIds: readonly string[];
  readonly instanceIds: readonly string[];
}

/** The traffic of a question, whose ends are known by now. */
export interface Traffic {
  readonly source: TrafficEnd;
  readonly destination: TrafficEnd;
  readonly protocol: number;
  readonly port: number | undefined;
}

export interface TrafficEnd {
  readonly addresses: readonly string[];
  readonly networks: readonly string[];
  readonly interfaceIds: readonly string[];
}

/** The columns of a record that the verdict needs, and `part`: `between` the ends, `other` clients, or a `gap`. */
export const ROW_COLUMNS = [
  ...['interface_id', 'resource_id', 'interface_type', 'vpc_id', 'subnet_id', 'az_id'],
  ...['srcaddr', 'dstaddr', 'pkt_srcaddr', 'pkt_dstaddr', 'srcport', 'dstport', 'protocol'],
  ...['packets', 'bytes', 'start', 'end', 'action', 'log_status', 'tcp_flags', 'flow_direction'],
  ...['traffic_path', 'reject_reason', 'next_hop_interface_type'],
] as const satisfies readonly (keyof FlowRow)[];

const TRANSIT_COLUMNS = [
  ...['srcaddr', 'dstaddr', 'srcport', 'dstport', 'protocol', 'start', 'end', 'packets'],
  ...['packets_lost_no_route', 'packets_lost_blackhole'],
  ...['packets_lost_mtu_exceeded', 'packets_lost_ttl_expired'],
  ...['tgw_id', 'tgw_attachment_id', 'tgw_pair_attachment_id', 'tgw_src_vpc_id', 'tgw_dst_vpc_id'],
] as const satisfies readonly (keyof TransitRow)[];

/** Most records of each part that are fetched. One more is asked for, to see that there are more. */
export const MOST_ROWS = 20_000;
/** Most interfaces that a survey lists: those of a large network. */
export const MOST_INTERFACES = 5_000;

const FROM = 'coalesce(pkt_srcaddr, srcaddr)';
const TO = 'coalesce(pkt_dstaddr, dstaddr)';

/**
 * What is known of the interfaces that any of these names may mean, one row for each interface and flow log: where it
 * is, which addresses are its own, which actions the flow log holds on any of its interfaces, and up to when it has
 * records. `directed` and `shared` are addresses with blanks between: those that records with flow-direction call the
 * interface's own, and those that all its records of a family have. `carried`: named addresses of which it has records
 * although they are not its own.
 *
 * @param range what is read, Unix seconds; `window` what was asked about: an interface may have records in the one only
 */
export function surveyStatement(names: EndNames, range: Interval, window: Interval, scope: Scope): string {
  const isNamed = (column: string) =>
    anyOf(isIn(column, names.addresses), ...names.networks.map((each) => isWithin(column, each)));
  return `WITH recorded AS (
  SELECT
    aws_account_id,
    aws_region,
    interface_id,
    coalesce(${FLOW_LOG_ID.replace('object_path', '"$path"')}, interface_id) AS flow_log,
    strpos(srcaddr, ':') > 0 AS is_ipv6,
    srcaddr,
    dstaddr,
    flow_direction,
    action,
    max(vpc_id) AS vpc_id,
    max(subnet_id) AS subnet_id,
    max(az_id) AS az_id,
    max(instance_id) AS instance_id,
    max(interface_type) AS interface_type,
    min(start) AS first,
    max("end") AS last,
    max("end" - start) AS longest,
    bool_or(coalesce("end" >= ${window.start} AND start <= ${window.end}, true)) AS in_window,
    max(CASE WHEN pkt_srcaddr <> srcaddr AND ${isIn('pkt_srcaddr', names.addresses)} THEN pkt_srcaddr END) AS carried_source,
    max(CASE WHEN pkt_dstaddr <> dstaddr AND ${isIn('pkt_dstaddr', names.addresses)} THEN pkt_dstaddr END) AS carried_destination
  FROM flow_logs
  WHERE ${within(range, scope)}
    AND interface_id IS NOT NULL
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
),
sampled AS (
  SELECT
    *,
    CASE flow_direction WHEN 'egress' THEN srcaddr WHEN 'ingress' THEN dstaddr END AS directed,
    first_value(srcaddr) OVER (PARTITION BY interface_id, is_ipv6 ORDER BY srcaddr, dstaddr) AS some_source,
    first_value(dstaddr) OVER (PARTITION BY interface_id, is_ipv6 ORDER BY srcaddr, dstaddr) AS some_destination,
    bool_or(action = 'ACCEPT') OVER (PARTITION BY flow_log) AS log_accepts,
    bool_or(action = 'REJECT') OVER (PARTITION BY flow_log) AS log_rejects,
    min(first) OVER (PARTITION BY flow_log) AS log_first,
    max(last) OVER (PARTITION BY flow_log) AS log_last,
    max(longest) OVER (PARTITION BY flow_log) AS log_longest
  FROM recorded
),
compared AS (
  SELECT
    *,
    bool_and(some_source IN (srcaddr, dstaddr)) OVER (PARTITION BY interface_id, is_ipv6) AS shares_source,
    bool_and(some_destination IN (srcaddr, dstaddr)) OVER (PARTITION BY interface_id, is_ipv6) AS shares_destination
  FROM sampled
),
named AS (
  SELECT
    *,
    bool_or(
      ${anyOf(
        isNamed('directed'),
        `shares_source AND ${isNamed('some_source')}`,
        `shares_destination AND ${isNamed('some_destination')}`,
        isIn('interface_id', names.interfaceIds),
        isIn('instance_id', names.instanceIds),
        'carried_source IS NOT NULL',
        'carried_destination IS NOT NULL',
      )}
    ) OVER (PARTITION BY interface_id) AS is_named
  FROM compared
)
SELECT
  aws_account_id,
  aws_region,
  interface_id,
  flow_log,
  max(vpc_id) AS vpc_id,
  max(subnet_id) AS subnet_id,
  max(az_id) AS az_id,
  max(instance_id) AS instance_id,
  max(interface_type) AS interface_type,
  bool_or(log_accepts) AS log_accepts,
  bool_or(log_rejects) AS log_rejects,
  max(last) AS last,
  min(log_first) AS log_first,
  max(log_last) AS log_last,
  max(log_longest) AS longest,
  bool_or(in_window) AS in_window,
  array_join(array_agg(DISTINCT directed) FILTER (WHERE directed IS NOT NULL), ' ') AS directed,
  array_join(array_agg(DISTINCT some_source) FILTER (WHERE shares_source), ' ') AS shared_source,
  array_join(array_agg(DISTINCT some_destination) FILTER (WHERE shares_destination), ' ') AS shared_destination,
  array_join(array_agg(DISTINCT carried_source) FILTER (WHERE carried_source IS NOT NULL), ' ') AS carried_source,
  array_join(array_agg(DISTINCT carried_destination) FILTER (WHERE carried_destination IS NOT NULL), ' ') AS carried_destination
FROM named
WHERE is_named
GROUP BY 1, 2, 3, 4
ORDER BY interface_id, flow_log
LIMIT ${MOST_INTERFACES + 1}`;
}

/**
 * The records of the traffic: those between the two ends wherever they were made (`part` is `between`), those of other
 * clients of the destination, whose addresses may be translated ones (`other`), and where AWS lost records of an end's
 * interfaces (`gap`). Of each part at most MOST_ROWS + 1. Records of one pair of ports stand together.
 */
export function rowsStatement(traffic: Traffic, range: Interval, scope: Scope): string {
  const { source, destination, protocol, port } = traffic;
  const between = anyOf(
    allOf(isAtEnd(FROM, source), isAtEnd(TO, destination)),
    allOf(isAtEnd(FROM, destination), isAtEnd(TO, source)),
  );
  const atDestination = allOf(
    isIn('interface_id', destination.interfaceIds),
    isAtEnd('dstaddr', destination),
    ...(port === undefined ? [] : [`dstport = ${port}`]),
  );
  const ends = [...source.interfaceIds, ...destination.interfaceIds];
  return `WITH told AS (
  SELECT
    ${ROW_COLUMNS.map(quotedName).join(', ')},
    CASE
      WHEN log_status = 'SKIPDATA' THEN 'gap'
      WHEN ${between} THEN 'between'
      ELSE 'other'
    END AS part
  FROM flow_logs
  WHERE ${within(range, scope)}
    AND (
      (log_status = 'SKIPDATA' AND ${isIn('interface_id', ends)})
      OR (
        protocol = ${protocol}
        AND ${hasPort(port)}
        AND (${between} OR ${atDestination})
      )
    )
),
numbered AS (
  SELECT
    *,
    row_number() OVER (
      PARTITION BY part ORDER BY greatest(srcport, dstport), least(srcport, dstport), start, "end", interface_id
    ) AS nth
  FROM told
)
SELECT ${ROW_COLUMNS.map(quotedName).join(', ')}, part
FROM numbered
WHERE nth <= ${MOST_ROWS + 1}
ORDER BY part, nth`;
}

/** The transit gateways' records of the traffic, in both directions; at most MOST_ROWS, those with losses first. */
export function transitStatement(traffic: Traffic, range: Interval, { regions }: Scope): string {
  const { source, destination, protocol, port } = traffic;
  const lost = TRANSIT_COLUMNS.filter((column) => column.startsWith('packets_lost_'));
  // The account is that of the transit gateway, not those of the ends.
  return `SELECT ${TRANSIT_COLUMNS.map(quotedName).join(', ')}
FROM transit_gateway_flow_logs
WHERE ${within(range, { accounts: [], regions })}
  AND protocol = ${protocol}
  AND ${hasPort(port)}
  AND (
    ${allOf(isAtEnd('srcaddr', source), isAtEnd('dstaddr', destination))}
    OR ${allOf(isAtEnd('srcaddr', destination), isAtEnd('dstaddr', source))}
  )
ORDER BY ${lost.map((column) => `coalesce(${column}, 0)`).join(' + ')} DESC, start
LIMIT ${MOST_ROWS}`;
}

/**
 * What NAT gateways exchanged with the destination on their outside, where the packets have their own address. One row
 * for each gateway, direction and action.
 */
export function outsideOfNatStatement(
  natIds: readonly string[],
  { destination, protocol, port }: Traffic,
  range: Interval,
  scope: Scope,
): string {
  return `SELECT
  coalesce(interface_id, resource_id) AS gateway,
  ${isAtEnd('dstaddr', destination)} AS leaves,
  action,
  count(*) AS records,
  min(start) AS first,
  max("end") AS last
FROM flow_logs
WHERE ${within(range, scope)}
  AND ${isIn('coalesce(interface_id, resource_id)', natIds)}
  AND protocol = ${protocol}
  AND ${hasPort(port)}
  AND srcaddr = ${FROM}
  AND dstaddr = ${TO}
  AND (${isAtEnd('srcaddr', destination)} OR ${isAtEnd('dstaddr', destination)})
  AND action IS NOT NULL
GROUP BY 1, 2, 3
ORDER BY 1, 2 DESC, 3
LIMIT 100`;
}

/** Up to when the lake has anything, by the small table of receipts of the last 90 days: one row `last`, Unix seconds. */
export function newestStatement(now: number): string {
  const firstDay = new Date((now - 90 * 86_400) * 1000).toISOString().slice(0, 10);
  return `SELECT max(last_time) AS last FROM receipts WHERE day >= '${firstDay}'`;
}

function within({ start, end }: Interval, { accounts, regions }: Scope): string {
  return [
    // The range's own end is exclusive.
    timeRangePredicate({ since: start, until: end + 1 }),
    ...(accounts.length === 0 ? [] : [isIn('aws_account_id', accounts)]),
    ...(regions.length === 0 ? [] : [isIn('aws_region', regions)]),
  ].join('\n    AND ');
}

function hasPort(port: number | undefined): string {
  return port === undefined ? 'true' : `(srcport = ${port} OR dstport = ${port})`;
}

function isAtEnd(column: string, { addresses, networks }: TrafficEnd): string {
  return anyOf(isIn(column, addresses), ...networks.map((each) => isWithin(column, each)));
}

function isIn(column: string, values: readonly string[]): string {
  return values.length === 0 ? 'false' : `coalesce(${column} IN (${values.map(quoted).join(', ')}), false)`;
}

function isWithin(column: string, network: string): string {
  return `coalesce(contains(${quoted(network)}, TRY_CAST(${column} AS ipaddress)), false)`;
}

function anyOf(...conditions: readonly string[]): string {
  const possible = conditions.filter((each) => each !== 'false');
  if (possible.length === 0) return 'false';
  return possible.length === 1 ? possible[0]! : `(${possible.join(' OR ')})`;
}

function allOf(...conditions: readonly string[]): string {
  return conditions.includes('false') ? 'false' : `(${conditions.join(' AND ')})`;
}

function quotedName(column: string): string {
  return column === 'end' ? '"end"' : column;
}
