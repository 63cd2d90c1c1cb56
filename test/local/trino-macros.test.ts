import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { QueryEngine, QueryValue } from '../../athena/query-engine.ts';
import { SHARED_FUNCTIONS } from '../../athena/shared-functions.ts';
import { openLake } from '../../local/duckdb.ts';
import { readTrino } from '../athena/trino-sql.ts';
import { emptyLake, flow, writeRecords } from './lake-fixture.ts';

let lake: Awaited<ReturnType<typeof emptyLake>>;
let engine: QueryEngine;

beforeAll(async () => {
  lake = await emptyLake();
  await writeRecords(lake.folder, [flow({})]);
  engine = await openLake(lake.folder);
});
afterAll(async () => {
  engine.close();
  await lake.remove();
});

async function value(expression: string): Promise<QueryValue | undefined> {
  return (await engine.run(`SELECT CAST(${expression} AS varchar)`)).rows[0]?.[0];
}

/** An aggregate over rows of x and y. */
const over = (rows: string, aggregate: string) => `(SELECT ${aggregate} FROM (VALUES ${rows}) AS t (x, y))`;

/** What a window function gives each row of x and y, by y. */
const each = (rows: string, window: string) =>
  `(SELECT array_join(array_agg(coalesce(CAST(z AS varchar), 'NULL') ORDER BY y), ' ')
    FROM (SELECT y, ${window} AS z FROM (VALUES ${rows}) AS t (x, y)) AS u)`;

const NUMBERS = '(1, 1), (2, 2), (2, 3), (9, 4)';
const WITH_NULL = '(1, 1), (NULL, 2), (1, 3), (NULL, 4)';
const NO_ROWS = '(1, 1)) AS s (x, y) WHERE x > 1';
const none = (aggregate: string) => `(SELECT ${aggregate} FROM (VALUES ${NO_ROWS})`;

/**
 * What Trino answers, by the page of its documentation (trino.io/docs/current) that says so, written by hand. Times look
 * as DuckDB writes them.
 */
