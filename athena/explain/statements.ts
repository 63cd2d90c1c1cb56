/** The SQL that fetches the evidence of `explain`, in what Athena and DuckDB share. */

import type { FlowRow, Interval, TransitRow } from '../../shared/explain/observation.ts';
import { protocolsOf } from '../../shared/explain/sighting.ts';
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
  /** Those outside of its networks. */
  readonly addresses: readonly string[];
  readonly networks: readonly string[];
  readonly interfaceIds: readonly string[];
}

/** The columns of a record that the verdict needs. */
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
/** Most interfaces that a survey lists, each once for every flow log that records it: those of a large network. */
export const MOST_INTERFACES = 5_000;
/** Most stretches of logs that are fetched: one for each interface and flow log where nothing is missing. */
export const MOST_STRETCHES = 20_000;
/** What Athena takes: "Service Quotas" (Amazon Athena User Guide), query string length in bytes. */
export const LONGEST_STATEMENT = 262_144;

/** Records are of ten minutes at most: "Flow log basics" (Amazon VPC User Guide), aggregation interval. */
const LONGEST_RECORD = 600;
/**
 * Without any record for longer than this, an object of the log is missing: AWS writes one of about five minutes, or of
 * an interval where that is longer, and NODATA for interfaces that were idle in an interval.
 */
const LONGEST_SILENCE = 240;
const LONGEST_SILENCE_OF_LONG_INTERVALS = 540;
/** A log whose records are all shorter has intervals of one minute. */
const LONG_INTERVAL = 120;

/** What tells the flow logs of an interface apart. */
const FLOW_LOG = `coalesce(${FLOW_LOG_ID.replace('object_path', '"$path"')}, interface_id)`;
const FROM = 'coalesce(pkt_srcaddr, srcaddr)';
const TO = 'coalesce(pkt_dstaddr, dstaddr)';

/**
 * What is known of the interfaces that any of these names may mean, one row for each interface and flow log: where it
 * is, which addresses are its own, and which actions the flow log holds on any of its interfaces. `directed` and `shared` are addresses with blanks between: those that records with flow-direction call the
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
    ${FLOW_LOG} AS flow_log,
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
    bool_or(coalesce("end" >= ${window.start} AND start <= ${window.end}, true)) AS in_window,
    bool_and(srcaddr IS NULL OR (pkt_srcaddr IS NOT NULL AND pkt_dstaddr IS NOT NULL)) AS shows_ends,
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
    bool_or(action = 'REJECT') OVER (PARTITION BY flow_log) AS log_rejects
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
  bool_or(in_window) AS in_window,
  bool_and(shows_ends) AS shows_ends,
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
 * From when to when the logs of interfaces have records, be they NODATA: one row for each stretch without a gap, with
 * `first` and `last` in Unix seconds, and one for each minute in which records begin that AWS lost. Records without times
 * have a row of their own, with NULL. At most MOST_STRETCHES + 1 rows.
 */
export function stretchesStatement(interfaceIds: readonly string[], range: Interval, scope: Scope): string {
  const ofLog = 'PARTITION BY interface_id, flow_log, is_lost';
  return `WITH minutes AS (
  SELECT
    interface_id,
    ${FLOW_LOG} AS flow_log,
    coalesce(log_status = 'SKIPDATA', action IS NULL) AS is_lost,
    coalesce(start, "end") / 60 AS minute,
    min(coalesce(start, "end")) AS first,
    max(coalesce("end", start)) AS last,
    max("end" - start) AS longest
  FROM flow_logs
  WHERE ${within(range, scope)}
    AND ${isIn('interface_id', interfaceIds)}
  GROUP BY 1, 2, 3, 4
),
running AS (
  SELECT
    *,
    max(last) OVER (${ofLog} ORDER BY minute) AS latest,
    max(longest) OVER (PARTITION BY interface_id, flow_log) AS longest_of_log
  FROM minutes
),
spaced AS (
  SELECT
    *,
    first - lag(latest) OVER (${ofLog} ORDER BY minute) AS silence
  FROM running
),
stretched AS (
  SELECT
    *,
    sum(
      CASE
        WHEN is_lost THEN 1
        WHEN silence <= ${LONGEST_SILENCE} THEN 0
        WHEN longest_of_log > ${LONG_INTERVAL} AND silence <= ${LONGEST_SILENCE_OF_LONG_INTERVALS} THEN 0
        ELSE 1
      END
    ) OVER (${ofLog} ORDER BY minute) AS stretch
  FROM spaced
)
SELECT interface_id, flow_log, is_lost, stretch, min(first) AS first, max(last) AS last
FROM stretched
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 3, 4
LIMIT ${MOST_STRETCHES + 1}`;
}

