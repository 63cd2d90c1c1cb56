import { expect, test } from 'vitest';
import { duckdbType } from '../../local/duckdb-type.ts';

test.each([
  ['int', 'INTEGER'],
  ['bigint', 'BIGINT'],
  ['string', 'VARCHAR'],
  ['array<string>', 'VARCHAR[]'],
  ['array<struct<address:string,flows:bigint>>', 'STRUCT("address" VARCHAR, "flows" BIGINT)[]'],
  [
    'struct<a:array<struct<b:int,c:map<string,bigint>>>,d:int>',
    'STRUCT("a" STRUCT("b" INTEGER, "c" MAP(VARCHAR, BIGINT))[], "d" INTEGER)',
  ],
  ['array<array<int>>', 'INTEGER[][]'],
])('%s is %s', (athena, duckdb) => {
  expect(duckdbType(athena)).toBe(duckdb);
});

test('a type that nobody uses is an error that names it', () => {
  expect(() => duckdbType('array<varbinary>')).toThrow(
    'The Athena type "varbinary" has no DuckDB type here.',
  );
});