const EXAMPLES: Readonly<Record<string, readonly (readonly [string, string | null])[]>> = {
  'functions/aggregate': [
    [over(NUMBERS, 'approx_distinct(x)'), '3'],
    [over('(CAST(NULL AS bigint), 1)', 'approx_distinct(x)'), '0'],
    [over(NUMBERS, 'approx_percentile(x, 0.5)'), '2'],
    [over(WITH_NULL, 'approx_percentile(x, 0.9)'), '1'],
    [over(WITH_NULL, 'cardinality(array_agg(x))'), '4'],
    [over(WITH_NULL, 'cardinality(array_agg(DISTINCT x))'), '2'],
    [over(WITH_NULL, 'cardinality(array_agg(x) FILTER (WHERE x IS NOT NULL))'), '2'],
    [over(NUMBERS, "array_join(array_agg(x ORDER BY y DESC), ' ')"), '9 2 2 1'],
    [none('array_agg(x)'), null],
    [over('(true, 1), (NULL, 2)', 'bool_and(x)'), 'true'],
    [over('(true, 1), (false, 2)', 'bool_and(x)'), 'false'],
    [over('(false, 1), (NULL, 2)', 'bool_or(x)'), 'false'],
    [none('bool_or(x > 1)'), null],
    [over(WITH_NULL, 'count(*)'), '4'],
    [over(WITH_NULL, 'count(x)'), '2'],
    [over(WITH_NULL, 'count(DISTINCT x)'), '1'],
    [over(WITH_NULL, 'count_if(x = 1)'), '2'],
    [none('count_if(x > 1)'), '0'],
    [over(WITH_NULL, 'max(x)'), '1'],
    [over("('a', 1), ('B', 2), ('é', 3)", 'max(x)'), 'é'],
    [over("('a', 1), ('B', 2), ('10', 3), ('9', 4)", 'min(x)'), '10'],
    [none('min(x)'), null],
    [over(NUMBERS, 'max_by(x, y)'), '9'],
    [over('(1, 1), (NULL, 2), (3, NULL)', 'max_by(x, y)'), null],
    [over('(NULL, 1), (2, 2), (3, NULL)', 'min_by(x, y)'), null],
    [over('(7, 1), (2, 2)', 'min_by(x, y)'), '7'],
    [over(WITH_NULL, 'sum(x)'), '2'],
    [none('sum(x)'), null],
  ],
  'functions/window': [
    [each(NUMBERS, 'first_value(x) OVER (ORDER BY y DESC)'), '9 9 9 9'],
    [each('(NULL, 1), (2, 2)', 'first_value(x) OVER (ORDER BY y)'), 'NULL NULL'],
    [each(NUMBERS, 'lag(x) OVER (ORDER BY y)'), 'NULL 1 2 2'],
    [each(NUMBERS, 'lead(x) OVER (ORDER BY y)'), '2 2 9 NULL'],
    [each(NUMBERS, 'row_number() OVER (ORDER BY y DESC)'), '4 3 2 1'],
    [each(NUMBERS, 'row_number() OVER (PARTITION BY x ORDER BY y)'), '1 1 2 1'],
    // The frame ends with the row and its peers.
    [each(NUMBERS, 'sum(x) OVER (ORDER BY x)'), '1 5 5 14'],
    [each(NUMBERS, 'count(*) OVER ()'), '4 4 4 4'],
    // Macros are window functions, too.
    [each(NUMBERS, 'count_if(x > 1) OVER (PARTITION BY x)'), '0 2 2 1'],
    [each('(1, 1), (3, 2), (2, 3)', 'max_by(y, x) OVER (ORDER BY y)'), '1 2 2'],
  ],
  'functions/conditional': [
    ['coalesce(NULL, NULL, 2)', '2'],
    ['coalesce(NULL, NULL)', null],
    ['nullif(0, 0)', null],
    ['nullif(1, NULL)', '1'],
  ],
  'functions/comparison': [
    ['greatest(1, 2)', '2'],
    ["greatest('b', 'a')", 'b'],
    ['greatest(1, NULL)', null],
    ['least(2, 1)', '1'],
    ['least(NULL, 1)', null],
    ['NULL BETWEEN 2 AND 4', null],
    ['8 BETWEEN NULL AND 6', 'false'],
    ['NULL IS DISTINCT FROM NULL', 'false'],
    ['1 IS DISTINCT FROM NULL', 'true'],
    ['1 IN (2, NULL)', null],
    ["'a' > 'B'", 'true'],
  ],
  'functions/math': [
    ['abs(-5)', '5'],
    // Of whole numbers a whole number, cut towards zero.
    ['7 / 2', '3'],
    ['-7 / 2', '-3'],
    ['-7 % 3', '-1'],
    ['CAST(7 AS double) / 2', '3.5'],
  ],
  'functions/bitwise': [
    ['bitwise_and(19, 18)', '18'],
    ['bitwise_and(19, NULL)', null],
    ['bitwise_or(19, 25)', '27'],
  ],
  'functions/string': [
    ["concat('a', 'b')", 'ab'],
    ["concat('a', CAST(NULL AS varchar))", null],
    ["concat('a', 'b', 'c')", 'abc'],
    ["concat('a', CAST(NULL AS varchar), 'c')", null],
    ["concat('a', 'b', 'c', 'd')", 'abcd'],
    ["concat(CAST(NULL AS varchar), 'b', 'c', 'd')", null],
    ["'a' || CAST(NULL AS varchar)", null],
    ["concat_ws(' ', 'SYN', NULL, 'ACK')", 'SYN ACK'],
    ["concat_ws(' ', NULL, NULL)", ''],
    ["concat_ws(CAST(NULL AS varchar), 'a')", null],
    ["lpad('db8', 4, '0')", '0db8'],
    ["lpad('20010', 4, '0')", '2001'],
    ["replace('2026-11-20T05:00', 'T', ' ')", '2026-11-20 05:00'],
    ["array_join(split('a,,b', ','), '/')", 'a//b'],
    ["cardinality(split('', ','))", '1'],
    ["split_part('use1-az2', '-', 1)", 'use1'],
    ["split_part('use1-az2', '-', 3)", null],
    ["strpos('nat-1', 'nat-')", '1'],
    ["strpos('eni-1', 'nat-')", '0'],
    ["substr('2026-11-20', 1, 4)", '2026'],
    ["substr('abc', 2, 9)", 'bc'],
    ["substr('abc', -2, 1)", 'b'],
    ["substr('abc', 4, 1)", ''],
  ],
  'functions/regexp': [
    ["regexp_extract('1a 2b 14m', '(\\d+)([a-z]+)', 2)", 'a'],
    ["regexp_extract('1a 2b 14m', '^[a-z]', 0)", null],
    ["regexp_extract('b', '(a)?b', 1)", null],
    ["regexp_like('1a 2b 14m', '\\d+b')", 'true'],
    ["regexp_like('10.0.0.1', '0.0')", 'true'],
    ["regexp_like('eni-123', '^ni-')", 'false'],
  ],
  'functions/datetime': [
    ["date_add('second', 86, TIMESTAMP '2020-03-01 00:00:00')", '2020-03-01 00:01:26'],
    ["date_add('minute', -1, TIMESTAMP '2020-03-01 00:00:00')", '2020-02-29 23:59:00'],
    ["date_add('hour', -6, TIMESTAMP '2026-11-20 05:00:00')", '2026-11-19 23:00:00'],
    ["date_add('week', 1, TIMESTAMP '2026-11-20 05:00:00')", '2026-11-27 05:00:00'],
    ["date_add('month', 3, TIMESTAMP '2026-11-30 00:00:00')", '2027-02-28 00:00:00'],
    ["date_format(TIMESTAMP '2026-11-20 05:06:07', '%Y-%m-%d %H:%i:%s')", '2026-11-20 05:06:07'],
    ["date_format(TIMESTAMP '2026-11-20 05:06:07', '%M %T')", 'November 05:06:07'],
    ["date_format(from_unixtime(0), '%H')", '00'],
    ['from_unixtime(1.5)', '1970-01-01 00:00:01.5+00'],
    ["to_unixtime(TIMESTAMP '2026-11-20 05:00:00')", '1795150800.0'],
  ],
  'functions/array': [
    ["array_join(array_distinct(ARRAY['b', 'a', 'b']), ' ')", 'b a'],
    ['cardinality(array_distinct(ARRAY[1, NULL, NULL]))', '2'],
    ["array_join(ARRAY['a', NULL, 'b'], ' ')", 'a b'],
    ["array_join(array_sort(ARRAY['b', 'a']), ' ')", 'a b'],
    ['element_at(array_sort(ARRAY[3, NULL, 1]), 3)', null],
    ["cardinality(ARRAY['a', NULL])", '2'],
    ['contains(ARRAY[1, 2], 2)', 'true'],
    ["contains(ARRAY['a'], 'b')", 'false'],
    ['contains(ARRAY[1, NULL], 2)', null],
    ['contains(ARRAY[1, NULL], 1)', 'true'],
    ['contains(ARRAY[1], NULL)', null],
    ['element_at(ARRAY[1, 2, 3], -1)', '3'],
    ['element_at(ARRAY[1, 2, 3], 4)', null],
    ["array_join(flatten(ARRAY[ARRAY[1, 2], ARRAY[2]]), ' ')", '1 2 2'],
    ["array_join(slice(ARRAY[1, 2, 3, 4], 2, 2), ' ')", '2 3'],
    ["array_join(slice(ARRAY[1, 2, 3, 4], -3, 2), ' ')", '2 3'],
    ['cardinality(slice(ARRAY[1, 2], 3, 1))', '0'],
    ['cardinality(slice(ARRAY[1, 2], 1, 10))', '2'],
  ],
  'functions/ipaddress': [
    ["contains('10.0.0.0/8', CAST('10.255.255.255' AS ipaddress))", 'true'],
    ["contains('10.0.0.0/8', CAST('11.0.0.0' AS ipaddress))", 'false'],
    ["contains('2001:db8::/32', CAST('2001:db8:ffff::1' AS ipaddress))", 'true'],
    ["contains('0.0.0.0/0', CAST('::1' AS ipaddress))", 'false'],
    ["contains('10.0.0.0/8', TRY_CAST(NULL AS ipaddress))", null],
  ],
  'functions/conversion': [
    ['CAST(6 AS varchar)', '6'],
    ['CAST(true AS varchar)', 'true'],
    ["CAST('2026-11-20 05:00:00' AS timestamp)", '2026-11-20 05:00:00'],
    ["TRY_CAST('x' AS double)", null],
  ],
  'sql/select': [
    // NULLs come last in both directions.
    [`(SELECT x FROM (VALUES ${WITH_NULL}) AS t (x, y) ORDER BY x LIMIT 1)`, '1'],
    [`(SELECT x FROM (VALUES ${WITH_NULL}) AS t (x, y) ORDER BY x DESC LIMIT 1)`, '1'],
    [each(WITH_NULL, 'row_number() OVER (ORDER BY x DESC, y)'), '1 3 2 4'],
    ['(SELECT sum(n) FROM (SELECT 1 AS one) CROSS JOIN UNNEST(ARRAY[1, 2]) AS t (n))', '3'],
  ],
};

