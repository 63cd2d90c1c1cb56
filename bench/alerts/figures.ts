/** Figures of a simulation with the goals beside them. */
import type { Outcome, Told } from './judge.ts';
import { type Report, WITHIN } from './simulations.ts';

export interface Figure {
  readonly name: string;
  readonly value: string;
  /** Absent where nobody has set one. */
  readonly goal?: string;
  readonly isMet?: boolean;
}

/** What a report says, each figure once. */
export function figuresOf(report: Report): Figure[] {
  const { goal, days, verdict } = report;
  const { sent, outcomes } = verdict;
  const atOnce = ofKind(report, 'at-once');
  const digests = ofKind(report, 'digest', 'overflow');
  const incidents = outcomes.filter(({ condition }) => condition.is === 'incident');
  const small = outcomes.filter(({ condition }) => condition.is === 'small');
  const messages = sent.length;
  const ofOneAccount = mostOfOneAccount(sent);
  return [
    {
      name: 'messages',
      value: days > 1 ? `${messages} (${(messages / days).toFixed(1)} a day)` : String(messages),
      ...withGoal(goal.messages, (most) => [`at most ${most}`, messages <= most]),
    },
    ...(goal.messagesOfAccount === undefined
      ? []
      : [
          {
            name: 'messages of an account',
            value: String(ofOneAccount),
            ...withGoal(goal.messagesOfAccount, (most) => [`at most ${most}`, ofOneAccount <= most]),
          },
        ]),
    {
      name: 'of them at once',
      value: String(atOnce.length),
      ...withGoal(goal.atOnce, (most) => [`at most ${most}`, atOnce.length <= most]),
    },
    { name: 'of them digests', value: String(digests.length) },
    ...(incidents.length === 0 ? [] : figuresOfIncidents(incidents)),
    ...small.map(
      ({ condition, messages: count }): Figure => ({
        name: condition.name,
        value: count === 0 ? 'not told' : 'in the digest',
        goal: 'in the digest',
        isMet: count > 0,
      }),
    ),
    ...(atOnce.length === 0 ? [] : [precisionOf(report)]),
  ];
}

function figuresOfIncidents(incidents: readonly Outcome[]): Figure[] {
  const told = incidents.filter(({ delay }) => delay !== undefined);
  const slowest = Math.max(...told.map(({ delay }) => delay!));
  const oldest = Math.max(...told.map(({ age }) => age!));
  return [
    {
      name: 'incidents found (recall)',
      value: `${told.length} of ${incidents.length} (${share(told.length, incidents.length)})`,
      goal: 'all',
      isMet: told.length === incidents.length,
    },
    {
      name: 'longest wait after the object that shows it',
      value: `${slowest} s`,
      goal: `at most ${WITHIN} s`,
      isMet: slowest <= WITHIN,
    },
    {
      name: 'longest time from its beginning, delivery included',
      value: `${Math.round(oldest / 60)} min`,
    },
  ];
}

function precisionOf(report: Report): Figure {
  const messages = ofKind(report, 'at-once', 'overflow');
  const right = messages.filter(({ isFalse }) => !isFalse).length;
  return {
    name: 'messages of their own that are true (precision)',
    value: `${right} of ${messages.length} (${share(right, messages.length)})`,
  };
}

/** Messages that are no digest by what they tell of, the most first. */
export function causesOf(report: Report): readonly (readonly [string, number])[] {
  const causes = new Map<string, number>();
  for (const { names, isFalse } of ofKind(report, 'at-once', 'overflow')) {
    for (const name of new Set(isFalse ? [...names, 'nothing true'] : names)) {
      causes.set(name, (causes.get(name) ?? 0) + 1);
    }
  }
  return [...causes].sort(([, a], [, b]) => b - a);
}

function ofKind({ verdict: { sent } }: Report, ...kinds: Told['kind'][]): Told[] {
  return sent.filter(({ kind }) => kinds.includes(kind));
}

function mostOfOneAccount(sent: readonly Told[]): number {
  const counts = new Map<string, number>();
  for (const account of sent.flatMap(({ accounts }) => accounts)) {
    counts.set(account, (counts.get(account) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values());
}

function withGoal(most: number | undefined, say: (most: number) => readonly [string, boolean]) {
  if (most === undefined) return {};
  const [goal, met] = say(most);
  return { goal, isMet: met };
}

function share(part: number, whole: number): string {
  return `${Math.round((100 * part) / whole)} %`;
}
