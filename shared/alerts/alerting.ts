/**
 * Findings to messages. Each finding is counted once, in one transaction with its situations; what is due is then claimed,
 * published and marked. A crash between any two of these steps loses nothing: the finding's message comes again, and an
 * expired claim is taken up by `tellWaiting`. A message is repeated only if the crash fell between the publisher's answer
 * and the mark.
 */

import { PermanentError } from '../errors.ts';
import type { FindingWithId } from '../findings/parse-findings.ts';
import type { Notice } from './alert-message.ts';
import { dayText, hourText } from './clock.ts';
import { dueDigest, dueMessage, isLargeEnough, type Reason, told, treatmentOf } from './decision.ts';
import { MOST_VALUES } from './message/attributes.ts';
import { isNews, partsOf, withOldData } from './parts.ts';
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
/** So many situations that are worth a message of their own are told in one, all with their details. */
const AT_ONCE_TOGETHER = 25;

/** Operations on the store that run at the same time. */
const CONCURRENCY = 20;

const DAY = 86_400;
const ALWAYS = 20 * 365 * DAY;

/** What became of the findings of an object. */
export interface ObjectCounts {
  findings: number;
  /** For the first time. */
  counted: number;
  /** Of these, too old to be told. */
  tooOld: number;
}

/**
 * Counts the findings of one object, each once however often it is given, and tells people what they make due: when all are
 * counted, so that a message knows of the whole object. If it fails, it is to be given again.
 *
 * @param findings each with an id that is equal for equal findings
 * @param onCounted is told what was counted, before people are told
 * @throws what the findings, the store and the publisher throw
 */
export async function takeObject(
  findings: AsyncIterable<FindingWithId> | Iterable<FindingWithId>,
  alerting: Alerting,
  onCounted: (counts: ObjectCounts) => void = () => {},
): Promise<void> {
  const { policy, now } = alerting;
  const counts: ObjectCounts = { findings: 0, counted: 0, tooOld: 0 };
  const countings: Counting[] = [];
  const old = new Map<string, { id: string; part: Part }>();
  for await (const { id, finding } of findings) {
    counts.findings++;
    const parts = partsOf(finding, policy, now());
    if (parts.length === 0) continue;
    const counting = await countFinding(id, parts, alerting);
    countings.push(counting);
    const isOld = !isNews(finding, policy, now());
    counts.counted += Number(counting.isCounted);
    counts.tooOld += Number(counting.isCounted && isOld);
    if (!isOld || policy.off.includes('OLD_DATA') || policy.off.includes('old-data')) continue;
    const { aws_account_id: account } = finding;
    const before = old.get(account);
    old.set(account, { id: before?.id ?? `old ${id}`, part: withOldData(before?.part, finding, now()) });
  }
  for (const { id, part } of old.values()) countings.push(await countFinding(id, [part], alerting));
  onCounted(counts);
  await tellCounted(countings, alerting);
}

/**
 * Counts parts of one finding, once however often they are given, and tells people what they make due.
 *
 * @param findingId equal for equal findings
 * @param parts of different subjects
 * @throws what the store and the publisher throw; to be given again then
 */
export async function takeParts(
  findingId: string,
  parts: readonly Part[],
  alerting: Alerting,
): Promise<void> {
  await tellCounted([await countFinding(findingId, parts, alerting)], alerting);
}

async function tellCounted(countings: readonly Counting[], alerting: Alerting): Promise<void> {
  const keys = new Set(countings.flatMap((counting) => counting.keys));
  const newest = new Set(countings.flatMap((counting) => counting.newest));
  const current = await alerting.store.read([...keys]);
  await allOf([
    ...[...current.values()].map((stored) => () => tellIfDue(stored, alerting)),
    ...[...newest].map((key) => () => tellFirst(key, alerting)),
  ]);
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
  await allOf(chunks(due, AT_ONCE_TOGETHER).map((some) => () => tellNow(some, alerting)));
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
  const isWorthIt = part.lastTime >= now() - policy.newsSeconds && isLargeEnough(situation, policy);
  return isWorthIt && situation.heldSince === undefined ? { ...situation, heldSince: now() } : situation;
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
  const together = [...chunks(overflow, AT_ONCE_TOGETHER), ...joined([...digests.values()])];
  await allOf([
    ...unfinished.map((stored) => () => tellIfDue(stored, alerting)),
    ...together.map((due) => () => tellTogether(due, alerting)),
  ]);
}

