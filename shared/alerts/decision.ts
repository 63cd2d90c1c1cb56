import type { Policy } from './policy.ts';
import { isTold, ofEpisode, type Situation, sinceTold, worse } from './situation.ts';

/** Why people are told: `goes-on` is what a digest says of a situation that they know. */
export type Reason = 'opens' | 'worsens' | 'grows' | 'still-open' | 'goes-on';

/**
 * Whether a message of its own is due for a situation now, and why. Pure: it depends on the state, the policy and the time
 * alone, so that whoever looks at the situation, in whatever order and however often, decides alike.
 *
 * @param now Unix seconds
 */
export function dueMessage(situation: Situation, policy: Policy, now: number): Reason | undefined {
  const { told, lastTime, heldSince } = situation;
  if (heldSince !== undefined || !mayBeTold(situation, policy, now)) return undefined;
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
  const { heldSince } = situation;
  if (heldSince === undefined || !mayBeTold(situation, policy, now)) return undefined;
  // Whole windows, so that all that was held in one is told together.
  const window = isAtOnce(situation, policy) ? SECONDS_PER_HOUR : policy.digestSeconds;
  if (Math.floor(heldSince / window) === Math.floor(now / window)) return undefined;
  return isTold(situation) ? 'goes-on' : 'opens';
}

/** Whether a situation gets messages of its own. */
export function isAtOnce({ severity }: Situation, policy: Policy): boolean {
  return policy.atOnce.includes(severity);
}

/** The situation after people were told of it. */
export function told(situation: Situation, now: number): Situation {
  const { claimedUntil: _claim, heldSince: _held, ...rest } = situation;
  const { severity, episode, total } = situation;
  return { ...rest, told: { episode: episode.start, severity, counters: total, at: now } };
}

const SECONDS_PER_HOUR = 3600;

/** Not while someone else tells it, and not old data: that is no news. A held one waited for longer than it is news. */
function mayBeTold(
  { claimedUntil = 0, lastTime, heldSince }: Situation,
  policy: Policy,
  now: number,
): boolean {
  return claimedUntil <= now && lastTime >= (heldSince ?? now) - policy.newsSeconds;
}
