import { SHARED_FUNCTIONS } from '../athena/shared-functions.ts';

/** What the macros of athena/shared-functions.ts are built from, in the order in which they have to be created. */
const HELPERS = [
  // Trino's type for addresses, which DuckDB cannot load without the network. Text is enough for contains().
  'CREATE TYPE ipaddress AS VARCHAR',
  `CREATE MACRO ipv6_groups(address) AS
    list_filter(string_split(address, ':'), lambda part: part <> '')`,
  `CREATE MACRO ip_number(address) AS
    CASE WHEN strpos(address, ':') = 0 THEN
      TRY_CAST(string_split(address, '.')[1] AS UHUGEINT) * 16777216
      + TRY_CAST(string_split(address, '.')[2] AS UHUGEINT) * 65536
      + TRY_CAST(string_split(address, '.')[3] AS UHUGEINT) * 256
      + TRY_CAST(string_split(address, '.')[4] AS UHUGEINT)
    ELSE list_reduce(
      list_transform(
        ipv6_groups(string_split(address, '::')[1])
        || list_resize([]::VARCHAR[], CASE WHEN strpos(address, '::') > 0
             THEN greatest(8 - len(ipv6_groups(address)), 0) ELSE 0 END, '0')
        || ipv6_groups(coalesce(string_split(address, '::')[2], '')),
        lambda part: TRY_CAST(TRY_CAST('0x' || part AS UINTEGER) AS UHUGEINT)),
      lambda number, part: number * 65536 + part,
      -- A start, because an empty list is an error otherwise.
      CAST(0 AS UHUGEINT))
    END`,
  // The family's width less the prefix is how many low bits the network leaves free.
  `CREATE MACRO network_bits(address, network) AS
    ip_number(address) >> CAST(
      CASE WHEN strpos(network, ':') > 0 THEN 128 ELSE 32 END - CAST(string_split(network, '/')[2] AS INTEGER)
      AS UHUGEINT)`,
] as const;

/** The statements that teach DuckDB Trino's functions, one by one in this order. */
export function trinoStatements(): string[] {
  const macros = Map.groupBy(
    SHARED_FUNCTIONS.filter(({ macro }) => macro !== undefined),
    ({ name }) => name,
  );
  return [
    ...HELPERS,
    ...[...macros].map(([name, overloads]) => {
      const bodies = overloads.map(({ parameters, macro }) => `(${parameters.join(', ')}) AS ${macro}`);
      return `CREATE MACRO ${name} ${bodies.join(', ')}`;
    }),
  ];
}