/** One after the other. What fails does not keep the others from being told; what may pass is thrown first. */
async function allOf(tasks: readonly (() => Promise<void>)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const task of tasks) {
    try {
      await task();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors.find((error) => !(error instanceof PermanentError)) ?? errors[0];
}

const OVERFLOW = 'overflow';

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

/** A few digests stay apart; a whole organization's are joined, or each window would bring hundreds of messages. */
function joined(digests: readonly Due[][]): Due[][] {
  if (digests.length <= SEPARATE_DIGESTS) return [...digests];
  const messages: Due[][] = [];
  for (const digest of digests) {
    const last = [...(messages.at(-1) ?? []), ...digest];
    if (messages.length > 0 && fitsFilters(last)) messages[messages.length - 1] = last;
    else messages.push(digest);
  }
  return messages;
}

/** Whether the attributes of a message have room for all of its accounts and VPCs. */
function fitsFilters(due: readonly Due[]): boolean {
  const subjects = due.map(({ stored }) => stored.situation.subject);
  const accounts = new Set(subjects.map(({ accountId }) => accountId));
  const vpcs = new Set(subjects.map(({ vpcId }) => vpcId));
  return accounts.size <= MOST_VALUES && vpcs.size <= MOST_VALUES;
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
  if (!(await takeFirst(stored.situation, key, alerting))) return;
  if (!(await store.take(`firsts ${dayText(now())}`, key, FIRST_PER_DAY, 2 * DAY))) return;
  await tellNow([{ stored, reason: 'first' }], alerting);
}

/** Whether this is the first rejected traffic of its account that people are told of. */
function takeFirst({ subject }: Situation, key: string, { store }: Alerting): Promise<boolean> {
  return store.take(`first ${subject.accountId}`, key, 1, ALWAYS);
}

/** One message, if the hour has room for it; else its situations are held for the digest at the hour's end. */
async function tellNow(due: readonly Due[], alerting: Alerting): Promise<void> {
  const claimed = await claim(due, alerting);
  if (claimed.length === 0) return;
  const { store, policy, now } = alerting;
  const { key, version, situation } = claimed[0]!.stored;
  // What is critical must not wait because the hour was noisy.
  const isCritical = claimed.some(({ stored }) => stored.situation.severity === 'critical');
  const messages = `${isCritical ? 'critical ' : ''}messages ${hourText(now())}`;
  if (await store.take(messages, `${key} ${version}`, policy.messagesPerHour, DAY)) {
    if (situation.subject.kind === 'REJECT') await takeFirst(situation, key, alerting);
    await publishClaimed(claimed, alerting);
  } else {
    await each(claimed, async ({ stored }) => {
      await change(stored.key, alerting, ({ claimedUntil: _, ...rest }) => ({ ...rest, heldSince: now() }));
    });
  }
}

/** Many situations in one message. */
async function tellTogether(due: readonly Due[], alerting: Alerting): Promise<void> {
  const claimed = await claim(due, alerting);
  if (claimed.length > 0) await publishClaimed(claimed, alerting);
}

/** Those that are now ours to publish, as they are now. */
async function claim(due: readonly Due[], { store, policy, now }: Alerting): Promise<readonly Due[]> {
  const claimed: Due[] = [];
  await each(due, async ({ stored: first, reason }) => {
    let stored: StoredSituation | undefined = first;
    let why: Reason | undefined = reason;
    while (stored !== undefined && why !== undefined) {
      const situation = { ...stored.situation, claimedUntil: now() + CLAIM_SECONDS };
      if (await store.replace({ ...stored, situation })) {
        claimed.push({ stored, reason: why });
        return;
      }
      stored = (await store.read([first.key])).get(first.key);
      const isClaimed = (stored?.situation.claimedUntil ?? 0) > now();
      if (stored === undefined || isClaimed) return;
      const isStillFirst = reason === 'first' && stored.situation.heldSince !== undefined;
      const { situation: current } = stored;
      why = isStillFirst ? reason : (dueMessage(current, policy, now()) ?? dueDigest(current, policy, now()));
    }
  });
  return claimed;
}

/**
 * Publishes and marks, with the counters that people have seen: what came in between is told after it. What a topic refuses
 * for good is marked as well: to try it again would fail for ever.
 */
async function publishClaimed(claimed: readonly Due[], alerting: Alerting): Promise<void> {
  const notices = claimed.map(({ stored: { situation }, reason }) => ({ situation, reason }));
  const refusal = await alerting.publish(notices).catch((error: unknown) => {
    if (error instanceof PermanentError) return error;
    throw error;
  });
  const now = alerting.now();
  const changed: StoredSituation[] = [];
  await each(claimed, async ({ stored: { key, situation: seen } }) => {
    const marked = await change(key, alerting, (current) =>
      afterMessage(current, seen, now, alerting.policy),
    );
    if (marked !== undefined && marked.situation.total.findings > seen.total.findings) changed.push(marked);
  });
  await allOf(changed.map((stored) => () => tellIfDue(stored, alerting)));
  if (refusal !== undefined) throw refusal;
}

/** What is stored of a situation once people were told what was seen of it. More of it waits for the next digest. */
function afterMessage(current: Situation, seen: Situation, now: number, policy: Policy): Situation {
  const { told: toldOf, openings = [] } = told(seen, now);
  const next = { ...told(current, now), told: toldOf!, openings };
  const waits =
    current.total.findings > seen.total.findings &&
    treatmentOf(next, policy) === 'digest' &&
    current.lastTime >= now - policy.newsSeconds;
  return waits ? { ...next, heldSince: now } : next;
}

/** Changes a situation whoever else changes it at the same time, and returns what it is now. */
async function change(
  key: string,
  { store }: Alerting,
  apply: (situation: Situation) => Situation,
): Promise<StoredSituation | undefined> {
  for (;;) {
    const stored = (await store.read([key])).get(key);
    if (stored === undefined) return undefined;
    const situation = apply(stored.situation);
    if (await store.replace({ ...stored, situation })) return { key, version: stored.version + 1, situation };
  }
}

/** Some at a time: a digest can have thousands of situations, and a claim does not last for ever. All are tried. */
async function each<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  const results: PromiseSettledResult<void>[] = [];
  for (const some of chunks(items, CONCURRENCY)) results.push(...(await Promise.allSettled(some.map(run))));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
