/**
 * What the views compute, as SQL that Athena (Trino) and DuckDB both run. The rules and lists are those of the findings:
 * these are their translation, and a test compares the two.
 */

import {
  ACK,
  FIRST_EPHEMERAL,
  FIRST_UNPRIVILEGED,
  SYN,
  TCP,
  WELL_KNOWN_PORTS,
} from '../shared/findings/connection.ts';
import { CUSTOMERS_RANGES, GATEWAY_ENDPOINT_SERVICES } from '../shared/findings/path.ts';
import { PROTOCOL_NAMES, SERVICE_NAMES, TCP_FLAG_NAMES } from '../shared/flow-log/names.ts';
import { quoted } from './sql-text.ts';

const WIDTH = 110;

const END_OF_9999 = 253_402_300_799;

/**
 * Unix seconds as a timestamp in UTC; NULL beyond the year 9999, so that a wild number spoils only itself. Without
 * from_unixtime, whose time zone Athena's views cannot keep, and which not every release of Athena can cast away.
 */
export const timestampOf = (seconds: string) =>
  lines(
    `CASE WHEN ${seconds} BETWEEN 0 AND ${END_OF_9999} THEN`,
    `  date_add('second', ${seconds}, TIMESTAMP '1970-01-01 00:00:00.000')`,
    `END`,
  );

/** The name of a protocol; the number itself where there is no common name. */
export const protocolNameOf = (protocol: string) =>
  namesOf(protocol, PROTOCOL_NAMES, `ELSE CAST(${protocol} AS varchar)`);

/** The name of the service that usually listens on a port, or NULL. */
export const serviceNameOf = (port: string) => namesOf(port, SERVICE_NAMES);

function namesOf(number: string, names: ReadonlyMap<number, string>, otherwise?: string): string {
  const cases = [...names].map(([value, name]) => `WHEN ${value} THEN ${quoted(name)}`);
  return lines(
    `CASE ${number}`,
    wrapped(cases, ' '),
    ...(otherwise === undefined ? [] : [`  ${otherwise}`]),
    'END',
  );
}

/** The names of the flags that are set, `SYN ACK`; an empty text for none of them, NULL where they are unknown. */
export function tcpFlagNamesOf(flags: string): string {
  const names = [...TCP_FLAG_NAMES].map(
    ([bit, name]) => `    CASE WHEN bitwise_and(${flags}, ${bit}) <> 0 THEN ${quoted(name)} END`,
  );
  return lines(
    `CASE WHEN ${flags} IS NOT NULL THEN`,
    `  concat_ws(`,
    `    ' ',`,
    names.join(',\n'),
    `  )`,
    `END`,
  );
}

/** How much a port looks like a service's, as in shared/findings/connection.ts. */
export function serviceRankOf(port: string): string {
  return lines(
    `CASE`,
    `  WHEN ${port} BETWEEN 1 AND ${FIRST_UNPRIVILEGED - 1} THEN 3`,
    `  WHEN ${port} IN (`,
    wrapped(WELL_KNOWN_PORTS.map(String), ', ', '    '),
    `  ) THEN 2`,
    `  WHEN ${port} BETWEEN ${FIRST_UNPRIVILEGED} AND ${FIRST_EPHEMERAL - 1} THEN 1`,
    `  ELSE 0`,
    `END`,
  );
}

/** The flags of TCP; other protocols have none, though AWS writes 0. */
export const KNOWN_FLAGS = `CASE WHEN protocol = ${TCP} THEN tcp_flags END`;

/**
 * The end that serves, `source` or `destination`, over the columns `flags`, `source_rank`, `destination_rank` and the
 * ports. A SYN tells, then the ports; what is refused and tells nothing is mostly a request. NULL where nothing tells, as
 * for an accepted ping.
 *
 * @param isRefused condition on a row; undefined where the log does not tell
 */
