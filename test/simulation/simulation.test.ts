import { expect, test } from 'vitest';
import { simulate } from './simulate.ts';
import { runWorld, schedulerOf } from './world.ts';

/** `npm run simulate` runs as many as one wants. */
const SEEDS = 2000;
const SEEDS_OF_TEST = 250;

test.each(Array.from({ length: SEEDS / SEEDS_OF_TEST }, (_, index) => 1 + index * SEEDS_OF_TEST))(
  'nothing is lost, doubled or let in, whatever goes wrong: 250 worlds from seed %i',
  async (from) => {
    for (let seed = from; seed < from + SEEDS_OF_TEST; seed++) await simulate(seed);
  },
);

test('the same seed gives the same world, step by step', async () => {
  for (const seed of [4, 8, 15, 16, 23, 42]) {
    const [first, second] = [schedulerOf(seed), schedulerOf(seed)];
    for (const scheduler of [first, second]) await runWorld(scheduler);
    expect(second.trace).toEqual(first.trace);
  }
});

test('worlds meet every kind of trouble', async () => {
  const troubles = [
    ...[/stops: before/, /stops: after/, /its time is over/, /ran out of time/, /given up/],
    ...[
      /was received 5 times/,
      /is lost/,
      /reconcile: object .* is missing/,
      /reconcile: partition .* is missing/,
    ],
    ...[
      /ConditionalRequestConflict/,
      /SlowDown/,
      /InternalError/,
      /PutObject .* PreconditionFailed/,
      /→ lost/,
    ],
    ...[/the body breaks/, /read again/, /could not be moved to the dead-letter queue/],
    ...[/Athena .* FAILED/, /Athena .* CANCELLED/, /alert-schedule-\d+: publish/],
    ...[/flow_logs.*\.json\.zst/, /flow_logs.*\.json\.gz/],
  ];
  const notMet = new Set(troubles);
  for (let seed = 1; seed <= 200 && notMet.size > 0; seed++) {
    const scheduler = schedulerOf(seed);
    await runWorld(scheduler);
    const happened = scheduler.trace.join('\n');
    for (const trouble of notMet) if (trouble.test(happened)) notMet.delete(trouble);
  }
  expect([...notMet]).toEqual([]);
});
