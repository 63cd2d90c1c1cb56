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
  const { flows } = ofEpisode(situation);
  const before = flows - sinceTold(situation).flows;
  if (before > 0 && flows >= policy.growth * before) return 'grows';
  const isOpen = lastTime >= told.at - policy.quietSeconds && sinceTold(situation).findings > 0;
  return isOpen && now - told.at >= policy.stillOpenSeconds ? 'still-open' : undefined;
}

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

/** How people are told of a situation. */
export function treatmentOf(
  { severity, subject }: Pick<Situation, 'severity' | 'subject'>,
  policy: Policy,
): Treatment {
  return subject.kind === 'OLD_DATA' ? 'digest' : policy.severities[severity];
}

/** The situation after people were told of it. */
export function told(situation: Situation, now: number): Situation {
  const { claimedUntil: _claim, heldSince: _held, ...rest } = situation;
  const { severity, episode, total } = situation;
  return { ...rest, told: { episode: episode.start, severity, counters: total, at: now } };
}

const SECONDS_PER_HOUR = 3600;

/**
 * Not while someone else tells it, not before it is large enough, and not old data: that is no news. A held one waited for
 * longer than it is news.
 */
function mayBeTold(situation: Situation, policy: Policy, now: number): boolean {
  const { claimedUntil = 0, lastTime, heldSince, subject } = situation;
  const { flows = 0, packets = 0 } = policy.minimums[subject.meaning] ?? {};
  const counted = ofEpisode(situation);
  if (counted.flows < flows || counted.packets < packets) return false;
  return claimedUntil <= now && lastTime >= (heldSince ?? now) - policy.newsSeconds;
}
