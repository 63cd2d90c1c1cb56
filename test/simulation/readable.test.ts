import { test } from 'vitest';
import type { TableName } from '../../athena/tables.ts';
import { FIRST_SEEN } from '../../shared/lake/object-time.ts';
import { checkReadable } from '../fuzz/readable.ts';
import { checkRows, emptyTallies } from '../fuzz/rows.ts';
import { inflated } from './checks.ts';
import { runWorld, schedulerOf } from './world.ts';

test('DuckDB reads every column of every table of the lakes that worlds end with', async () => {
  // Worlds have objects of the same names, so that each lake is read alone.
  for (let seed = 1, read = 0; read < 6; seed++) {
    const { lake } = await runWorld(schedulerOf(seed));
    const written = new Map([...lake].filter(([key]) => !key.startsWith(FIRST_SEEN)));
    // Some have objects that leave nothing in the lake.
    if (written.size === 0) continue;
    const tallies = emptyTallies();
    for (const [key, bytes] of written) {
      const table = key.slice(0, key.indexOf('/')) as TableName;
      checkRows(table, inflated(key, bytes).toString(), tallies.get(table)!);
    }
    await checkReadable([{ written, tallies }]);
    read++;
  }
});
