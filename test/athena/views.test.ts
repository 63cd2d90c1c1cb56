import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { TABLES } from '../../athena/tables.ts';
import { createViewStatement, VIEWS } from '../../athena/views.ts';
import { openLake } from '../../local/duckdb.ts';
import { duckdbType } from '../../local/duckdb-type.ts';
import { emptyLake, flow, writeRecords } from '../local/lake-fixture.ts';

const FOLDER = join(import.meta.dirname, '../../athena/views');

test.each(VIEWS)(
  'athena/views/$name.sql says what the code says (renew it with: npx vitest run test/athena --update)',
  async (view) => {
    await expect(createViewStatement(view)).toMatchFileSnapshot(join(FOLDER, `${view.name}.sql`));
  },
);

describe.each(VIEWS)('$name', ({ name, columns, added, sql }) => {
  const table = TABLES.find((candidate) => new RegExp(`\\b${candidate.name}\\b`).test(sql))!;

  test('has all columns of its table first, in the same order, then its own', () => {
    const own = [...table.columns, ...table.partitions];
    expect(columns).toEqual([...own, ...added]);
    const names = columns.map((column) => column.name);
    expect(names).toEqual([...new Set(names)]);
  });

  test('has columns of the types that the catalogue is told', async () => {
    const lake = await emptyLake();
    await writeRecords(lake.folder, [flow({})]);
    const engine = await openLake(lake.folder);
    const { rows } = await engine.run(
      `SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = '${name}' ORDER BY column_index`,
    );
    engine.close();
    await lake.remove();
    expect(rows).toEqual(columns.map((column) => [column.name, duckdbType(column.type)]));
  });

  test('reads its table and each of its steps once: Athena reads a WITH table anew for each mention', () => {
    const code = sql.replaceAll(/--.*/g, '');
    const steps = [...code.matchAll(/^(?:WITH )?(\w+) AS \($/gm)].map(([, step]) => step);
    expect(steps.length).toBeGreaterThan(2);
    for (const source of [table.name, ...steps]) {
      expect([name, source, code.match(new RegExp(`FROM ${source}$`, 'gm'))?.length]).toEqual([
        name,
        source,
        1,
      ]);
    }
  });
});
