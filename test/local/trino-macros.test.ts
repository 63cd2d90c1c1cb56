import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TRINO_MACROS, trinoStatements } from '../../local/trino-macros.ts';

let instance: DuckDBInstance;
let connection: DuckDBConnection;

beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:');
  connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  for (const statement of trinoStatements()) await connection.run(statement);
});
afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

async function value(expression: string): Promise<string | null> {
  const reader = await connection.runAndReadAll(
    `SELECT CAST(${expression} AS varchar) FROM (VALUES (1), (2), (2), (9)) AS t (x)`,
  );
  return reader.getRows()[0]?.[0] as string | null;
}

// The right answers are those of Trino's documentation.
const EXAMPLES: [string, string | null][] = [
  ['from_unixtime(0)', '1970-01-01 00:00:00+00'],
  ["to_unixtime(TIMESTAMP '2026-11-20 05:00:00')", '1795150800.0'],
  ["date_add('hour', -6, TIMESTAMP '2026-11-20 05:00:00')", '2026-11-19 23:00:00'],
  ["date_add('month', 3, TIMESTAMP '2026-11-30 00:00:00')", '2027-02-28 00:00:00'],
  ["date_format(TIMESTAMP '2026-11-20 05:06:07', '%Y-%m-%d %H:%i:%s')", '2026-11-20 05:06:07'],
  ["date_format(TIMESTAMP '2026-11-20 05:06:07', '%M %T')", 'November 05:06:07'],
  ['approx_distinct(x)', '3'],
  ['approx_percentile(x, 0.5)', '2'],
  ['bitwise_and(19, 18)', '18'],
  ['bitwise_or(1, 18)', '19'],
  ["regexp_like('eni-123', '^eni-')", 'true'],
  ["regexp_like('10.0.0.1', '0.0')", 'true'],
  ["regexp_extract('1a 2b 14m', '(\\d+)([a-z]+)', 2)", 'a'],
  ["regexp_extract('1a 2b 14m', '^[a-z]', 0)", null],
  ["cardinality(ARRAY['a', 'b'])", '2'],
  ['element_at(ARRAY[1, 2, 3], -1)', '3'],
  ['element_at(ARRAY[1, 2, 3], 4)', null],
  ['slice(ARRAY[1, 2, 3, 4], 2, 2)', '[2, 3]'],
  ["array_join(ARRAY[1, 2], ' ')", '1 2'],
  ["contains('10.0.0.0/8', CAST('10.255.255.255' AS ipaddress))", 'true'],
  ["contains('10.0.0.0/8', CAST('11.0.0.0' AS ipaddress))", 'false'],
  ["contains('2001:db8::/32', CAST('2001:db8:ffff::1' AS ipaddress))", 'true'],
  ["contains('0.0.0.0/0', CAST('::1' AS ipaddress))", 'false'],
  ["contains('10.0.0.0/8', TRY_CAST(NULL AS ipaddress))", null],
  ['contains(ARRAY[1, 2], 2)', 'true'],
  ["contains(ARRAY['a'], 'b')", 'false'],
];

test.each(EXAMPLES)('%s is %s', async (expression, expected) => {
  expect(await value(expression)).toBe(expected);
});

test('each macro that queries may use has an example here', () => {
  const names = TRINO_MACROS.filter(({ why }) => !why.startsWith('part of')).map(({ signature }) =>
    signature.replace(/\(.*/, ''),
  );
  const shown = new Set(EXAMPLES.map(([expression]) => expression.replace(/\(.*/s, '')));
  expect(names.filter((name) => !shown.has(name))).toEqual([]);
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
