import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Notice } from '../../../shared/alerts/alert-message.ts';
import { type Alerting, takeFinding, tellWaiting } from '../../../shared/alerts/alerting.ts';
import { memorySituations } from '../../../shared/alerts/memory-situations.ts';
import { DEFAULT_POLICY, type Policy } from '../../../shared/alerts/policy.ts';
import { keyOf, type Part } from '../../../shared/alerts/situation.ts';
import type { SituationStore } from '../../../shared/alerts/situation-store.ts';
import { NOON, part } from './parts.ts';

interface Given {
  readonly policy?: Partial<Policy>;
  /** Accounts that had no rejected traffic yet are told of it at once. */
  readonly isNewAccount?: boolean;
}

function alertingAt(noon: number, { policy = {}, isNewAccount = false }: Given = {}) {
  const memory = memorySituations();
  const { situations } = memory;
  const store: SituationStore = {
    ...memory.store,
    take: async (name, ...rest) =>
      (isNewAccount || !name.startsWith('first ')) && memory.store.take(name, ...rest),
  };
  const notices: (Notice & { readonly at: number })[] = [];
  const clock = { now: noon };
  let messages = 0;
  const alerting: Alerting = {
    store,
    policy: { ...DEFAULT_POLICY, ...policy },
    publish: async (published) => {
      messages++;
      notices.push(...published.map((notice) => ({ ...notice, at: clock.now })));
    },
    now: () => clock.now,
  };
  return {
    alerting,
    situations,
    notices,
    clock,
    published: () => messages,
    reasons: () => notices.map(({ reason }) => reason),
  };
}

