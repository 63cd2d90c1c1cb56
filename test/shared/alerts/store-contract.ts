import { expect, test } from 'vitest';
import { told } from '../../../shared/alerts/decision.ts';
import { keyOf, type Situation, withPart } from '../../../shared/alerts/situation.ts';
import type { SituationStore, StoredSituation } from '../../../shared/alerts/situation-store.ts';
import { NOON, part } from './parts.ts';

/** A situation of a port that was not told of yet. */
function situationOf(port: number): StoredSituation & { readonly situation: Situation } {
  const one = part({ subject: { service: { protocol: 6, port } } });
  return { key: keyOf(one.subject), version: 0, situation: withPart(undefined, one, 3600) };
}

const toldSituation = (stored: StoredSituation): StoredSituation => ({
  ...stored,
  situation: told(stored.situation, NOON),
});

/** What every store of situations keeps. `create` gives an empty one. */
export function testSituationStore(create: () => SituationStore | Promise<SituationStore>): void {
  const waitingKeys = async (store: SituationStore) =>
    (await Array.fromAsync(store.waiting())).map(({ key }) => key).sort();

  test('a finding is counted once, with all of its situations', async () => {
    const store = await create();
    const [a, b] = [situationOf(1), situationOf(2)];
    expect(await store.count('finding', [a, b])).toBe('counted');
    expect(await store.count('finding', [a, b])).toBe('counted-before');
    const read = await store.read([a.key, b.key, 'none']);
    expect([...read.values()].map(({ situation }) => situation)).toEqual(
      expect.arrayContaining([a.situation, b.situation]),
    );
    expect(read.size).toBe(2);
  });

  test('nothing is counted if one of the situations changed in between', async () => {
    const store = await create();
    const [a, b] = [situationOf(1), situationOf(2)];
    await store.count('first', [a]);
    expect(await store.count('second', [a, b])).toBe('conflict');
    expect((await store.read([b.key])).size).toBe(0);
    const stored = (await store.read([a.key])).get(a.key)!;
    expect(await store.count('second', [stored, b])).toBe('counted');
  });

  test('of two who replace a situation one is first', async () => {
    const store = await create();
    const a = situationOf(1);
    await store.count('finding', [a]);
    const stored = (await store.read([a.key])).get(a.key)!;
    expect(await store.replace(stored)).toBe(true);
    expect(await store.replace(stored)).toBe(false);
  });

  test('what waits is found until it was told', async () => {
    const store = await create();
    const held = (stored: StoredSituation): StoredSituation => ({
      ...stored,
      situation: { ...stored.situation, heldSince: NOON },
    });
    const [a, b, c] = [situationOf(1), held(situationOf(2)), situationOf(3)];
    await store.count('finding', [a, b, c]);
    expect(await waitingKeys(store)).toEqual([b.key]);
    const stored = (await store.read([a.key])).get(a.key)!;
    await store.replace({ ...stored, situation: { ...stored.situation, claimedUntil: NOON } });
    expect(await waitingKeys(store)).toEqual([a.key, b.key].sort());
    for (const key of [a.key, b.key]) await store.replace(toldSituation((await store.read([key])).get(key)!));
    expect(await waitingKeys(store)).toEqual([]);
  });

  test('of a limited number of things each taker gets one, and no more are given', async () => {
    const store = await create();
    const given: boolean[] = [];
    for (const taker of ['a', 'b', 'a', 'c', 'd', 'b', 'a']) {
      given.push(await store.take('messages 2026-11-20T12', taker, 3, 3600));
    }
    expect(given).toEqual([true, true, true, true, false, true, true]);
    expect(await store.take('messages 2026-11-20T13', 'd', 3, 3600)).toBe(true);
  });

  test('many situations are read at once', async () => {
    const store = await create();
    const many = Array.from({ length: 120 }, (_, port) => situationOf(port + 1));
    for (let from = 0; from < many.length; from += 40) {
      await store.count(`finding ${from}`, many.slice(from, from + 40));
    }
    expect((await store.read(many.map(({ key }) => key))).size).toBe(120);
  });
}
