/**
 * Findings to messages. Each finding is counted once, in one transaction with its situations; what is due is then claimed,
 * published and marked. A crash between any two of these steps loses nothing: the finding's message comes again, and an
 * expired claim is taken up by `tellWaiting`. A message is repeated only if the crash fell between the publisher's answer
 * and the mark.
 */

import { PermanentError } from '../errors.ts';
import type { Notice } from './alert-message.ts';
import { dueDigest, dueMessage, type Reason, told, treatmentOf } from './decision.ts';
import { place } from './placing.ts';
import type { Policy } from './policy.ts';
import { keyOf, type Part, type Situation, withPart } from './situation.ts';
import type { SituationStore, StoredSituation } from './situation-store.ts';

export interface Alerting {
  readonly store: SituationStore;
  readonly policy: Policy;
  /** Tells people, or throws; then they may have been told. */
  publish(notices: readonly Notice[]): Promise<void>;
  /** Unix seconds. */
  now(): number;
}

/** A claim that is older was made by someone who crashed. Longer than a publication takes. */
const CLAIM_SECONDS = 120;

/** Accounts whose first rejected traffic is told at once, in a day: an organization has hundreds. */
const FIRST_PER_DAY = 3;

/** Digests of so many accounts and Regions are told apart; more go together. */
const SEPARATE_DIGESTS = 5;
/** So many accounts fit into the attributes that subscriptions filter by. */
const ACCOUNTS_TOGETHER = 100;

/** Operations on the store that run at the same time. */
const CONCURRENCY = 20;

const DAY = 86_400;
const ALWAYS = 20 * 365 * DAY;

/**
 * Counts a finding, once however often it is given, and tells people what it makes due.
 *
 * @param findingId equal for equal findings
 * @param parts what it says, of different subjects
 * @returns whether it was counted for the first time
 * @throws what the store and the publisher throw; to be given again then
 */
export async function takeFinding(
  findingId: string,
  parts: readonly Part[],
  alerting: Alerting,
): Promise<boolean> {
  if (parts.length === 0) return false;
  const { keys, isCounted, newest } = await countFinding(findingId, parts, alerting);
  const current = await alerting.store.read(keys);
  await allOf([
    ...[...current.values()].map((stored) => () => tellIfDue(stored, alerting)),
    ...newest.map((key) => () => tellFirst(key, alerting)),
  ]);
  return isCounted;
}

/**
 * Counts accounts that are silent and tells people of those they don't know, all in one message: if it is all of them, it
 * is not the accounts.
 *
 * @param silences of different accounts and Regions, each with an id that is equal for an hour
 */
export async function takeSilences(
  silences: readonly { readonly id: string; readonly part: Part }[],
  alerting: Alerting,
): Promise<void> {
  const { store, policy, now } = alerting;
  for (const { id, part } of silences) await countFinding(id, [part], alerting);
  const stored = await store.read(silences.map(({ part: { subject } }) => keyOf(subject)));
  const due = [...stored.values()].flatMap((one): Due[] => {
    const reason = dueMessage(one.situation, policy, now());
    return reason === undefined ? [] : [{ stored: one, reason }];
  });
  await tellNow(due, alerting);
}

interface Counting {
  /** Of the situations that it was counted in, now or before. */
  readonly keys: readonly string[];
  readonly isCounted: boolean;
  /** Of situations that did not exist before. */
  readonly newest: readonly string[];
}

async function countFinding(
  findingId: string,
  parts: readonly Part[],
  alerting: Alerting,
): Promise<Counting> {
  const { store, policy } = alerting;
  const placed = await place(parts, alerting);
  const keys = placed.map(({ subject }) => keyOf(subject));
  for (;;) {
    const before = await store.read(keys);
    const changed = placed.map((part, index): StoredSituation => {
      const key = keys[index]!;
      const stored = before.get(key);
      const next = withPart(stored?.situation, part, policy.quietSeconds);
      const situation = held(stored?.situation, next, part, alerting);
      return { key, version: stored?.version ?? 0, situation };
    });
    const result = await store.count(findingId, changed);
    if (result === 'conflict') continue;
    const isCounted = result === 'counted';
    return { keys, isCounted, newest: isCounted ? keys.filter((key) => !before.has(key)) : [] };
  }
}

/** What is worth no message of its own waits for the next digest, if it is news. What gets worse waits no more. */
function held(
  before: Situation | undefined,
  situation: Situation,
  part: Part,
  { policy, now }: Alerting,
): Situation {
  const treatment = treatmentOf(situation, policy);
  if (treatment !== 'digest') {
    const { heldSince: _held, ...free } = situation;
    return before !== undefined && treatmentOf(before, policy) === treatment ? situation : free;
  }
  const isNews = part.lastTime >= now() - policy.newsSeconds;
  return isNews && situation.heldSince === undefined ? { ...situation, heldSince: now() } : situation;
}

/**
 * Tells what is due although no finding came: digests, and what someone claimed and never told. To be called every few
 * minutes.
 */
