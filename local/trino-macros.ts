/**
 * Where Athena's SQL (Trino) and DuckDB's differ, and what makes DuckDB understand the saved queries. Everything else
 * that the queries use, both engines have under one name.
 *
 * A macro cannot take FILTER or DISTINCT: write `approx_distinct(CASE WHEN … THEN x END)`, which both engines run.
 * Known differences that stay: division by zero is NULL here and an error in Athena; sums beyond 64 bits are exact here
 * and an error in Athena; `SELECT *` over a table shows its column "$path", which Athena hides.
 */
interface TrinoMacro {
  /** Name and parameters, as in the CREATE statement. */
  readonly signature: string;
  readonly body: string;
  readonly why: string;
}

/** In the order in which they have to be created. */
export const TRINO_MACROS: readonly TrinoMacro[] = [
  {
    signature: 'from_unixtime(seconds)',
    body: 'to_timestamp(seconds)',
    why: 'other name; both give a timestamp with time zone',
  },
  { signature: 'to_unixtime(moment)', body: 'epoch(moment)', why: 'other name' },
  {
    signature: 'date_add(unit, amount, moment)',
    body: `moment + amount * CASE unit
      WHEN 'second' THEN INTERVAL 1 SECOND
      WHEN 'minute' THEN INTERVAL 1 MINUTE
      WHEN 'hour' THEN INTERVAL 1 HOUR
      WHEN 'day' THEN INTERVAL 1 DAY
      WHEN 'week' THEN INTERVAL 7 DAY
      WHEN 'month' THEN INTERVAL 1 MONTH
      ELSE error('date_add takes the units second, minute, hour, day, week and month here') END`,
    why: "DuckDB's date_add takes a moment and an interval",
  },
  {
    signature: 'date_format(moment, format)',
    // %M first: it is the month's name in Trino's notation (MySQL's), and minutes in DuckDB's.
    body: "strftime(moment, replace(replace(replace(replace(format, '%M', '%B'), '%i', '%M'), '%s', '%S'), '%T', '%H:%M:%S'))",
    why: 'other name and notation',
  },
  { signature: 'approx_distinct(x)', body: 'count(DISTINCT x)', why: 'other name; exact is affordable here' },
  {
    signature: 'approx_percentile(x, share)',
    body: 'quantile_disc(x, share)',
    why: 'other name; exact, and of the type of x as in Trino',
  },
  { signature: 'bitwise_and(a, b)', body: 'a & b', why: 'an operator in DuckDB' },
  { signature: 'bitwise_or(a, b)', body: 'a | b', why: 'an operator in DuckDB' },
  { signature: 'regexp_like(text, pattern)', body: 'regexp_matches(text, pattern)', why: 'other name' },
  {
    signature: 'regexp_extract(text, pattern, part)',
    body: 'regexp_extract_all(text, pattern, part)[1]',
    why: "DuckDB's gives an empty text where nothing matches, Trino's NULL",
  },
  { signature: 'cardinality(list)', body: 'len(list)', why: "DuckDB's takes maps only" },
  {
    signature: 'element_at(list, place)',
    body: 'list_extract(list, place)',
    why: "DuckDB's takes maps only",
  },
  {
    signature: 'slice(list, first, length)',
    body: 'list_slice(list, first, first + length - 1)',
    why: "DuckDB's takes the last position instead of the length",
  },
  { signature: 'array_join(list, separator)', body: 'array_to_string(list, separator)', why: 'other name' },
  {
    signature: 'ipv6_groups(address)',
    body: "list_filter(string_split(address, ':'), lambda part: part <> '')",
    why: 'part of ip_number',
  },
  {
    signature: 'ip_number(address)',
    body: `CASE WHEN strpos(address, ':') = 0 THEN
        TRY_CAST(split_part(address, '.', 1) AS UHUGEINT) * 16777216
        + TRY_CAST(split_part(address, '.', 2) AS UHUGEINT) * 65536
        + TRY_CAST(split_part(address, '.', 3) AS UHUGEINT) * 256
        + TRY_CAST(split_part(address, '.', 4) AS UHUGEINT)
      ELSE list_reduce(
        list_transform(
          ipv6_groups(split_part(address, '::', 1))
          || list_resize([]::VARCHAR[], CASE WHEN strpos(address, '::') > 0
               THEN greatest(8 - len(ipv6_groups(address)), 0) ELSE 0 END, '0')
          || ipv6_groups(split_part(address, '::', 2)),
          lambda part: TRY_CAST(TRY_CAST('0x' || part AS UINTEGER) AS UHUGEINT)),
        lambda number, part: number * 65536 + part,
        -- A start, because an empty list is an error otherwise.
        CAST(0 AS UHUGEINT))
      END`,
    why: 'part of contains: DuckDB cannot load its type for addresses without the network',
  },
  {
    signature: 'network_bits(address, network)',
    // The family's width less the prefix is how many low bits the network leaves free.
    body: `ip_number(address) >> CAST(
      CASE WHEN strpos(network, ':') > 0 THEN 128 ELSE 32 END - CAST(split_part(network, '/', 2) AS INTEGER)
      AS UHUGEINT)`,
    why: 'part of contains',
  },
  {
    signature: 'contains(network VARCHAR, address VARCHAR)',
    body: `(strpos(network, ':') > 0) = (strpos(address, ':') > 0)
      AND network_bits(split_part(network, '/', 1), network) = network_bits(address, network),
      (list, element) AS list_contains(list, element)`,
    why: 'in Trino contains(text, …) asks whether a network has an address, in DuckDB whether a text has another; lists as in DuckDB',
  },
];

/** The statements that teach DuckDB Trino's names, one by one in this order. */
export function trinoStatements(): string[] {
  return [
    // An address stays text, which is enough for contains().
    'CREATE TYPE ipaddress AS VARCHAR',
    ...TRINO_MACROS.map(({ signature, body }) => `CREATE MACRO ${signature} AS ${body}`),
  ];
}
