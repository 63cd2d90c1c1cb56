import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Notice } from '../../../shared/alerts/alert-message.ts';
import { type Alerting, takeParts, tellWaiting } from '../../../shared/alerts/alerting.ts';
import { memorySituations } from '../../../shared/alerts/memory-situations.ts';
import { DEFAULT_POLICY, type Policy } from '../../../shared/alerts/policy.ts';
import { keyOf, type Part, together } from '../../../shared/alerts/situation.ts';
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
    for (const id of ['a', 'b', 'a', 'c']) await takeParts(id, [part()], alerting);
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
      await takeParts(id, [part({ flows })], alerting);
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
        await takeParts(`${round}`, [part({ flows: 0, firstTime, lastTime: firstTime + 60 })], alerting);
      }
    }
    await during(0, 28);
    expect(reasons()).toEqual(['opens']);
    await during(28, 40);
    expect(reasons()).toEqual(['opens', 'still-open']);
  });

  test('of a new opening after a quiet window', async () => {
    const { alerting, clock, reasons } = alertingAt(NOON + 120);
    await takeParts('a', [part()], alerting);
    clock.now += 7200;
    await takeParts('b', [part({ firstTime: NOON + 60 + 3601, lastTime: NOON + 60 + 3700 })], alerting);
    expect(reasons()).toEqual(['opens', 'opens']);
  });

  test('not of old data, which is counted all the same', async () => {
    const { alerting, situations, reasons } = alertingAt(NOON + 7 * 3600);
    await takeParts('a', [part({ flows: 5 })], alerting);
    expect(reasons()).toEqual([]);
    expect([...situations.values()][0]?.situation.total.flows).toBe(5);
  });

  test('of info in one digest for an account, a Region and six hours', async () => {
    const { alerting, notices, published, clock } = alertingAt(NOON + 120);
    const info = (port: number, accountId = '111122223333') =>
      part({ severity: 'info', subject: { accountId, service: { protocol: 6, port } } });
    await takeParts('a', [info(22), info(23)], alerting);
    await takeParts('b', [info(22)], alerting);
    await takeParts('c', [info(22, '444455556666')], alerting);
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
    await takeParts('a', [part({ severity: 'info' })], alerting);
    await takeParts('b', [part({ severity: 'warning' })], alerting);
    expect(reasons()).toEqual(['opens']);
    clock.now = NOON + 6 * 3600 - 60;
    const times = { firstTime: clock.now - 60, lastTime: clock.now };
    await takeParts('c', [part({ severity: 'info', ...other, ...times })], alerting);
    clock.now += 120;
    await tellWaiting(alerting);
    await takeParts('d', [part({ severity: 'critical', ...other, ...times })], alerting);
    expect(reasons()).toEqual(['opens', 'opens', 'worsens']);
  });

  test('of info that people know, in the next digest only if there is more', async () => {
    const { alerting, reasons, clock } = alertingAt(NOON + 120);
    for (let hours = 0; hours < 18; hours++) {
      clock.now = NOON + hours * 3600;
      const times = { firstTime: clock.now - 60, lastTime: clock.now };
      if (hours < 12) await takeParts(`${hours}`, [part({ severity: 'info', ...times })], alerting);
      await tellWaiting(alerting);
    }
    expect(reasons()).toEqual(['opens', 'goes-on']);
  });

  test('of what an hour has no room for, together at its end', async () => {
    const { alerting, notices, published, clock } = alertingAt(NOON + 120, {
      policy: { messagesPerHour: 2 },
    });
    for (const port of [1, 2, 3, 4, 5]) {
      await takeParts(`${port}`, [part({ subject: { service: { protocol: 6, port } } })], alerting);
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
    const crash = takeParts('a', [part()], {
      ...alerting,
      publish: async () => {
        throw new Error('crash');
      },
    });
    await expect(crash).rejects.toThrow('crash');
    await takeParts('a', [part()], alerting);
    await tellWaiting(alerting);
    expect(reasons()).toEqual([]);
    clock.now += 121;
    await tellWaiting(alerting);
    await tellWaiting(alerting);
    expect(reasons()).toEqual(['opens']);
  });
});

/** A part some minutes after noon. */
const at = (minutes: number, changes: Parameters<typeof part>[0] = {}) =>
  part({ firstTime: NOON + minutes * 60, lastTime: NOON + minutes * 60 + 59, ...changes });

/** Takes a part at its time and says what people were told for it. */
async function takeAll(parts: readonly Part[], given: Given = {}) {
  const world = alertingAt(NOON, given);
  const told: string[] = [];
  for (const [index, one] of parts.entries()) {
    world.clock.now = one.lastTime + 60;
    const before = world.notices.length;
    await tellWaiting(world.alerting);
    await takeParts(`finding ${index}`, [one], world.alerting);
    told.push(
      world.notices
        .slice(before)
        .map(({ reason }) => reason)
        .join(' '),
    );
  }
  return { ...world, told };
}

