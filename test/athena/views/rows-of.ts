import type { QueryValue } from '../../../athena/query-engine.ts';
import { openLake } from '../../../local/duckdb.ts';
import { emptyLake, type LakeRecord, writeRecords } from '../../local/lake-fixture.ts';

export type Row = Readonly<Record<string, QueryValue>>;

/** A view's rows of planted records, in their order. All lie in one lake, told apart by numbers as their account_id. */
export async function rowsOf(
  view: string,
  records: readonly LakeRecord[],
  options: Parameters<typeof writeRecords>[2] = {},
): Promise<Row[]> {
  const lake = await emptyLake();
  try {
    const numbered = records.map((record, index) => ({ ...record, account_id: String(index) }));
    await writeRecords(lake.folder, numbered, options);
    const engine = await openLake(lake.folder);
    try {
      const { columns, rows } = await engine.run(`SELECT * FROM ${view} ORDER BY CAST(account_id AS int)`);
      return rows.map((row) =>
        Object.fromEntries(columns.map(({ name }, index) => [name, row[index] ?? null])),
      );
    } finally {
      engine.close();
    }
  } finally {
    await lake.remove();
  }
}
