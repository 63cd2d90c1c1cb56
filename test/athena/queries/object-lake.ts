import { afterEach, beforeEach } from 'vitest';
import type { QueryValue } from '../../../athena/query-engine.ts';
import { renderQuery } from '../../../athena/query-file.ts';
import { savedQuery } from '../../../athena/saved-queries.ts';
import { parseTimeRange } from '../../../athena/time-range.ts';
import { openLake } from '../../../local/duckdb.ts';
import { type ObjectTable, objectKey } from '../../../shared/lake/layout.ts';
import { emptyLake, FIVE_O_CLOCK, writeLakeFile } from '../../local/lake-fixture.ts';

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
  let lake: Awaited<ReturnType<typeof emptyLake>>;
  let planted = 0;

  beforeEach(async () => {
    lake = await emptyLake();
  });
  afterEach(() => lake.remove());

  async function plant(table: ObjectTable, time: number, rows: readonly ObjectRow[]): Promise<void> {
    planted += 1;
    const key = objectKey(table, time, `object-${planted}`);
    await writeLakeFile(
      lake.folder,
      key,
      rows.map((row) => JSON.stringify(row)),
    );
  }
  return {
    plant,
    async plantReceipts(receipts: readonly ObjectRow[]): Promise<void> {
      for (const row of receipts) await plant('receipts', Number(row.object_time), [row]);
    },
    async ask(
      name: string,
      times: { since?: string; until?: string } = {},
    ): Promise<Record<string, QueryValue>[]> {
      const engine = await openLake(lake.folder);
      try {
        const range = parseTimeRange(times, Date.now() / 1000);
        const { columns, rows } = await engine.run(renderQuery(await savedQuery(name), new Map(), range));
        return rows.map((row) =>
          Object.fromEntries(columns.map((column, index) => [column.name, row[index] ?? null])),
        );
      } finally {
        engine.close();
      }
    },
  };
}
