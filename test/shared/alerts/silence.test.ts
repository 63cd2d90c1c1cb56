import { describe, expect, test } from 'vitest';
import { type Alerting, takeSilences, tellWaiting } from '../../../shared/alerts/alerting.ts';
import type { Delivery } from '../../../shared/alerts/delivery-store.ts';
import { memorySituations } from '../../../shared/alerts/memory-situations.ts';
import { DEFAULT_POLICY, type Policy } from '../../../shared/alerts/policy.ts';
import { silencesOf } from '../../../shared/alerts/silence.ts';
import { NOON } from './parts.ts';

/** Deliveries in these hours before the last one. */
function delivery(accountId: string, hoursBefore: readonly number[], last = NOON): Delivery {
  return {
    accountId,
    region: 'eu-west-1',
    last,
    hours: hoursBefore.map((before) => Math.floor(last / 3600) - before),
  };
}
const daily = (accountId: string, last = NOON) =>
  delivery(
    accountId,
    Array.from({ length: 30 }, (_, i) => i),
    last,
  );

const silent = (deliveries: readonly Delivery[], now: number, policy: Partial<Policy> = {}) =>
  silencesOf(deliveries, { ...DEFAULT_POLICY, ...policy }, now).map(({ part }) => part.subject.accountId);

describe('who is silent', () => {
  test('who delivered regularly for a day and then nothing for an hour', () => {
    expect(silent([daily('111122223333')], NOON + 3599)).toEqual([]);
    expect(silent([daily('111122223333')], NOON + 3600)).toEqual(['111122223333']);
  });

  test('not who began a few hours ago, nor who delivers now and then', () => {
    const begun = delivery('111122223333', [0, 1, 2, 3]);
    const seldom = delivery('444455556666', [0, 3, 6, 9, 12, 15, 18, 21]);
    const almost = delivery(
      '777788889999',
      Array.from({ length: 48 }, (_, i) => i).filter((i) => i % 8 > 0),
    );
    expect(silent([begun, seldom, almost], NOON + 7200)).toEqual([]);
  });

  test('one of three hundred', () => {
    const all = Array.from({ length: 300 }, (_, i) =>
      daily(String(100_000_000_000 + i), NOON + (i === 7 ? 0 : 3600)),
    );
    expect(silent(all, NOON + 3900)).toEqual(['100000000007']);
  });

  test('not what the policy switches off or ignores', () => {
    const [a, b] = [daily('111122223333'), daily('444455556666')];
    const now = NOON + 3600;
    expect(silent([a], now, { off: ['NO_DELIVERY'] })).toEqual([]);
    expect(silent([a, b], now, { ignore: [{ accounts: ['111122223333'] }] })).toEqual(['444455556666']);
    expect(silent([a], now, { ignore: [{ accounts: ['111122223333'], ports: [22] }] })).toEqual([
      '111122223333',
    ]);
  });
});

describe('what people are told of it', () => {
  async function during(minutes: number, deliveries: (now: number) => readonly Delivery[]) {
    const { store } = memorySituations();
    const clock = { now: NOON };
    const messages: string[] = [];
    const alerting: Alerting = {
      store,
      policy: DEFAULT_POLICY,
      publish: async (notices) => {
        const said = notices.map(({ reason, situation }) => `${reason} ${situation.subject.accountId}`);
        messages.push(`${(clock.now - NOON) / 60} min: ${said.join(', ')}`);
      },
      now: () => clock.now,
    };
    for (let minute = 0; minute <= minutes; minute += 5) {
      clock.now = NOON + minute * 60;
      await takeSilences(silencesOf(deliveries(clock.now), alerting.policy, clock.now), alerting);
      await tellWaiting(alerting);
    }
    return messages;
  }

  test('that it began, a day later that it goes on, and a new one anew', async () => {
    expect(await during(60 * 26, () => [daily('111122223333')])).toEqual([
      '60 min: opens 111122223333',
      '1500 min: still-open 111122223333',
    ]);
    const back = (now: number) => {
      const at = now < NOON + 2 * 3600 ? NOON : Math.min(now, NOON + 4 * 3600);
      return [daily('111122223333', at)];
    };
    expect(await during(60 * 6, back)).toEqual(['60 min: opens 111122223333', '300 min: opens 111122223333']);
  });

  test('of many at once in few messages', async () => {
    const all = Array.from({ length: 40 }, (_, i) => daily(String(100_000_000_000 + i)));
    const messages = await during(120, () => all);
    expect(messages.map((message) => message.split(', ').length)).toEqual([25, 15]);
    for (const message of messages) expect(message).toMatch(/^60 min: /);
  });

  test('of a second one soon after the first, which nobody knows', async () => {
    const flapping = (now: number) => [daily('111122223333', now < NOON + 65 * 60 ? NOON : NOON + 75 * 60)];
    expect(await during(60 * 4, flapping)).toEqual([
      '60 min: opens 111122223333',
      '135 min: opens 111122223333',
    ]);
  });

  test('of one after an outage that was mended, which left a hole', async () => {
    const hours = Array.from({ length: 40 }, (_, i) => i).filter((before) => before < 10 || before >= 13);
    expect(await during(120, () => [delivery('111122223333', hours)])).toEqual([
      '60 min: opens 111122223333',
    ]);
  });
});
