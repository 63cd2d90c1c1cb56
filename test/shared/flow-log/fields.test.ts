import { expect, test } from 'vitest';
import {
  columnName,
  DEFAULT_VPC_FORMAT,
  fieldOfColumn,
  fieldsOf,
  TRANSIT_GATEWAY_FIELDS,
  VPC_FIELDS,
} from '../../../shared/flow-log/fields.ts';

test('there are as many fields of each version as AWS documents', () => {
  const byVersion = Map.groupBy(VPC_FIELDS, ({ version }) => version);
  expect(Object.fromEntries([...byVersion].map(([version, fields]) => [version, fields.length]))).toEqual({
    2: 14,
    3: 7,
    4: 4,
    5: 4,
    7: 10,
    8: 1,
    9: 1,
    10: 1,
    11: 12,
  });
  expect(TRANSIT_GATEWAY_FIELDS).toHaveLength(36);
});

test("AWS's default format is the version 2 fields in their order", () => {
  expect(DEFAULT_VPC_FORMAT.join(' ')).toBe(
    'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status',
  );
});

test('names and columns are distinct, and columns are names with underscores', () => {
  for (const kind of ['vpc', 'transit-gateway'] as const) {
    const fields = fieldsOf(kind);
    expect(new Set(fields.map(({ name }) => name)).size).toBe(fields.length);
    for (const field of fields) {
      expect(field.column).toBe(columnName(field.name));
      expect(field.column).toMatch(/^[a-z][a-z0-9_]*$/);
      expect(fieldOfColumn(kind, field.column)).toBe(field);
      expect(field.description).not.toBe('');
    }
  }
  expect(fieldOfColumn('vpc', 'constructor')).toBeUndefined();
});

test('a field that both kinds of flow log have is of the same type in both tables', () => {
  for (const field of TRANSIT_GATEWAY_FIELDS) {
    const other = fieldOfColumn('vpc', field.column);
    if (other !== undefined) expect([field.column, other.type]).toEqual([field.column, field.type]);
  }
});

test('numbers are what AWS delivers as numbers in Parquet', () => {
  const of = (type: string) => VPC_FIELDS.filter((field) => field.type === type).map(({ column }) => column);
  expect(of('int')).toEqual([
    'version',
    'srcport',
    'dstport',
    'protocol',
    'tcp_flags',
    'traffic_path',
    'encryption_status',
  ]);
  expect(of('bigint')).toEqual(['packets', 'bytes', 'start', 'end']);
});
