import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'vitest';
import { checkReadable } from './readable.ts';
import { decodeKept, TARGETS } from './targets.ts';

/** Inputs that failed once, each made as small as can be by `npm run fuzz`. */
const FOLDER = join(import.meta.dirname, '../fixtures/fuzz');

test.each(readdirSync(FOLDER))('%s does not fail any more', async (name) => {
  const { target, input } = decodeKept(readFileSync(join(FOLDER, name)));
  const effect = await TARGETS[target].check(input);
  if (effect !== undefined && effect.written.size > 0) await checkReadable([effect]);
});
