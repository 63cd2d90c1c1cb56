import { expect, test } from 'vitest';
import type { Delivery, DeliveryStore } from '../../../shared/alerts/delivery-store.ts';
import { NOON } from './parts.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;
const NOON_HOUR = NOON / HOUR;

/** What every store of deliveries keeps. `create` gives an empty one with a clock. */
export function testDeliveryStore(
  create: (now: () => number) => DeliveryStore | Promise<DeliveryStore>,
): void {
  const atNoon = () => create(() => NOON);
  const all = async (store: DeliveryStore) =>
    (await Array.fromAsync(store.all())).sort((a, b) => keyOf(a).localeCompare(keyOf(b)));
  const keyOf = ({ accountId, region }: Delivery) => `${accountId} ${region}`;

  test('deliveries are told by account and Region', async () => {
    const store = await atNoon();
    expect(await all(store)).toEqual([]);
    await store.note('111111111111', 'eu-west-1', NOON);
    await store.note('111111111111', 'us-east-1', NOON - 5);
    await store.note('222222222222', 'eu-west-1', NOON - HOUR);
    expect(await all(store)).toEqual([
      { accountId: '111111111111', region: 'eu-west-1', last: NOON, hours: [NOON_HOUR] },
      { accountId: '111111111111', region: 'us-east-1', last: NOON - 5, hours: [NOON_HOUR - 1] },
      { accountId: '222222222222', region: 'eu-west-1', last: NOON - HOUR, hours: [NOON_HOUR - 1] },
    ]);
  });

  test('neither order nor repetition changes anything', async () => {
    const times = [NOON, NOON - 3 * HOUR, NOON - 300, NOON - 7 * HOUR - 1];
    const expected = [
      {
        accountId: '111111111111',
        region: 'eu-west-1',
        last: NOON,
        hours: [NOON_HOUR - 8, NOON_HOUR - 3, NOON_HOUR - 1, NOON_HOUR],
      },
    ];
    for (const order of [times, times.toReversed(), [...times, ...times]]) {
      const store = await atNoon();
      for (const at of order) await store.note('111111111111', 'eu-west-1', at);
      expect(await all(store)).toEqual(expected);
    }
  });

  test('those who note at the same time do not overwrite each other', async () => {
    const store = await atNoon();
    const times = Array.from({ length: 20 }, (_, index) => NOON - index * HOUR);
    await Promise.all(times.map((at) => store.note('111111111111', 'eu-west-1', at)));
    expect(await all(store)).toMatchObject([{ last: NOON, hours: { length: 20 } }]);
  });

  test('after ten days of hours those of the last seven days are there, and not many more', async () => {
    const store = await atNoon();
    for (let at = NOON - 10 * DAY; at <= NOON; at += HOUR) await store.note('111111111111', 'eu-west-1', at);
    const [{ hours } = { hours: [] }] = await all(store);
    const lastSevenDays = Array.from({ length: 168 }, (_, index) => NOON_HOUR - 167 + index);
    expect(hours).toEqual(expect.arrayContaining(lastSevenDays));
    expect(hours.length).toBeLessThan(200);
  });

  test('an account that went away is forgotten a week later, and known again when it comes back', async () => {
    let now = NOON;
    const store = await create(() => now);
    await store.note('111111111111', 'eu-west-1', NOON);
    now += 6 * DAY;
    expect(await all(store)).toHaveLength(1);
    now += DAY;
    expect(await all(store)).toEqual([]);
    await store.note('111111111111', 'eu-west-1', now);
    expect(await all(store)).toMatchObject([{ last: now }]);
  });
}