describe('what is news of a situation', () => {
  test('what comes steadily does not grow', async () => {
    const { told } = await takeAll(Array.from({ length: 200 }, (_, i) => at(i * 5, { flows: 2 })));
    expect(told.filter((reason) => reason !== '')).toEqual(['opens']);
  });

  test('of lost packets their number is what grows', async () => {
    const lost = (minutes: number, packets: number) =>
      at(minutes, { flows: 5, packets, subject: { kind: 'PACKET_LOSS', meaning: 'mtu-exceeded' } });
    const { told } = await takeAll([lost(0, 30), lost(5, 40), lost(10, 3_000_000)]);
    expect(told).toEqual(['opens', '', 'grows']);
  });

  test('another host inside that scans is worse than one', async () => {
    const scan = (minutes: number, insider: string) => at(minutes, { severity: 'critical', insider });
    const { told } = await takeAll([
      scan(0, '10.0.0.1'),
      scan(5, '10.0.0.1'),
      scan(10, '10.0.0.2'),
      scan(15, '10.0.0.2'),
    ]);
    expect(told).toEqual(['opens', '', 'worsens', '']);
  });

  test('what comes and goes is told three times a day, then in digests, and at once if it is worse', async () => {
    const every = (hours: readonly number[], changes: Parameters<typeof part>[0] = {}) =>
      hours.map((hour) => at(hour * 60, changes));
    const { told } = await takeAll([
      ...every([0, 2, 4, 6, 8, 10]),
      ...every([12.1], { severity: 'critical' }),
      ...every([40]),
    ]);
    // The digest of the first evening comes with the schedule, before what is critical.
    expect(told).toEqual(['opens', 'opens', 'opens', '', '', '', 'opens opens', 'opens']);
  });

  test('what waits to be told is not forgotten for what comes after a quiet window', async () => {
    const big = at(0, { severity: 'info', flows: 90_000 });
    const small = at(4 * 60, { severity: 'info', flows: 2 });
    const { notices, alerting, clock } = await takeAll([big, small]);
    clock.now = NOON + 6 * 3600;
    await tellWaiting(alerting);
    expect(notices.map(({ situation }) => situation.total.flows - situation.episode.before.flows)).toEqual([
      90_002,
    ]);
  });

  test('info that is too small waits for no digest until it has grown', async () => {
    const policy = { minimums: { 'internal-service-rejected': { flows: 10 } } };
    const info = (minutes: number, id: string) =>
      at(minutes, { severity: 'info', flows: 6, subject: { scope: { level: 'resource', id } } });
    const ids = Array.from({ length: 20 }, (_, i) => `eni-${i}`);
    const all = [...ids.map((id) => info(0, id)), ...ids.map((id) => info(400, id))];
    const world = alertingAt(NOON, { policy: { ...policy, quietSeconds: 86_400 } });
    for (const [index, one] of all.entries()) {
      world.clock.now = one.lastTime + 60;
      await tellWaiting(world.alerting);
      await takeParts(`${index}`, [one], world.alerting);
    }
    world.clock.now = NOON + 12 * 3600;
    await tellWaiting(world.alerting);
    expect(world.published()).toBe(1);
    expect(world.notices).toHaveLength(20);
  });

  test('lost log data of one day says nothing of the next', async () => {
    const lost = (hours: number) =>
      at(hours * 60, {
        ...{ severity: 'info', skippedSeconds: 3000 },
        subject: { kind: 'SKIPDATA', meaning: 'data-loss' },
      });
    expect((await takeAll([lost(0), lost(13)])).told).toEqual(['', 'opens']);
    expect((await takeAll([lost(0), lost(2)])).told).toEqual(['', 'opens']);
    const { situations } = await takeAll([lost(0), lost(13)]);
    expect([...situations.values()][0]?.situation).toMatchObject({
      severity: 'info',
      lossOfDay: { seconds: 3000 },
    });
  });

  test('the hour’s messages are used up for warnings, and not for what is critical', async () => {
    const id = (name: string): Partial<Part['subject']> => ({ scope: { level: 'resource', id: name } });
    const { told } = await takeAll(
      [
        at(0, { subject: id('a') }),
        at(1, { subject: id('b') }),
        at(2, { subject: id('c'), severity: 'critical' }),
      ],
      { policy: { messagesPerHour: 1 } },
    );
    expect(told).toEqual(['opens', '', 'opens']);
  });

  test('what an hour has no room for is told in messages that leave nothing out', async () => {
    const { alerting, notices, published, clock } = alertingAt(NOON + 120, {
      policy: { messagesPerHour: 1, openingsPerHour: 1000 },
    });
    for (let port = 1; port <= 31; port++) {
      await takeParts(`${port}`, [at(0, { subject: { service: { protocol: 6, port } } })], alerting);
    }
    clock.now = NOON + 3600;
    await tellWaiting(alerting);
    expect(published()).toBe(3);
    expect(notices).toHaveLength(31);
  });
});

