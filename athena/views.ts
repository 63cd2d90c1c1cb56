/**
 * The views: the record tables with what people type again and again. Deployed by the stack, created over the lake on a
 * laptop, and written to athena/views/ for others.
 */

import type { RecordTable } from '../shared/lake/partition.ts';
import { TABLES, type TableColumn } from './tables.ts';
import {
  addressRangeOf,
  byServingEnd,
  FLOW_LOG_ID,
  ipv6Network56Of,
  KNOWN_FLAGS,
  PATH,
  placeOf,
  placeOfTransit,
  protocolNameOf,
  SERVER_PORT,
  SOURCE_OBJECT,
  serviceNameOf,
  serviceRankOf,
  servingEndOf,
  tcpFlagNamesOf,
  timestampOf,
} from './view-expressions.ts';

export interface View {
  readonly name: string;
  readonly description: string;
  /** All columns of the table, its partitions, then what the view adds; types in the notation of table definitions. */
  readonly columns: readonly TableColumn[];
  /** Those of the columns that the view adds. */
  readonly added: readonly TableColumn[];
  /** The query. It names tables without their database. */
  readonly sql: string;
}

/** A column that a view adds. */
interface AddedColumn extends TableColumn {
  /** What it is computed from, over the table's columns and those of the view's steps. */
  readonly sql: string;
}

/** What both views add. */
const ADDED: readonly AddedColumn[] = [
  {
    name: 'start_time',
    type: 'timestamp',
    description: 'First packet of the interval, UTC',
    sql: timestampOf('start'),
  },
  {
    name: 'end_time',
    type: 'timestamp',
    description: 'Last packet of the interval, UTC',
    sql: timestampOf('"end"'),
  },
  {
    name: 'protocol_name',
    type: 'string',
    description: 'Common name of the protocol, tcp; its number where there is none',
    sql: protocolNameOf('protocol'),
  },
  {
    name: 'tcp_flag_names',
    type: 'string',
    description: 'Names of the TCP flags that are set, SYN ACK',
    sql: tcpFlagNamesOf('flags'),
  },
  {
    name: 'direction',
    type: 'string',
    description: 'ingress or egress; without flow_direction as far as the record itself tells',
    sql: 'direction',
  },
  {
    name: 'path',
    type: 'string',
    description:
      "The connection's: internet-to-subnet, subnet-to-subnet, subnet-to-internet, on-premises, aws-service or unknown",
    sql: PATH,
  },
  {
    name: 'source_address',
    type: 'string',
    description: 'True sender: pkt_srcaddr where the format has it',
    sql: 'source_address',
  },
  {
    name: 'destination_address',
    type: 'string',
    description: 'True receiver: pkt_dstaddr where the format has it',
    sql: 'destination_address',
  },
  {
    name: 'client_address',
    type: 'string',
    description: 'The end that asks, by TCP flags, else by ports; absent where nothing tells',
    sql: byServingEnd('destination_address', 'source_address'),
  },
  {
    name: 'server_address',
    type: 'string',
    description: 'The end that serves',
    sql: byServingEnd('source_address', 'destination_address'),
  },
  { name: 'server_port', type: 'int', description: 'Port of the end that serves', sql: 'server_port' },
  {
    name: 'service',
    type: 'string',
    description: 'The service that usually listens on server_port, https',
    sql: serviceNameOf('server_port'),
  },
  {
    name: 'observed_at',
    type: 'string',
    description:
      "Whose interface recorded the flow: source, target, middle; absent where the record doesn't tell",
    sql: 'observed_at',
  },
  {
    name: 'flow_log_id',
    type: 'string',
    description: 'Flow log that delivered the record',
    sql: FLOW_LOG_ID,
  },
  {
    name: 'source_object',
    type: 'string',
    description: 'Id of the source object, which its receipt, findings and quarantine are named by',
    sql: SOURCE_OBJECT,
  },
];

/** A step of a view: the columns that it adds to those of the step before. */
type Step = Readonly<Record<string, string>>;

/**
 * A view of steps, each a WITH table that is mentioned once. Nothing is filtered, joined or grouped: what a query asks of
 * partition columns reaches the table.
 */
function view(
  name: string,
  table: RecordTable,
  description: string,
  steps: Readonly<Record<string, Step>>,
): View {
  const { columns, partitions } = TABLES.find((candidate) => candidate.name === table)!;
  const own = [...columns, ...partitions];
  const added = ADDED.map(({ sql: _, ...column }) => column);
  const names = Object.keys(steps);
  const withTables = Object.entries(steps).map(([step, computed], index) => {
    const expressions = Object.entries(computed).map(
      ([column, sql]) => `    ${indented(sql, 4)} AS ${column}`,
    );
    return `${step} AS (\n  SELECT\n    *,\n${expressions.join(',\n')}\n  FROM ${names[index - 1] ?? table}\n)`;
  });
  const results = [
    ...own.map((column) => `  ${RESERVED.has(column.name) ? `"${column.name}"` : column.name}`),
    ...ADDED.map(({ name: column, sql }) =>
      sql === column ? `  ${column}` : `  ${indented(sql, 2)} AS ${column}`,
    ),
  ];
  return {
    name,
    description,
    columns: [...own, ...added],
    added,
    sql: `WITH ${withTables.join(',\n')}\nSELECT\n${results.join(',\n')}\nFROM ${names.at(-1)}`,
  };
}

