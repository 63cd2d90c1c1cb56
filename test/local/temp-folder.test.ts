import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openTempFolder } from '../../local/temp-folder.ts';

test('a run has a folder of its own, and takes away what killed runs have left', async () => {
  const lake = await mkdtemp(join(tmpdir(), 'flowlogs-temp-'));
  // No process has this number: Linux ends at 2^22, others below.
  const killed = join(lake, '.tmp', '99999999-killed');
  await mkdir(killed, { recursive: true });
  await writeFile(join(killed, 'spill'), 'x');
  const first = openTempFolder(lake);
  const second = openTempFolder(lake);
  expect(existsSync(killed)).toBe(false);
  expect(await readdir(join(lake, '.tmp'))).toHaveLength(2);
  await writeFile(join(first.path, 'spill'), 'x');
  first.remove();
  expect(existsSync(second.path)).toBe(true);
  second.remove();
  expect(await readdir(join(lake, '.tmp'))).toEqual([]);
});