describe('when people are told', () => {
  test('of an opening at once, and of the same thing once', async () => {
    const { alerting, reasons } = alertingAt(NOON + 120);
    for (const id of ['a', 'b', 'a', 'c']) await takeFinding(id, [part()], alerting);
    expect(reasons()).toEqual(['opens']);
  });

  test('of growth by an order of magnitude, each time', async () => {
    const { alerting, notices } = alertingAt(NOON + 120);
    for (const [id, flows] of [
      ['a', 2],
      ['b', 17],
      ['c', 1],
      ['d', 100],
      ['e', 79],
      ['f', 1],
    ] as const) {
      await takeFinding(id, [part({ flows })], alerting);
    }
    expect(notices.map(({ reason, situation }) => [reason, situation.total.flows])).toEqual([
      ['opens', 2],
      ['grows', 20],
      ['grows', 200],
    ]);
  });

  test('after a day that it is still open, and not if it went quiet', async () => {
    const { alerting, clock, reasons } = alertingAt(NOON + 120);
    /** Every fifty minutes there is more. */
    async function during(from: number, to: number): Promise<void> {
      for (let round = from; round < to; round++) {
        const firstTime = NOON + round * 3000;
        clock.now = firstTime + 120;
        await takeFinding(`${round}`, [part({ flows: 0, firstTime, lastTime: firstTime + 60 })], alerting);
      }
    }
    await during(0, 28);
    expect(reasons()).toEqual(['opens']);
    await during(28, 40);
    expect(reasons()).toEqual(['opens', 'still-open']);
  });

  test('of a new opening after a quiet window', async () => {
    const { alerting, clock, reasons } = alertingAt(NOON + 120);
    await takeFinding('a', [part()], alerting);
    clock.now += 7200;
    await takeFinding('b', [part({ firstTime: NOON + 60 + 3601, lastTime: NOON + 60 + 3700 })], alerting);
    expect(reasons()).toEqual(['opens', 'opens']);
  });

  test('not of old data, which is counted all the same', async () => {
    const { alerting, situations, reasons } = alertingAt(NOON + 7 * 3600);
    await takeFinding('a', [part({ flows: 5 })], alerting);
    expect(reasons()).toEqual([]);
    expect([...situations.values()][0]?.situation.total.flows).toBe(5);
  });

  test('of info in one digest for an account, a Region and six hours', async () => {
    const { alerting, notices, published, clock } = alertingAt(NOON + 120);
    const info = (port: number, accountId = '111122223333') =>
      part({ severity: 'info', subject: { accountId, service: { protocol: 6, port } } });
    await takeFinding('a', [info(22), info(23)], alerting);
    await takeFinding('b', [info(22)], alerting);
    await takeFinding('c', [info(22, '444455556666')], alerting);
    clock.now = NOON + 6 * 3600 - 1;
    await tellWaiting(alerting);
    expect(published()).toBe(0);
    clock.now = NOON + 6 * 3600;
    await tellWaiting(alerting);
    await tellWaiting(alerting);
    expect(published()).toBe(2);
    expect(
      notices.map(({ reason, situation: { subject, total } }) => [
        reason,
        subject.service?.port,
        total.findings,
      ]),
    ).toEqual([
      ['opens', 22, 2],
      ['opens', 23, 1],
      ['opens', 22, 1],
    ]);
  });

  test('of what was info and gets worse at once, whether it was told or not', async () => {
    const { alerting, reasons, clock } = alertingAt(NOON + 120);
    const other = { subject: { service: { protocol: 6, port: 22 } } };
    await takeFinding('a', [part({ severity: 'info' })], alerting);
    await takeFinding('b', [part({ severity: 'warning' })], alerting);
    expect(reasons()).toEqual(['opens']);
    clock.now = NOON + 6 * 3600 - 60;
    const times = { firstTime: clock.now - 60, lastTime: clock.now };
    await takeFinding('c', [part({ severity: 'info', ...other, ...times })], alerting);
    clock.now += 120;
    await tellWaiting(alerting);
    await takeFinding('d', [part({ severity: 'critical', ...other, ...times })], alerting);
    expect(reasons()).toEqual(['opens', 'opens', 'worsens']);
  });

  test('of info that people know, in the next digest only if there is more', async () => {
    const { alerting, reasons, clock } = alertingAt(NOON + 120);
    for (let hours = 0; hours < 18; hours++) {
      clock.now = NOON + hours * 3600;
      const times = { firstTime: clock.now - 60, lastTime: clock.now };
      if (hours < 12) await takeFinding(`${hours}`, [part({ severity: 'info', ...times })], alerting);
      await tellWaiting(alerting);
    }
    expect(reasons()).toEqual(['opens', 'goes-on']);
  });

  test('of what an hour has no room for, together at its end', async () => {
    const { alerting, notices, published, clock } = alertingAt(NOON + 120, {
      policy: { messagesPerHour: 2 },
    });
    for (const port of [1, 2, 3, 4, 5]) {
      await takeFinding(`${port}`, [part({ subject: { service: { protocol: 6, port } } })], alerting);
    }
    await tellWaiting(alerting);
    expect(notices).toHaveLength(2);
    clock.now = NOON + 3600;
    await tellWaiting(alerting);
    await tellWaiting(alerting);
    expect(notices.map(({ situation }) => situation.subject.service?.port)).toEqual([1, 2, 3, 4, 5]);
    expect(published()).toBe(3);
  });

  test('of what someone claimed and never told', async () => {
    const { alerting, clock, reasons } = alertingAt(NOON + 120);
    const crash = takeFinding('a', [part()], {
      ...alerting,
      publish: async () => {
        throw new Error('crash');
      },
    });
    await expect(crash).rejects.toThrow('crash');
    await takeFinding('a', [part()], alerting);
    await tellWaiting(alerting);
    expect(reasons()).toEqual([]);
    clock.now += 121;
    await tellWaiting(alerting);
    await tellWaiting(alerting);
    expect(reasons()).toEqual(['opens']);
  });
});

