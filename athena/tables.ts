/**
 * The tables of the lake, as data: what the catalogue, the table definitions, the local views and the tests of the
 * saved queries are derived from. Columns of flow logs come from the field catalogue.
 */

import { ALERT_COLUMNS } from '../shared/alerts/alert-columns.ts';
import { FINDING_COLUMNS } from '../shared/findings/finding-columns.ts';
import { type FlowLogKind, fieldsOf } from '../shared/flow-log/fields.ts';
import { type ObjectTable, RECORD_TABLES } from '../shared/lake/layout.ts';
import { RECEIPT_COLUMNS } from '../shared/lake/receipt-columns.ts';

/** A column with its Athena type, in the notation of Athena's table definitions: `bigint`, `array<struct<a:string>>`. */
export interface TableColumn {
  readonly name: string;
  readonly type: string;
  readonly description: string;
}

export type TableName = (typeof RECORD_TABLES)[FlowLogKind] | ObjectTable;

export interface Table {
  readonly name: TableName;
  /** The folder of the lake that holds the table's objects, with its slash. */
  readonly prefix: string;
  readonly columns: readonly TableColumn[];
  /** The folders below the prefix, outermost first. */
  readonly partitions: readonly TableColumn[];
  /** How the names of the table's objects end. Athena and DuckDB pick the codec by it. */
  readonly suffixes: readonly string[];
}

const DAY: TableColumn = { name: 'day', type: 'string', description: 'UTC day, 2026-11-20' };

const RECORD_PARTITIONS: readonly TableColumn[] = [
  { name: 'aws_account_id', type: 'string', description: 'Account that delivered the log, or unknown' },
  { name: 'aws_region', type: 'string', description: 'Region that delivered the log, or unknown' },
  DAY,
  { name: 'hour', type: 'string', description: 'UTC hour, 00 to 23' },
];

const QUARANTINE_COLUMNS: readonly TableColumn[] = [
  { name: 'source', type: 'string', description: 'Object that held the line' },
  { name: 'line_number', type: 'bigint', description: 'Number of the line in the object, from 1' },
  { name: 'offset', type: 'bigint', description: 'First byte of the line in the inflated object, from 0' },
  { name: 'reason', type: 'string', description: 'Why the line is no record' },
  { name: 'line_bytes', type: 'bigint', description: 'Length of the line in bytes' },
  { name: 'line', type: 'string', description: 'The first 4 KiB of the line, bad bytes as U+FFFD' },
];

function recordTable(kind: FlowLogKind): Table {
  return {
    name: RECORD_TABLES[kind],
    prefix: `${RECORD_TABLES[kind]}/`,
    columns: fieldsOf(kind).map(({ column, type, description }) => ({ name: column, type, description })),
    partitions: RECORD_PARTITIONS,
    suffixes: ['.json.zst', '.json.gz'],
  };
}

function objectTable(name: ObjectTable, columns: readonly TableColumn[]): Table {
  return { name, prefix: `${name}/`, columns, partitions: [DAY], suffixes: ['.json'] };
}

/** Every table of the lake. */
export const TABLES: readonly Table[] = [
  recordTable('vpc'),
  recordTable('transit-gateway'),
  objectTable('quarantine', QUARANTINE_COLUMNS),
  objectTable('findings', FINDING_COLUMNS),
  objectTable('receipts', RECEIPT_COLUMNS),
  objectTable('alerts', ALERT_COLUMNS),
];
