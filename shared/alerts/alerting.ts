/**
 * Findings to messages. Each finding is counted once, in one transaction with its situations; what is due is then claimed,
 * published and marked. A crash between any two of these steps loses nothing: the finding's message comes again, and an
 * expired claim is taken up by `tellWaiting`. A message is repeated only if the crash fell between the publisher's answer
 * and the mark.
 */

import { dueDigest, dueMessage, isAtOnce, type Reason, told } from './decision.ts';
import type { Policy } from './policy.ts';
import { keyOf, type Part, type Situation, withPart } from './situation.ts';
import type { SituationStore, StoredSituation } from './situation-store.ts';

/** What people are told. */
export interface Notice {
  readonly situation: Situation;
  readonly reason: Reason;
}

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

/**
 * Counts a finding, once however often it is given, and tells people what it makes due.
 *
 * @param findingId equal for equal findings
 * @param parts what it says, of different subjects
 * @throws what the store and the publisher throw; to be given again then
 */
export async function takeFinding(
  findingId: string,
  parts: readonly Part[],
  alerting: Alerting,
): Promise<void> {
  const { store, policy } = alerting;
  const keys = parts.map(({ subject }) => keyOf(subject));
  for (;;) {
    const before = await store.read(keys);
    const changed = parts.map((part, index): StoredSituation => {
      const key = keys[index]!;
      const stored = before.get(key);
      const next = withPart(stored?.situation, part, policy.quietSeconds);
      const situation = held(stored?.situation, next, part, alerting);
      return { key, version: stored?.version ?? 0, situation };
    });
    if ((await store.count(findingId, changed)) !== 'conflict') break;
  }
  for (const stored of (await store.read(keys)).values()) await tellIfDue(stored, alerting);
}

/** What is worth no message of its own waits for the next digest, if it is news. What gets worse waits no more. */
function held(
  before: Situation | undefined,
  situation: Situation,
  part: Part,
  { policy, now }: Alerting,
): Situation {
  if (isAtOnce(situation, policy)) {
    const { heldSince: _held, ...free } = situation;
    return before === undefined || isAtOnce(before, policy) ? situation : free;
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
  for await (const stored of alerting.store.waiting()) {
    const { situation } = stored;
    const reason = dueDigest(situation, alerting.policy, alerting.now());
    if (reason === undefined) {
      await tellIfDue(stored, alerting);
      continue;
    }
    const { accountId, region } = situation.subject;
    const digest = isAtOnce(situation, alerting.policy) ? 'overflow' : `${accountId} ${region}`;
    digests.set(digest, [...(digests.get(digest) ?? []), { stored, reason }]);
  }
  for (const due of digests.values()) await tellTogether(due, alerting);
}

/** A situation of which people are to be told. */
interface Due {
  readonly stored: StoredSituation;
  readonly reason: Reason;
}

async function tellIfDue(stored: StoredSituation, alerting: Alerting): Promise<void> {
  const { policy, store, now } = alerting;
  const { situation } = stored;
  const reason = dueMessage(situation, policy, now());
  if (reason === undefined || !isAtOnce(situation, policy) || !(await claim(stored, alerting))) return;
  const hour = new Date(now() * 1000).toISOString().slice(0, 13);
  if (await store.take(`messages ${hour}`, policy.messagesPerHour)) {
    await alerting.publish([{ situation, reason }]);
    await markTold([stored], alerting);
  } else {
    await change(stored.key, alerting, ({ claimedUntil: _, ...rest }) => ({ ...rest, heldSince: now() }));
  }
}

/** Many situations in one message. */
async function tellTogether(due: readonly Due[], alerting: Alerting): Promise<void> {
  const claimed: Due[] = [];
  for (const each of due) if (await claim(each.stored, alerting)) claimed.push(each);
  if (claimed.length === 0) return;
  await alerting.publish(claimed.map(({ stored: { situation }, reason }) => ({ situation, reason })));
  await markTold(
    claimed.map(({ stored }) => stored),
    alerting,
  );
}

/** Whether this is now ours to publish. */
async function claim(
  { key, version, situation }: StoredSituation,
  { store, now }: Alerting,
): Promise<boolean> {
  return store.replace({ key, version, situation: { ...situation, claimedUntil: now() + CLAIM_SECONDS } });
}

/** Marks what was published, with the counters that people have seen: what came in between is told later. */
async function markTold(published: readonly StoredSituation[], alerting: Alerting): Promise<void> {
  const now = alerting.now();
  for (const { key, situation: seen } of published) {
    await change(key, alerting, (current) => ({ ...told(current, now), told: told(seen, now).told! }));
  }
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
