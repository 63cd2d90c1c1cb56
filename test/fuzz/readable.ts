import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TableName } from '../../athena/tables.ts';
import { openLake } from '../../local/duckdb.ts';
import type { Effect } from './targets.ts';

/**
 * Lets DuckDB read what was written, every column of every table, and count what it finds.
 *
 * @throws Error for what it can't read, or if it finds other values than were written.
 */
export async function checkReadable(effects: readonly Effect[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'flowlogs-fuzz-'));
  try {
    for (const { written } of effects) {
      for (const [key, bytes] of written) {
        const path = join(folder, key);
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, bytes);
      }
    }
    const lake = await openLake(folder);
    try {
      for (const [table, expected] of sumOf(effects)) {
        const columns = [...expected.keys()];
        const counts = columns.map((name) => (name === ROWS ? 'count(*)' : `count("${name}")`));
        const { rows } = await lake.run(`SELECT ${counts.join(', ')} FROM ${table}`);
        for (const [index, name] of columns.entries()) {
          const found = Number(rows[0]![index]);
          if (found !== expected.get(name)) {
            throw new Error(`${table}: DuckDB finds ${found} ${name} instead of ${expected.get(name)}`);
          }
        }
      }
    } finally {
      lake.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const ROWS = '*';

/** How many rows each table must have, and values each of its columns. */
function sumOf(effects: readonly Effect[]): Map<TableName, Map<string, number>> {
  const sums = new Map<TableName, Map<string, number>>();
  for (const { tallies } of effects) {
    for (const [table, { rows, values }] of tallies) {
      const sum = sums.get(table) ?? new Map<string, number>();
      for (const [name, count] of [[ROWS, rows] as const, ...values])
        sum.set(name, (sum.get(name) ?? 0) + count);
      sums.set(table, sum);
    }
  }
  return sums;
}
