/** What people were told, held against what was true. */
import { treatmentOf } from '../../shared/alerts/decision.ts';
import type { Delivery } from '../../shared/alerts/delivery-store.ts';
import type { Policy } from '../../shared/alerts/policy.ts';
import { type Arrival, replay, type SentAlert } from '../../shared/alerts/replay.ts';
import type { Operation } from './operation.ts';
import type { Condition } from './scene.ts';

export interface Verdict {
  readonly sent: readonly Told[];
  /** What became of every condition. */
  readonly outcomes: readonly Outcome[];
}

/** A message. */
export interface Told {
  /** Unix seconds. */
  readonly at: number;
  /** `overflow` is the digest of what the hour's cap did not let through. */
  readonly kind: 'at-once' | 'digest' | 'overflow' | 'first';
  readonly subject: string;
  readonly accounts: readonly string[];
  /** Names of the conditions that it tells of. */
  readonly names: readonly string[];
  /** It has situations that were worth a message of their own and are nothing true. */
  readonly isFalse: boolean;
}

export interface Outcome {
  readonly condition: Condition;
  /** Messages that name it. */
  readonly messages: number;
  /** Seconds from the arrival of the first object that shows it to the message; absent if there was none. */
  readonly delay?: number;
  /** The same from its first second on. */
  readonly age?: number;
}

/** Replays arrivals under a policy and judges what is told. */
export async function judge(
  arrivals: Iterable<Arrival>,
  { conditions, firstArrivals }: Pick<Operation, 'conditions' | 'firstArrivals'>,
  policy: Policy,
  deliveries?: (at: number) => readonly Delivery[],
): Promise<Verdict> {
  const sent: Told[] = [];
  const naming = new Map<Condition, number[]>(conditions.map((condition) => [condition, []]));
  for await (const alert of replay(arrivals, policy, deliveries)) {
    const named = new Set<Condition>();
    let isFalse = false;
    for (const { situation } of alert.notices) {
      const isSmall = treatmentOf(situation, policy) === 'digest';
      const meant = conditions.filter(
        (condition) => isSmall === (condition.is === 'small') && isMeant(situation, condition),
      );
      for (const condition of meant) named.add(condition);
      if (!isSmall && meant.length === 0) isFalse = true;
    }
    for (const condition of named) naming.get(condition)!.push(alert.at);
    sent.push({ ...describe(alert, policy), names: [...named].map(({ name }) => name), isFalse });
  }
  const outcomes = [...naming].map(([condition, times]): Outcome => {
    const [told] = times;
    const outcome = { condition, messages: times.length };
    if (told === undefined) return outcome;
    const first = condition.tellableFrom ?? firstArrivals.get(condition) ?? told;
    return { ...outcome, delay: told - first, age: told - condition.from };
  });
  return { sent, outcomes };
}

/** Whether a situation is about a condition, while it goes on. */
function isMeant(
  { subject, firstTime, lastTime, episode }: SentAlert['notices'][number]['situation'],
  { isNamedBy, from, until }: Condition,
): boolean {
  return isNamedBy(subject) && lastTime >= from && Math.max(firstTime, episode.start) <= until;
}

function describe({ at, notices, message }: SentAlert, policy: Policy): Omit<Told, 'names' | 'isFalse'> {
  const { situation, reason } = notices[0]!;
  const isHeld = situation.heldSince !== undefined;
  const held = treatmentOf(situation, policy) === 'at-once' ? 'overflow' : 'digest';
  const accounts = [...new Set(notices.map((each) => each.situation.subject.accountId))];
  const kind = reason === 'first' ? 'first' : isHeld ? held : 'at-once';
  return { at, kind, subject: message.subject, accounts };
}
