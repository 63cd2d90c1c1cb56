import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { renderLineLoop } from '../../../scripts/build-line-loop.ts';

test('the embedded line loop is what its sources compile to: else run "npm run build:line-loop"', async () => {
  const file = join(import.meta.dirname, '../../../shared/line-loop/binary.ts');
  const [embedded, compiled] = await Promise.all([readFile(file, 'utf8'), renderLineLoop()]);
  // Not `toBe`, which would print both.
  expect(embedded === compiled).toBe(true);
});