/** Names of columns that Trino reserves. */
const RESERVED = new Set(['end']);

function indented(sql: string, by: number): string {
  return sql.replaceAll('\n', `\n${' '.repeat(by)}`);
}

/** The direction that a record of an interface has where its format does not say. */
const DIRECTION = `CASE
  WHEN flow_direction IS NOT NULL THEN flow_direction
  -- Only what leaves has a route.
  WHEN traffic_path IS NOT NULL THEN 'egress'
  -- What passes through has the interface's own address as its sender on the way out, as its receiver on the way in.
  WHEN pkt_srcaddr <> srcaddr AND pkt_dstaddr = dstaddr THEN 'egress'
  WHEN pkt_dstaddr <> dstaddr AND pkt_srcaddr = srcaddr THEN 'ingress'
  -- An interface's own IPv4 address is private, so of a private and a public one it is clear which is its own. Not so
  -- at a regional NAT gateway, which has no interface, nor for IPv6, whose addresses are public.
  WHEN interface_id IS NULL OR strpos(srcaddr, ':') > 0 THEN NULL
  WHEN source_address <> srcaddr OR destination_address <> dstaddr THEN NULL
  WHEN source_range = 'private' AND destination_range = 'public' THEN 'egress'
  WHEN source_range = 'public' AND destination_range = 'private' THEN 'ingress'
END`;

/** The end of a record that is the recording interface itself. */
const OWN_END = `CASE
  WHEN direction = 'egress' AND source_address = srcaddr THEN 'source'
  WHEN direction = 'ingress' AND destination_address = dstaddr THEN 'destination'
END`;

const OBSERVED_AT = `CASE
  WHEN interface_type IN ('nat_gateway', 'regional_nat_gateway', 'transit_gateway') THEN 'middle'
  -- A regional NAT gateway has no interface.
  WHEN interface_id IS NULL AND resource_id IS NOT NULL THEN 'middle'
  WHEN own_end = 'source' THEN 'source'
  WHEN own_end = 'destination' THEN 'target'
  -- The packet's own address is not the interface's. A public one is elsewhere; a private one may as well be that of a
  -- pod or a second address of the interface.
  WHEN direction = 'egress' AND source_range = 'public' AND strpos(source_address, ':') = 0 THEN 'middle'
  WHEN direction = 'ingress' AND destination_range = 'public' AND strpos(destination_address, ':') = 0
    THEN 'middle'
END`;

/** The steps that both views begin with. */
const ends = (source: string, destination: string): Step => ({
  object_path: '"$path"',
  flags: KNOWN_FLAGS,
  source_address: source,
  destination_address: destination,
  source_rank: serviceRankOf('srcport'),
  destination_rank: serviceRankOf('dstport'),
});
const ranges: Step = {
  source_range: addressRangeOf('source_address'),
  destination_range: addressRangeOf('destination_address'),
};

/** Every view of the lake. */
export const VIEWS: readonly View[] = [
  view(
    'flows',
    'flow_logs',
    'VPC flow logs with names, true ends, client and server, path, and place of observation.',
    {
      ends: ends('coalesce(pkt_srcaddr, srcaddr)', 'coalesce(pkt_dstaddr, dstaddr)'),
      ranges: { ...ranges, serving_end: servingEndOf("action = 'REJECT'") },
      directed: {
        direction: DIRECTION,
        server_port: SERVER_PORT,
        source_56: ipv6Network56Of('source_address'),
        destination_56: ipv6Network56Of('destination_address'),
      },
      owned: { own_end: OWN_END },
      placed: {
        source_place: placeOf('source'),
        destination_place: placeOf('destination'),
        observed_at: OBSERVED_AT,
      },
    },
  ),
  view(
    'transit_flows',
    'transit_gateway_flow_logs',
    'Transit gateway flow logs with names, client and server, and path. All is recorded in the middle of its way.',
    {
      ends: ends('srcaddr', 'dstaddr'),
      ranges: { ...ranges, serving_end: servingEndOf() },
      placed: {
        direction: 'flow_direction',
        server_port: SERVER_PORT,
        source_place: placeOfTransit('source'),
        destination_place: placeOfTransit('destination'),
        observed_at: "CASE WHEN source_address IS NOT NULL THEN 'middle' END",
      },
    },
  ),
];

/** The statement that creates a view, for Athena and for DuckDB, with comments that say what it is. */
export function createViewStatement({ name, description, sql }: View): string {
  return `-- ${description}
-- Rendered by athena/views.ts: change it there.
CREATE OR REPLACE VIEW ${name} AS
${sql}
`;
}