export function servingEndOf(isRefused?: string): string {
  return lines(
    `CASE`,
    `  WHEN bitwise_and(flags, ${SYN | ACK}) = ${SYN} THEN 'destination'`,
    `  WHEN bitwise_and(flags, ${SYN | ACK}) = ${SYN | ACK} THEN 'source'`,
    `  WHEN source_rank < destination_rank THEN 'destination'`,
    `  WHEN source_rank > destination_rank THEN 'source'`,
    ...(isRefused === undefined ? [] : [`  WHEN ${isRefused} AND flags IS NULL THEN 'destination'`]),
    `  -- Both ports look alike: the lower one, which is the same for both directions.`,
    `  WHEN dstport < srcport THEN 'destination'`,
    `  WHEN srcport < dstport THEN 'source'`,
    ...(isRefused === undefined ? [] : [`  WHEN ${isRefused} THEN 'destination'`]),
    `END`,
  );
}

/** The range of an address, `private`, `public` or `unknown`, as in shared/findings/address.ts. */
export function addressRangeOf(address: string): string {
  return lines(
    `CASE`,
    `  WHEN regexp_like(`,
    `    ${address},`,
    `    '^(10|127|169\\.254|192\\.168|172\\.(1[6-9]|2[0-9]|3[01])|100\\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])|22[4-9]|2[3-5][0-9])\\.'`,
    `  ) THEN 'private'`,
    `  WHEN regexp_like(${address}, '^[1-9][0-9]*\\.') THEN 'public'`,
    `  WHEN regexp_like(${address}, '^(f[cd][0-9a-f]{2}|fe[89ab][0-9a-f]|ff[0-9a-f]{2}):') THEN 'private'`,
    `  -- Global unicast, and NAT64: an IPv4 host behind a NAT gateway.`,
    `  WHEN regexp_like(${address}, '^([23][0-9a-f]{3}|64:ff9b):') THEN 'public'`,
    `  ELSE 'unknown'`,
    `END`,
  );
}

const GROUP = '[0-9a-f]{1,4}';

/**
 * The /56 of an IPv6 address, which is what a VPC gets from Amazon, as a key; NULL for others. Addresses are as AWS writes
 * them, in lower case, with the longest run of zeros as `::`.
 */
export function ipv6Network56Of(address: string): string {
  return lines(
    `coalesce(`,
    `  regexp_extract(${address}, '^((${GROUP}:){3})', 1) || substr(`,
    `    lpad(coalesce(regexp_extract(${address}, '^(${GROUP}:){3}(${GROUP})', 2), '0'), 4, '0'),`,
    `    1,`,
    `    2`,
    `  ),`,
    `  regexp_extract(${address}, '^(${GROUP}:${GROUP}:):', 1) || '0:00'`,
    `)`,
  );
}

/** Branches of a CASE: the place that AWS's own range name tells. */
const serviceCases = (service: string) => [
  `  WHEN ${service} IN (${[...CUSTOMERS_RANGES].map(quoted).join(', ')})`,
  `    THEN 'internet'`,
  `  WHEN ${service} IS NOT NULL THEN 'aws-service'`,
];

/**
 * The place of an end of a VPC flow, as `placeOf` in shared/findings/path.ts, over the columns `own_end`, `source_range`,
 * `source_56` and their twins. Own is what the record itself tells: the interface's end, and the rest of its IPv6 /56.
 */
export function placeOf(end: 'source' | 'destination'): string {
  const service = end === 'source' ? 'pkt_src_aws_service' : 'pkt_dst_aws_service';
  const gatewayServices = [...GATEWAY_ENDPOINT_SERVICES].map(quoted).join(', ');
  const routes = [
    `  -- The route that the packet left by: see shared/findings/path.ts.`,
    `  WHEN traffic_path = 1 AND strpos(destination_address, ':') > 0 THEN 'inside'`,
    `  WHEN traffic_path = 2 AND ${service} IN (${gatewayServices}) THEN 'aws-service'`,
    `  WHEN traffic_path = 2 THEN 'internet'`,
    `  WHEN traffic_path = 3 THEN 'on-premises'`,
    `  WHEN traffic_path IN (4, 5) THEN 'inside'`,
    `  WHEN traffic_path = 7 THEN 'aws-service'`,
    `  WHEN traffic_path = 8 THEN 'internet'`,
  ];
  return lines(
    `CASE`,
    `  WHEN own_end = ${quoted(end)} THEN 'inside'`,
    `  WHEN own_end IS NOT NULL AND (source_address = destination_address OR source_56 = destination_56)`,
    `    THEN 'inside'`,
    ...(end === 'destination' ? routes : []),
    ...serviceCases(service),
    `  WHEN ${end}_range = 'private' THEN 'inside'`,
    `  WHEN ${end}_range = 'public' THEN 'internet'`,
    `  ELSE 'unknown'`,
    `END`,
  );
}

