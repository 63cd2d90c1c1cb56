/** Some inputs of each target; `npm run fuzz` tries as many as one has time for. */

import fc from 'fast-check';
import { test } from 'vitest';
import { checkReadable } from './readable.ts';
import { type Effect, TARGETS, type TargetName } from './targets.ts';

// The transformation has tests of its own (`test/shared/flow-log/differential.test.ts`).
test.each<[TargetName, number]>([
  ['object', 80],
  ['message', 300],
  ['key', 2000],
])('%s: whatever comes in, nothing is lost and nothing breaks', async (name, numRuns) => {
  const effects: Effect[] = [];
  const property = fc.asyncProperty(TARGETS[name].inputs, async (input) => {
    const effect = await TARGETS[name].check(input);
    if (effect !== undefined) effects.push(effect);
  });
  // Making a large input that failed smaller may take long.
  const limit = { interruptAfterTimeLimit: 45_000, markInterruptAsFailure: true };
  await fc.assert(property, { seed: 6, numRuns, ...limit });
  if (effects.length > 0) await checkReadable(effects);
});