describe.each(Object.entries(EXAMPLES))('as in trino.io/docs/current/%s.html', (_, examples) => {
  test.each(examples)('%s is %s', async (expression, expected) => {
    expect(await value(expression)).toBe(expected);
  });
});

test('each shared function has an example, and each example is Trino', () => {
  const readings = Object.values(EXAMPLES)
    .flat()
    .map(([expression]) => readTrino(`SELECT ${expression} AS x`));
  expect(readings.flatMap(({ problems }) => problems).filter(({ text }) => /is no Trino/.test(text))).toEqual(
    [],
  );
  const shown = new Set(readings.flatMap(({ calls }) => [...calls]));
  const calls = SHARED_FUNCTIONS.map(({ name, parameters }) => `${name}/${parameters.length}`);
  expect(calls.filter((call) => !shown.has(call))).toEqual([]);
});

test('a division by zero is NULL, as with the nullif() that Athena needs', async () => {
  expect(await value('1 / 0')).toBeNull();
  expect(await value('1e0 / 0')).toBeNull();
});

test('what is no address is in no network', async () => {
  for (const text of ['', 'x', '10.0.0', '-', ':', 'g::1']) {
    expect([text, await value(`coalesce(contains('10.0.0.0/8', '${text}'), false)`)]).toEqual([
      text,
      'false',
    ]);
    expect([text, await value(`coalesce(contains('2001:db8::/32', '${text}'), false)`)]).toEqual([
      text,
      'false',
    ]);
  }
});

test('contains agrees with ipaddr.js on every network and address', async () => {
  const ipv4 = fc.tuple(fc.ipV4(), fc.ipV4(), fc.nat(32));
  const ipv6 = fc.tuple(fc.ipV6(), fc.ipV6(), fc.nat(128));
  await fc.assert(
    fc.asyncProperty(fc.oneof(ipv4, ipv6), fc.boolean(), async ([a, b, length], same) => {
      const canonical = (text: string) => {
        const parsed = ipaddr.parse(text);
        return parsed instanceof ipaddr.IPv6 ? parsed.toRFC5952String() : parsed.toString();
      };
      const network = canonical(a);
      const address = canonical(same ? a : b);
      const expected = ipaddr
        .parse(address)
        .match(ipaddr.parseCIDR(`${network}/${length}`) as [ipaddr.IPv4, number]);
      expect(await value(`contains('${network}/${length}', '${address}')`)).toBe(String(expected));
    }),
    { numRuns: 300 },
  );
});
