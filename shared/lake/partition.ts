import type { FlowLogKind } from '../flow-log/fields.ts';
import { type Compression, RECORD_TABLES, SUFFIX } from './layout.ts';
import { isAccountId, isRegion, UNKNOWN } from './source-key.ts';

export type RecordTable = (typeof RECORD_TABLES)[FlowLogKind];

/** A folder of a record table. Values are what the folder's name says, checked. */
export interface Partition {
  readonly table: RecordTable;
  /** 12 digits or `unknown`. */
  readonly accountId: string;
  /** A Region or `unknown`. */
  readonly region: string;
  /** `2026-11-20` */
  readonly day: string;
  /** `00` to `23` */
  readonly hour: string;
}

/** The partition's folder in the lake, with its slash. */
export function partitionFolder({ table, accountId, region, day, hour }: Partition): string {
  return `${table}/aws_account_id=${accountId}/aws_region=${region}/day=${day}/hour=${hour}/`;
}

/**
 * Where records of one hour go.
 *
 * @param hour hours since 1970, UTC. Account and Region are checked by the caller.
 */
export function recordsKey(
  kind: FlowLogKind,
  { accountId, region, hour }: { accountId: string; region: string; hour: number },
  id: string,
  compression: Compression,
): string {
  const time = new Date(hour * 3_600_000).toISOString();
  const partition = {
    table: RECORD_TABLES[kind],
    accountId,
    region,
    day: time.slice(0, 10),
    hour: time.slice(11, 13),
  };
  return `${partitionFolder(partition)}${id}${SUFFIX[compression]}`;
}

const RECORDS_KEY =
  /^(\w+)\/aws_account_id=([^/]+)\/aws_region=([^/]+)\/day=(\d{4}-\d{2}-\d{2})\/hour=([01]\d|2[0-3])\/[A-Za-z0-9-]+\.json\.(?:zst|gz)$/;

/**
 * The partition that a key of the lake lies in, or undefined if it is no records object's. Whoever may write to the
 * bucket chooses its keys, so every part has to be just what `recordsKey` makes.
 */
export function partitionOfKey(key: string): Partition | undefined {
  const [, table, accountId = '', region = '', day = '', hour = ''] = RECORDS_KEY.exec(key) ?? [];
  const isKnown =
    isRecordTable(table) &&
    (accountId === UNKNOWN || isAccountId(accountId)) &&
    (region === UNKNOWN || isRegion(region)) &&
    isDay(day);
  return isKnown ? { table, accountId, region, day, hour } : undefined;
}

function isRecordTable(name: string | undefined): name is RecordTable {
  return Object.values<string | undefined>(RECORD_TABLES).includes(name);
}

/** Whether the calendar has the day. */
function isDay(day: string): boolean {
  const time = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(day);
}
