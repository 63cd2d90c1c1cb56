import type { Policy, Treatment } from './policy.ts';
import { isTold, ofEpisode, type Situation, sinceTold, worse } from './situation.ts';

/**
 * Why people are told: `first` is an account's first rejected traffic, told at once so that a new user sees alerts work;
 * `goes-on` is what a digest says of a situation that they know.
 */
export const REASONS = ['opens', 'first', 'worsens', 'grows', 'still-open', 'goes-on'] as const;
export type Reason = (typeof REASONS)[number];

/**
 * Whether a message of its own is due for a situation now, and why. Pure: it depends on the state, the policy and the time
 * alone, so that whoever looks at the situation, in whatever order and however often, decides alike.
 *
 * @param now Unix seconds
 */
export function dueMessage(situation: Situation, policy: Policy, now: number): Reason | undefined {
  const { told, lastTime, heldSince } = situation;
  if (treatmentOf(situation, policy) !== 'at-once' || heldSince !== undefined) return undefined;
  if (!mayBeTold(situation, policy, now)) return undefined;
  if (told === undefined || !isTold(situation)) return 'opens';
  if (worse(situation.severity, told.severity) !== told.severity) return 'worsens';
  if ((situation.insiders?.length ?? 0) > told.insiders) return 'worsens';
  if (hasGrown(situation, policy)) return 'grows';
  const isOpen = lastTime >= told.at - policy.quietSeconds && sinceTold(situation).findings > 0;
  return isOpen && now - told.at >= policy.stillOpenSeconds ? 'still-open' : undefined;
}

/**
 * Whether it is so many times as large as people know, and not by going on alone: what comes steadily grows tenfold again
 * and again, and nobody learns from it.
 */
function hasGrown(situation: Situation, { growth }: Policy): boolean {
  const { episode, lastTime, subject, told } = situation;
  const [measure] = measureOf(subject);
  const since = sinceTold(situation)[measure];
  const before = ofEpisode(situation)[measure] - since;
  const rateBefore = before / Math.max(told!.lastTime - episode.start, OBJECT_SECONDS);
  const rateSince = since / Math.max(lastTime - told!.lastTime, OBJECT_SECONDS);
  return before > 0 && before + since >= growth * before && rateSince >= FASTER * rateBefore;
}

/** What tells the size of a situation, with its noun: of packet loss the log tells how much each flow lost. */
export function measureOf({ kind }: Situation['subject']): readonly ['packets' | 'flows', string] {
  return kind === 'PACKET_LOSS' ? ['packets', 'packet'] : ['flows', 'flow'];
}

/** Length of what a flow log object is about. */
const OBJECT_SECONDS = 300;
/** The first object can show less than a whole five minutes of what goes on. */
const FASTER = 3;

/** Whether a held situation belongs into a digest now, and what the digest says of it. */
export function dueDigest(situation: Situation, policy: Policy, now: number): Reason | undefined {
  const { heldSince, lastTime, subject } = situation;
  if (heldSince === undefined || treatmentOf(situation, policy) === 'never') return undefined;
  if (!mayBeTold(situation, policy, now)) return undefined;
  if (subject.kind === 'OLD_DATA') {
    // One message for all that is read in one go, when it is over.
    const isOver = now - lastTime >= policy.quietSeconds || now - heldSince >= policy.stillOpenSeconds;
    return isOver ? 'opens' : undefined;
  }
  // Whole windows, so that all that was held in one is told together.
  const window = treatmentOf(situation, policy) === 'at-once' ? SECONDS_PER_HOUR : policy.digestSeconds;
  if (Math.floor(heldSince / window) === Math.floor(now / window)) return undefined;
  return isTold(situation) ? 'goes-on' : 'opens';
}

/** How people are told of a situation, or of what a part of it alone would be. */
export function treatmentOf(
  situation: Pick<Situation, 'severity' | 'subject'> & Partial<Situation>,
  policy: Policy,
): Treatment {
  if (situation.subject.kind === 'OLD_DATA') return 'digest';
  const treatment = policy.severities[situation.severity];
  return treatment === 'at-once' && comesAndGoes(situation, policy) ? 'digest' : treatment;
}

/** Whether it opened several times within a day already, and is not worse than it was: a job that fails every two hours. */
function comesAndGoes(
  { openings = [], told, episode, lastTime = 0, severity = 'info' }: Partial<Situation>,
  { stillOpenSeconds }: Policy,
): boolean {
  if (openings.length < OPENINGS_A_DAY || told?.episode === episode?.start) return false;
  const isWorse = told !== undefined && worse(severity, told.severity) !== told.severity;
  return !isWorse && openings[0]! > lastTime - stillOpenSeconds;
}

/** So often a situation opens with a message of its own within a day. */
const OPENINGS_A_DAY = 3;

/** The situation after people were told of it. */
export function told(situation: Situation, now: number): Situation {
  const { claimedUntil: _claim, heldSince: _held, ...rest } = situation;
  const { severity, episode, total, lastTime, insiders = [], openings = [] } = situation;
  return {
    ...rest,
    told: { episode: episode.start, severity, counters: total, at: now, lastTime, insiders: insiders.length },
    openings: isTold(situation) ? openings : [...openings, episode.start].slice(-OPENINGS_A_DAY),
  };
}

/** Whether a situation has reached what the policy demands before people are told. */
export function isLargeEnough(situation: Situation, { minimums }: Policy): boolean {
  const { flows = 0, packets = 0 } = minimums[situation.subject.meaning] ?? {};
  const counted = ofEpisode(situation);
  return counted.flows >= flows && counted.packets >= packets;
}

const SECONDS_PER_HOUR = 3600;

/**
 * Not while someone else tells it, not before it is large enough, and not old data: that is no news. A held one waited for
 * longer than it is news.
 */
function mayBeTold(situation: Situation, policy: Policy, now: number): boolean {
  const { claimedUntil = 0, lastTime, heldSince } = situation;
  if (!isLargeEnough(situation, policy)) return false;
  return claimedUntil <= now && lastTime >= (heldSince ?? now) - policy.newsSeconds;
}
