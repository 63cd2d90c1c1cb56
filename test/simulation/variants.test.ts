import { expect, test } from 'vitest';
import { SeedFailed, simulate } from './simulate.ts';
import { BROKEN } from './variants.ts';

test.each(BROKEN)('it is noticed within $within worlds if $name', async ({ variant, within }) => {
  let noticed: unknown;
  for (let seed = 1; seed <= within && noticed === undefined; seed++) {
    noticed = await simulate(seed, variant).catch((error: unknown) => error);
  }
  expect(noticed).toBeInstanceOf(SeedFailed);
  expect((noticed as SeedFailed).message).toMatch(
    /^Seed \d+: Error: .*What happened:\n.*objects: .*weather: /s,
  );
});