/** A finding with its parts, and how often it is delivered. */
const delivery = fc.record({
  parts: fc.uniqueArray(
    fc.record({
      interfaceId: fc.constantFrom('eni-a', 'eni-b', 'eni-c'),
      flows: fc.integer({ min: 1, max: 50 }),
      minute: fc.integer({ min: 0, max: 45 }),
      severity: fc.constantFrom('warning' as const, 'critical' as const),
    }),
    { minLength: 1, maxLength: 3, selector: ({ interfaceId }) => interfaceId },
  ),
  times: fc.integer({ min: 1, max: 3 }),
});

const partsOf = ({ parts }: { parts: { interfaceId: string; flows: number; minute: number }[] }): Part[] =>
  parts.map(({ interfaceId, minute, ...rest }) =>
    part({
      ...rest,
      subject: { scope: { level: 'resource', id: interfaceId } },
      firstTime: NOON + minute * 60,
      lastTime: NOON + minute * 60 + 59,
    }),
  );

test('whatever the order, repetition, races and crashes: counters are exact, and every opening is told once, or twice if a crash fell between publication and mark', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(delivery, { minLength: 1, maxLength: 6 }),
      // Operations that end in a crash: before or after their effect.
      fc.array(fc.record({ operation: fc.nat(60), isAfter: fc.boolean() }), { maxLength: 4 }),
      fc.scheduler(),
      async (deliveries, crashes, scheduler) => {
        const { alerting, situations, notices, clock } = alertingAt(NOON + 3600);
        let operation = 0;
        let crashesInTheGap = 0;
        /** The world as one process sees it: each step happens when the scheduler says so, and may be its last one. */
        function process(): Alerting {
          let isInTheGap = false;
          function step<Args extends readonly unknown[], Result>(
            name: string,
            run: (...args: Args) => Promise<Result>,
          ) {
            return async (...args: Args): Promise<Result> => {
              const crash = crashes.find((each) => each.operation === operation);
              operation++;
              await scheduler.schedule(Promise.resolve(), name);
              if (crash?.isAfter !== false) {
                const result = await run(...args);
                if (name === 'publish') isInTheGap = true;
                if (name === 'replace' && result === true) isInTheGap = false;
                if (crash === undefined) return result;
              }
              if (isInTheGap) crashesInTheGap++;
              throw new Error('crash');
            };
          }
          const { store } = alerting;
          return {
            ...alerting,
            store: {
              ...store,
              read: step('read', store.read),
              count: step('count', store.count),
              replace: step('replace', store.replace),
              take: step('take', store.take),
            },
            publish: step('publish', alerting.publish),
          };
        }

        /** A queue delivers again until it is told that all went well. */
        async function deliver(id: string, parts: readonly Part[]): Promise<void> {
          for (;;) {
            try {
              await takeFinding(id, parts, process());
              return;
            } catch (error) {
              if ((error as Error).message !== 'crash') throw error;
            }
          }
        }
        const all = deliveries.flatMap((each, index) =>
          Array.from({ length: each.times }, () => deliver(`finding ${index}`, partsOf(each))),
        );
        await scheduler.waitFor(Promise.all(all));
        // The schedule, which runs on.
        clock.now += 200;
        await tellWaiting(alerting);
        clock.now += 200;
        await tellWaiting(alerting);

        const parts = deliveries.flatMap(partsOf);
        for (const [key, own] of Map.groupBy(parts, ({ subject }) => keyOf(subject))) {
          const flows = own.reduce((sum, each) => sum + each.flows, 0);
          expect(situations.get(key)?.situation.total).toEqual({
            findings: own.length,
            flows,
            packets: own.length === 0 ? 0 : own.reduce((sum, each) => sum + each.packets, 0),
          });
          const openings = notices.filter(
            ({ reason, situation }) => reason === 'opens' && keyOf(situation.subject) === key,
          );
          expect(openings.length).toBeGreaterThanOrEqual(1);
          expect(openings.length).toBeLessThanOrEqual(1 + crashesInTheGap);
        }
      },
    ),
    { numRuns: 300 },
  );
});