/**
 * The records of the traffic: those between the two ends wherever they were made (`part` is `between`), and those of
 * other clients of the destination, whose addresses may be translated ones (`other`). Of each part at most MOST_ROWS + 1,
 * the newest first; what ends after `delivered` (Unix seconds) comes last.
 */
export function rowsStatement(
  { source, destination, protocol, port }: Traffic,
  range: Interval,
  delivered: number,
  scope: Scope,
): string {
  const atDestination = allOf(
    isIn('interface_id', destination.interfaceIds),
    'to_destination',
    ...(port === undefined ? [] : [`dstport = ${port}`]),
  );
  return `WITH traffic AS (
  SELECT
    ${ROW_COLUMNS.map(quotedName).join(', ')},
    coalesce("end", start) AS last,
    ${isAtEnd('dstaddr', destination)} AS to_destination,
    ${anyOf(
      allOf(isAtEnd(FROM, source), isAtEnd(TO, destination)),
      allOf(isAtEnd(FROM, destination), isAtEnd(TO, source)),
    )} AS is_between
  FROM flow_logs
  WHERE ${within(range, scope)}
    AND ${isOf(protocol)}
    AND ${hasPort(port)}
),
numbered AS (
  SELECT
    *,
    CASE WHEN is_between THEN 'between' ELSE 'other' END AS part,
    row_number() OVER (
      PARTITION BY is_between
      ORDER BY CASE WHEN last > ${delivered} THEN 1 ELSE 0 END, coalesce(last, 0) DESC, start, interface_id
    ) AS nth
  FROM traffic
  WHERE ${anyOf('is_between', atDestination)}
)
SELECT ${ROW_COLUMNS.map(quotedName).join(', ')}, part
FROM numbered
WHERE nth <= ${MOST_ROWS + 1}
ORDER BY part, nth`;
}

/** The transit gateways' records of the traffic, in both directions; at most MOST_ROWS + 1, those with losses first. */
export function transitStatement(traffic: Traffic, range: Interval, { regions }: Scope): string {
  const { source, destination, protocol, port } = traffic;
  const lost = TRANSIT_COLUMNS.filter((column) => column.startsWith('packets_lost_'));
  // The account is that of the transit gateway, not those of the ends.
  return `SELECT ${TRANSIT_COLUMNS.map(quotedName).join(', ')}
FROM transit_gateway_flow_logs
WHERE ${within(range, { accounts: [], regions })}
  AND ${isOf(protocol)}
  AND ${hasPort(port)}
  AND (
    ${allOf(isAtEnd('srcaddr', source), isAtEnd('dstaddr', destination))}
    OR ${allOf(isAtEnd('srcaddr', destination), isAtEnd('dstaddr', source))}
  )
ORDER BY ${lost.map((column) => `coalesce(${column}, 0)`).join(' + ')} DESC, start
LIMIT ${MOST_ROWS + 1}`;
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
  AND ${isOf(protocol)}
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

/** Records that overlap the range: they are filed by their start, and some begin before it. */
function within({ start, end }: Interval, { accounts, regions }: Scope): string {
  return [
    // The range's own end is exclusive.
    timeRangePredicate({ since: start - LONGEST_RECORD, until: end + 1 }),
    `coalesce("end", start, ${start}) >= ${start}`,
    ...(accounts.length === 0 ? [] : [isIn('aws_account_id', accounts)]),
    ...(regions.length === 0 ? [] : [isIn('aws_region', regions)]),
  ].join('\n    AND ');
}

function isOf(protocol: number): string {
  return `protocol IN (${protocolsOf(protocol).join(', ')})`;
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