export async function tellWaiting(alerting: Alerting): Promise<void> {
  const digests = new Map<string, Due[]>();
  const unfinished: StoredSituation[] = [];
  for await (const stored of alerting.store.waiting()) {
    const { situation } = stored;
    const reason = dueDigest(situation, alerting.policy, alerting.now());
    if (reason === undefined) {
      unfinished.push(stored);
      continue;
    }
    const { accountId, region } = situation.subject;
    const isOverflow = treatmentOf(situation, alerting.policy) === 'at-once';
    const digest = isOverflow ? OVERFLOW : `${accountId} ${region ?? ''}`;
    digests.set(digest, [...(digests.get(digest) ?? []), { stored, reason }]);
  }
  const overflow = digests.get(OVERFLOW) ?? [];
  digests.delete(OVERFLOW);
  await allOf([
    ...unfinished.map((stored) => () => tellIfDue(stored, alerting)),
    ...[overflow, ...joined([...digests.values()])].map((due) => () => tellTogether(due, alerting)),
  ]);
}

/** One after the other. What fails does not keep the others from being told. */
async function allOf(tasks: readonly (() => Promise<void>)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const task of tasks) {
    try {
      await task();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}

const OVERFLOW = 'overflow';

/** A few digests stay apart; a whole organization's are joined, or each window would bring hundreds of messages. */
function joined(digests: readonly Due[][]): readonly Due[][] {
  if (digests.length <= SEPARATE_DIGESTS) return digests;
  return Array.from({ length: Math.ceil(digests.length / ACCOUNTS_TOGETHER) }, (_, index) =>
    digests.slice(index * ACCOUNTS_TOGETHER, (index + 1) * ACCOUNTS_TOGETHER).flat(),
  );
}

/** A situation of which people are to be told. */
interface Due {
  readonly stored: StoredSituation;
  readonly reason: Reason;
}

async function tellIfDue(stored: StoredSituation, alerting: Alerting): Promise<void> {
  const reason = dueMessage(stored.situation, alerting.policy, alerting.now());
  if (reason !== undefined) await tellNow([{ stored, reason }], alerting);
}

/** Tells of an account's first rejected traffic, although it is worth no more than a digest. */
async function tellFirst(key: string, alerting: Alerting): Promise<void> {
  const { store, now } = alerting;
  const stored = (await store.read([key])).get(key);
  if (stored?.situation.heldSince === undefined || stored.situation.subject.kind !== 'REJECT') return;
  if (!(await store.take(`first ${stored.situation.subject.accountId}`, key, 1, ALWAYS))) return;
  const day = new Date(now() * 1000).toISOString().slice(0, 10);
  if (!(await store.take(`firsts ${day}`, key, FIRST_PER_DAY, 2 * DAY))) return;
  await tellNow([{ stored, reason: 'first' }], alerting);
}

/** One message, if the hour has room for it; else its situations are held for the digest at the hour's end. */
async function tellNow(due: readonly Due[], alerting: Alerting): Promise<void> {
  const claimed = await claim(due, alerting);
  if (claimed.length === 0) return;
  const { store, policy, now } = alerting;
  const hour = new Date(now() * 1000).toISOString().slice(0, 13);
  const { key, version } = claimed[0]!.stored;
  if (await store.take(`messages ${hour}`, `${key} ${version}`, policy.messagesPerHour, DAY)) {
    await publishClaimed(claimed, alerting);
  } else {
    await each(claimed, ({ stored }) =>
      change(stored.key, alerting, ({ claimedUntil: _, ...rest }) => ({ ...rest, heldSince: now() })),
    );
  }
}

/** Many situations in one message. */
async function tellTogether(due: readonly Due[], alerting: Alerting): Promise<void> {
  const claimed = await claim(due, alerting);
  if (claimed.length > 0) await publishClaimed(claimed, alerting);
}

/** Those that are now ours to publish. */
async function claim(due: readonly Due[], { store, now }: Alerting): Promise<readonly Due[]> {
  const claimed: Due[] = [];
  await each(due, async (one) => {
    const { stored } = one;
    const situation = { ...stored.situation, claimedUntil: now() + CLAIM_SECONDS };
    if (await store.replace({ ...stored, situation })) claimed.push(one);
  });
  return claimed;
}

/**
 * Publishes and marks, with the counters that people have seen: what came in between is told later. What a topic refuses for
 * good is marked as well: to try it again would fail for ever.
 */
async function publishClaimed(claimed: readonly Due[], alerting: Alerting): Promise<void> {
  const notices = claimed.map(({ stored: { situation }, reason }) => ({ situation, reason }));
  const refusal = await alerting.publish(notices).catch((error: unknown) => {
    if (error instanceof PermanentError) return error;
    throw error;
  });
  const now = alerting.now();
  await each(claimed, ({ stored: { key, situation: seen } }) =>
    change(key, alerting, (current) => ({ ...told(current, now), told: told(seen, now).told! })),
  );
  if (refusal !== undefined) throw refusal;
}

/** Changes a situation whoever else changes it at the same time. */
async function change(
  key: string,
  { store }: Alerting,
  apply: (situation: Situation) => Situation,
): Promise<void> {
  for (;;) {
    const stored = (await store.read([key])).get(key);
    if (stored === undefined) return;
    if (await store.replace({ ...stored, situation: apply(stored.situation) })) return;
  }
}

/** Some at a time: a digest can have thousands of situations, and a claim does not last for ever. */
async function each<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  for (let from = 0; from < items.length; from += CONCURRENCY) {
    await Promise.all(items.slice(from, from + CONCURRENCY).map(run));
  }
}
