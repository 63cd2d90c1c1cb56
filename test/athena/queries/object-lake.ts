import { type ObjectTable, objectKey } from '../../../shared/lake/layout.ts';
import { FIVE_O_CLOCK } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';

/** A row of a table that has one object for each source object: receipts, findings, quarantine. */
export type ObjectRow = Readonly<Record<string, unknown>>;

/** A receipt of ten lines, all of which became records. */
export function receipt(fields: ObjectRow = {}): ObjectRow {
  return {
    source: 's3://raw/object.log.gz',
    object_time: FIVE_O_CLOCK,
    flow_log_id: 'fl-0a',
    aws_account_id: '123456789010',
    aws_region: 'eu-west-1',
    lines: 10,
    records: 10,
    quarantined: 0,
    nodata: 0,
    mixed_builds: 0,
    ...fields,
  };
}

/** For each test a lake of its own, filled with rows of objects of a time (Unix seconds). */
export function objectLakeForEachTest() {
  const { plantFile, ask } = lakeForEachTest();
  let planted = 0;

  async function plant(table: ObjectTable, time: number, rows: readonly ObjectRow[]): Promise<void> {
    planted += 1;
    await plantFile(objectKey(table, time, `object-${planted}`), rows);
  }
  return {
    plant,
    async plantReceipts(receipts: readonly ObjectRow[]): Promise<void> {
      for (const row of receipts) await plant('receipts', Number(row.object_time), [row]);
    },
    ask,
  };
}
