import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Parameter, type ParameterType, parameterLiteral } from '../../athena/query-parameters.ts';

function literal(type: ParameterType, text: string): string {
  return parameterLiteral({ name: 'p', type, default: undefined, description: 'a value' }, text);
}

test.each<[ParameterType, string, string]>([
  ['address', '10.0.1.5', "'10.0.1.5'"],
  ['address', ' 10.0.1.5 ', "'10.0.1.5'"],
  ['address', '2001:DB8:0:0::1', "'2001:db8::1'"],
  ['address', '::', "'::'"],
  ['cidr', '10.1.2.3/8', "'10.0.0.0/8'"],
  ['cidr', '0.0.0.0/0', "'0.0.0.0/0'"],
  ['cidr', '10.1.2.3', "'10.1.2.3/32'"],
  ['cidr', '2001:db8:ffff::/32', "'2001:db8::/32'"],
  ['cidr', '2001:db8::1', "'2001:db8::1/128'"],
  ['port', '443', '443'],
  ['port', '0443', '443'],
  ['port', '0', '0'],
  ['day', '2026-11-20', "'2026-11-20'"],
  ['count', '20', '20'],
  ['number', '-0.5', '-0.5'],
  ['text', "O'Brien -- ; {{limit}}", "'O''Brien -- ; {{limit}}'"],
])('a %s takes "%s" and renders %s', (type, text, rendered) => {
  expect(literal(type, text)).toBe(rendered);
});

test.each<[ParameterType, string]>([
  ['address', '10.1'],
  ['address', '0x0a000001'],
  ['address', '010.0.0.1'],
  ['address', '10.0.0.256'],
  ['address', 'fe80::1%eth0'],
  ['address', 'example.org'],
  ['address', "10.0.0.1' OR '1'='1"],
  ['cidr', '10.0.0.0/33'],
  ['cidr', '2001:db8::/129'],
  ['cidr', '10.0.0.0/-1'],
  ['cidr', '/8'],
  ['port', '65536'],
  ['port', '-1'],
  ['port', '22; DROP TABLE flow_logs'],
  ['day', '2026-02-30'],
  ['day', '2026-11-20T00'],
  ['count', '1.5'],
  ['count', '9007199254740993'],
  ['number', '1e9'],
  ['number', '--1'],
  ['number', ''],
  ['text', 'two\nlines'],
  ['text', '\u0000'],
  ['text', 'x'.repeat(1001)],
])('a %s does not take "%s", and the message names the parameter', (type, text) => {
  expect(() => literal(type, text)).toThrow(/^The parameter "p" cannot be ".*": it takes an? /s);
});

test('an address is not spelled one way by chance: every spelling of it renders alike', () => {
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      const once = literal('address', address);
      expect(literal('address', once.slice(1, -1))).toBe(once);
    }),
  );
});

test('any text that is accepted comes back from the database as it was', async () => {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: fc.constantFrom("'", '"', '\\', '-', ';', '{', '}', '%') }),
  );
  await fc.assert(
    fc.asyncProperty(text, async (value) => {
      const reader = await connection.runAndReadAll(`SELECT ${literal('text', value)}`);
      expect(reader.getRows()).toEqual([[value]]);
    }),
  );
  connection.closeSync();
  instance.closeSync();
});

test('a missing value is asked for by name', () => {
  const parameter: Parameter = {
    name: 'source',
    type: 'address',
    default: undefined,
    description: 'one end',
  };
  expect(() => parameterLiteral(parameter, undefined)).toThrow(
    'The parameter "source" (one end) is missing. Add --param source=VALUE; it takes an IPv4 or IPv6 address',
  );
});

test('an optional one without a value is a NULL with a type', () => {
  const optional = (type: ParameterType): Parameter => ({ name: 'p', type, default: null, description: '' });
  expect(parameterLiteral(optional('cidr'), undefined)).toBe('CAST(NULL AS varchar)');
  expect(parameterLiteral(optional('port'), undefined)).toBe('CAST(NULL AS bigint)');
  expect(parameterLiteral(optional('port'), '80')).toBe('80');
});
