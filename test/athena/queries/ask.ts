import { afterEach, beforeEach } from 'vitest';
import type { QueryEngine, QueryValue } from '../../../athena/query-engine.ts';
import { renderQuery } from '../../../athena/query-file.ts';
import { savedQuery } from '../../../athena/saved-queries.ts';
import { parseTimeRange } from '../../../athena/time-range.ts';
import { openLake } from '../../../local/duckdb.ts';
import { emptyLake, type LakeRecord, writeLakeFile, writeRecords } from '../../local/lake-fixture.ts';

interface Question {
  readonly params?: Readonly<Record<string, string>>;
  readonly since?: string;
  readonly until?: string;
}

/**
 * For each test a lake of its own: `plant` fills it with records, `plantFile` with a file's rows, and `ask` runs a saved
 * query over it and gives rows as objects.
 */
export function lakeForEachTest() {
  let lake: Awaited<ReturnType<typeof emptyLake>>;
  let engine: QueryEngine | undefined;
  let planted = 0;
  /** A lake's files are listed when it is opened. */
  function forget(): void {
    engine?.close();
    engine = undefined;
  }

  beforeEach(async () => {
    lake = await emptyLake();
  });
  afterEach(async () => {
    forget();
    await lake.remove();
  });

  return {
    async plant(
      records: readonly LakeRecord[],
      options: Parameters<typeof writeRecords>[2] = {},
    ): Promise<void> {
      planted += 1;
      forget();
      await writeRecords(lake.folder, records, { name: `object-${planted}`, ...options });
    },
    async plantFile(key: string, rows: readonly object[]): Promise<void> {
      forget();
      await writeLakeFile(
        lake.folder,
        key,
        rows.map((row) => JSON.stringify(row)),
      );
    },
    async ask(name: string, { params = {}, ...times }: Question = {}): Promise<Record<string, QueryValue>[]> {
      engine ??= await openLake(lake.folder);
      const range = parseTimeRange(times, Date.now() / 1000);
      const sql = renderQuery(await savedQuery(name), new Map(Object.entries(params)), range);
      const { columns, rows } = await engine.run(sql);
      return rows.map((row) =>
        Object.fromEntries(columns.map((column, index) => [column.name, row[index] ?? null])),
      );
    },
  };
}