describe('what comes while a message is being published', () => {
  /** The same world, in which these parts are taken while its next message goes out. */
  function meanwhile(world: ReturnType<typeof alertingAt>, more: readonly Part[]): Alerting {
    let isNext = true;
    const alerting: Alerting = {
      ...world.alerting,
      async publish(notices) {
        const parts = isNext ? more : [];
        isNext = false;
        for (const [index, one] of parts.entries()) await takeParts(`more ${index}`, [one], alerting);
        await world.alerting.publish(notices);
      },
    };
    return alerting;
  }
  const told = ({ notices }: ReturnType<typeof alertingAt>) =>
    notices.map(({ reason, situation: { severity, total } }) => `${reason} ${severity} ${total.flows}`);

  test('is told after it, if it is worth a message', async () => {
    const world = alertingAt(NOON + 120);
    await takeParts('first', [at(0)], meanwhile(world, [at(0, { flows: 1_000_000 })]));
    expect(told(world)).toEqual(['opens warning 1', 'grows warning 1000001']);
  });

  test('waits for the next digest, if it is info', async () => {
    const world = alertingAt(NOON + 120);
    await takeParts('first', [at(0, { severity: 'info' })], world.alerting);
    world.clock.now = NOON + 6 * 3600;
    await tellWaiting(meanwhile(world, [at(355, { severity: 'info' })]));
    expect(told(world)).toEqual(['opens info 1']);
    world.clock.now += 6 * 3600;
    await tellWaiting(world.alerting);
    expect(told(world).slice(1)).toEqual(['goes-on info 2']);
  });

  test('is told at once, if it is a warning of what was info', async () => {
    const world = alertingAt(NOON + 120);
    await takeParts('first', [at(0, { severity: 'info' })], world.alerting);
    world.clock.now = NOON + 6 * 3600;
    await tellWaiting(meanwhile(world, [at(355, { severity: 'warning' })]));
    expect(told(world)).toEqual(['opens info 1', 'worsens warning 2']);
  });
});

test('old findings that come late into an episode change neither its size nor what people know', async () => {
  const early = at(-600, { flows: 50 });
  const { told } = await takeAll([
    at(0, { flows: 2 }),
    { ...early, lastTime: early.firstTime + 1 },
    at(5, { flows: 3 }),
  ]);
  expect(told).toEqual(['opens', '', '']);
});

test('two parts of one finding count each packet once', () => {
  const [a, b] = [at(0, { packets: 9 }), at(0, { packets: 7 })];
  expect(together([a, b])).toMatchObject([{ packets: 9 }]);
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
              await takeParts(id, parts, process());
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

test('whatever comes while whatever is told: in the end people know of every situation, as bad as it is', async () => {
  const found = fc.record({
    id: fc.constantFrom('eni-a', 'eni-b'),
    severity: fc.constantFrom('info' as const, 'warning' as const, 'critical' as const),
    minute: fc.integer({ min: 0, max: 340 }),
    flows: fc.integer({ min: 1, max: 5000 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(found, { minLength: 1, maxLength: 10 }),
      fc.integer({ min: 0, max: 3 }),
      fc.scheduler(),
      async (all, ticks, scheduler) => {
        const { alerting, situations, clock } = alertingAt(NOON + 341 * 60);
        const later = <Args extends readonly unknown[], Result>(run: (...args: Args) => Promise<Result>) =>
          scheduler.scheduleFunction(run);
        const { store } = alerting;
        const slow: Alerting = {
          ...alerting,
          store: {
            ...store,
            read: later(store.read),
            count: later(store.count),
            replace: later(store.replace),
          },
          publish: later(alerting.publish),
        };
        const findings = all.map(({ id, minute, ...rest }, index) =>
          takeParts(
            `${index}`,
            [at(minute, { ...rest, subject: { scope: { level: 'resource', id } } })],
            slow,
          ),
        );
        const schedules = Array.from({ length: ticks }, () => tellWaiting(slow));
        await scheduler.waitFor(Promise.all([...findings, ...schedules]));
        for (let hour = 0; hour < 14; hour++) {
          clock.now += 3600;
          await tellWaiting(alerting);
        }
        for (const { situation } of situations.values()) {
          expect(situation).not.toHaveProperty('heldSince');
          expect(situation).not.toHaveProperty('claimedUntil');
          expect(situation.told).toMatchObject({
            episode: situation.episode.start,
            severity: situation.severity,
          });
        }
      },
    ),
    { numRuns: 300 },
  );
});
