import { expect, test } from 'vitest';
import { TABLES } from '../../athena/tables.ts';
import { TRANSIT_GATEWAY_FIELDS, VPC_FIELDS } from '../../shared/flow-log/fields.ts';
import { objectKey } from '../../shared/lake/layout.ts';
import { recordsKey } from '../../shared/lake/partition.ts';

const table = (name: string) => TABLES.find((candidate) => candidate.name === name);

test('record tables have the columns of the field catalogue, in its order', () => {
  expect(table('flow_logs')?.columns.map(({ name, type }) => [name, type])).toEqual(
    VPC_FIELDS.map(({ column, type }) => [column, type]),
  );
  expect(table('transit_gateway_flow_logs')?.columns).toHaveLength(TRANSIT_GATEWAY_FIELDS.length);
});

test('no column has the name of a partition or of another column', () => {
  for (const { name, columns, partitions } of TABLES) {
    const names = [...columns, ...partitions].map((column) => column.name);
    expect([name, names]).toEqual([name, [...new Set(names)]]);
  }
});

test('the keys that ingest writes lie in the partitions and have the suffixes of their tables', () => {
  const partition = { accountId: '123456789010', region: 'eu-west-1', hour: 497_000 };
  const keys = {
    flow_logs: recordsKey('vpc', partition, 'id', 'zstd'),
    transit_gateway_flow_logs: recordsKey('transit-gateway', partition, 'id', 'gzip'),
    quarantine: objectKey('quarantine', 1_795_150_800, 'id'),
    findings: objectKey('findings', 1_795_150_800, 'id'),
    receipts: objectKey('receipts', 1_795_150_800, 'id'),
    alerts: objectKey('alerts', 1_795_150_800, 'id'),
  };
  expect(TABLES.map(({ name }) => name).sort()).toEqual(Object.keys(keys).sort());
  for (const { name, prefix, partitions, suffixes } of TABLES) {
    const folders = partitions.map((column) => `${column.name}=[^/]+/`).join('');
    const endings = suffixes.map((suffix) => suffix.replaceAll('.', '\\.')).join('|');
    expect(keys[name]).toMatch(new RegExp(`^${prefix}${folders}id(${endings})$`));
  }
});