/** The place of an end of a transit gateway flow, as `placeOfTransit` in shared/findings/path.ts. */
export function placeOfTransit(end: 'source' | 'destination'): string {
  const [service, vpc] =
    end === 'source' ? ['pkt_src_aws_service', 'tgw_src_vpc_id'] : ['pkt_dst_aws_service', 'tgw_dst_vpc_id'];
  const customers = [...CUSTOMERS_RANGES].map(quoted).join(', ');
  return lines(
    `CASE`,
    `  WHEN ${end}_range = 'private' AND ${vpc} IS NULL THEN 'on-premises'`,
    `  WHEN ${end}_range = 'private' THEN 'inside'`,
    `  WHEN ${service} NOT IN (${customers})`,
    `    THEN 'aws-service'`,
    `  WHEN ${vpc} IS NOT NULL AND (${end}_range = 'unknown' OR strpos(${end}_address, ':') > 0) THEN 'inside'`,
    `  WHEN ${end}_range = 'public' THEN 'internet'`,
    `  ELSE 'unknown'`,
    `END`,
  );
}

/**
 * The path of a connection, as `pathOf` in shared/findings/path.ts, over the columns `source_place`, `destination_place`
 * and `serving_end`. Where it is not known which end serves, only what does not depend on it; NULL without a flow.
 */
export const PATH = lines(
  `CASE`,
  `  WHEN source_address IS NULL AND destination_address IS NULL THEN NULL`,
  `  WHEN 'unknown' IN (source_place, destination_place) THEN 'unknown'`,
  `  WHEN 'aws-service' IN (source_place, destination_place) THEN 'aws-service'`,
  `  WHEN 'on-premises' IN (source_place, destination_place) THEN 'on-premises'`,
  `  WHEN source_place = 'inside' AND destination_place = 'inside' THEN 'subnet-to-subnet'`,
  `  WHEN source_place = destination_place OR serving_end IS NULL THEN 'unknown'`,
  `  WHEN (serving_end = 'source') = (source_place = 'internet') THEN 'subnet-to-internet'`,
  `  ELSE 'internet-to-subnet'`,
  `END`,
);

/** A choice by the end that serves; NULL where that is not known. */
export const byServingEnd = (ifSource: string, ifDestination: string) =>
  `CASE serving_end WHEN 'source' THEN ${ifSource} WHEN 'destination' THEN ${ifDestination} END`;

/** The server's port. Between equal ports it is known though the server is not; protocols without ports have none. */
export const SERVER_PORT = lines(
  `nullif(`,
  `  CASE`,
  `    WHEN srcport = dstport THEN dstport`,
  `    ELSE ${byServingEnd('srcport', 'dstport')}`,
  `  END,`,
  `  0`,
  `)`,
);

/** The flow log that delivered the record, by the name of the record's object; NULL for names that are not AWS's. */
export const FLOW_LOG_ID = `regexp_extract(object_path, '-(fl-[0-9a-f]+)-[0-9]{8}T[0-9]{4}Z-[^/]*$', 1)`;

/** What the record's object is called without its ending: the object id (shared/lake/layout.ts). */
export const SOURCE_OBJECT = `regexp_extract(object_path, '([^/]+)\\.json\\.(zst|gz)$', 1)`;

function lines(...parts: readonly string[]): string {
  return parts.join('\n');
}

/** Items one after the other, as many on a line as fit with room to be indented. */
function wrapped(items: readonly string[], separator: string, indent = '  '): string {
  const all: string[] = [];
  for (const [index, item] of items.entries()) {
    const piece = index < items.length - 1 ? `${item}${separator}` : item;
    const last = all.at(-1);
    if (last !== undefined && last.length + piece.length < WIDTH - 10) all[all.length - 1] = last + piece;
    else all.push(`${indent}${piece}`);
  }
  return all.map((line) => line.trimEnd()).join('\n');
}
