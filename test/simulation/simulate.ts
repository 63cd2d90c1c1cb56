import { checkWorld } from './checks.ts';
import { runWorld, schedulerOf, type Variant } from './world.ts';

/** A seed whose world ended otherwise than it must. Its message has all that happened in it. */
export class SeedFailed extends Error {
  override readonly name = 'SeedFailed';
}

/**
 * Runs the world of a seed and checks what has become of it.
 *
 * @param variant what is changed about the product, to prove that it is noticed.
 * @throws SeedFailed with a trace, if anything does not hold.
 */
export async function simulate(seed: number, variant: Variant = {}): Promise<void> {
  const scheduler = schedulerOf(seed);
  try {
    await checkWorld(await runWorld(scheduler, variant));
  } catch (error) {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const happened = scheduler.trace.join('\n');
    throw new SeedFailed(`Seed ${seed}: ${what}\n\nWhat happened:\n${happened}\n`, { cause: error });
  }
}
