import type { Alerting } from './alerting.ts';
import { treatmentOf } from './decision.ts';
import {
  keyOf,
  type Part,
  type Scope,
  type Situation,
  type Subject,
  startsEpisode,
  together,
} from './situation.ts';
import type { StoredSituation } from './situation-store.ts';

const DAY = 86_400;

/** Of a meaning in a scope so many services are situations of their own; the others are one together. */
const MOST_SERVICES = 32;
/** For so long a scope's services are remembered. Longer than any episode that people still know. */
const REMEMBER_SERVICES = 30 * DAY;

/**
 * The parts in the situations where they are to be counted: a storm of openings is told as one situation of the VPC, and a
 * storm of those as one of the account; what belongs to such a one that is still open is counted there. Only what opens is
 * moved: a situation that people know goes on where it is.
 */
export async function place(parts: readonly Part[], alerting: Alerting): Promise<readonly Part[]> {
  const { store, policy } = alerting;
  const natural = await store.read(parts.map(({ subject }) => keyOf(subject)));
  const isOpening = (part: Part, found: ReadonlyMap<string, StoredSituation>) =>
    startsEpisode(found.get(keyOf(part.subject))?.situation, part, policy.quietSeconds);
  const opening = parts.filter((part) => isOpening(part, natural));
  if (opening.length === 0) return parts;

  const wider = await store.read(
    opening.flatMap(({ subject }) => {
      const all = withoutService(subject);
      return [all, ...widerSubjects(all)].map(keyOf);
    }),
  );
  const known = new Map([...natural, ...wider]);
  const placed = new Map<Part, Subject>();
  for (const part of opening) placed.set(part, await subjectOf(part));
  return together(parts.map((part) => ({ ...part, subject: placed.get(part) ?? part.subject })));

  async function subjectOf(part: Part): Promise<Subject> {
    const isOpen = (subject: Subject) => !isOpening({ ...part, subject }, known);
    const wide = widerSubjects(withoutService(part.subject));
    const open = wide.find(isOpen);
    if (open !== undefined) return open;
    let subject = await withinServices(part.subject, known.get(keyOf(part.subject))?.situation);
    if (isOpen(subject) || !isNewsOfItsOwn(part, alerting)) return subject;
    for (const next of wide) {
      if (await hasRoom(subject)) return subject;
      subject = next;
    }
    return subject;
  }

  /** The subject, or that of all services of its scope together. */
  async function withinServices(subject: Subject, before: Situation | undefined): Promise<Subject> {
    if (subject.service === undefined || before !== undefined) return subject;
    const all = withoutService(subject);
    const isOne = await store.take(
      `services ${keyOf(all)}`,
      keyOf(subject),
      MOST_SERVICES,
      REMEMBER_SERVICES,
    );
    return isOne ? subject : all;
  }

  /** Whether one situation more may open in the scope around the subject's. */
  async function hasRoom(subject: Subject): Promise<boolean> {
    const { accountId, region, vpcId, scope } = subject;
    const hour = new Date(alerting.now() * 1000).toISOString().slice(0, 13);
    const around = scope.level === 'resource' ? (vpcId ?? '') : '';
    const name = `openings ${scope.level} ${accountId} ${region ?? ''} ${around} ${hour}`;
    return store.take(name, keyOf(subject), policy.openingsPerHour, DAY);
  }
}

/** Whether the part's opening would be a message of its own. */
function isNewsOfItsOwn(part: Part, { policy, now }: Alerting): boolean {
  const isNews = part.lastTime >= now() - policy.newsSeconds;
  return isNews && treatmentOf(part, policy) === 'at-once';
}

function withoutService({ service: _, ...subject }: Subject): Subject {
  return subject;
}

/** The same in the VPC, if it is known, and in the account; the nearest first. */
function widerSubjects(subject: Subject): Subject[] {
  const { scope, vpcId, accountId } = subject;
  const account: Scope = { level: 'account', id: accountId };
  const vpc: Scope[] = scope.level === 'resource' && vpcId !== undefined ? [{ level: 'vpc', id: vpcId }] : [];
  return scope.level === 'account' ? [] : [...vpc, account].map((wide) => ({ ...subject, scope: wide }));
}
