import { createHash } from 'node:crypto';
import type { Alerting } from './alerting.ts';
import { dayText, hourText } from './clock.ts';
import { treatmentOf } from './decision.ts';
import {
  keyOf,
  MOST_MEMBERS,
  type Part,
  type Scope,
  type Subject,
  startsEpisode,
  together,
} from './situation.ts';
import type { StoredSituation } from './situation-store.ts';

const DAY = 86_400;

/** So many ports of a meaning and a resource are situations of their own in a day; the others are one together. */
const MOST_PORTS = 32;
/** So many servers that a resource asks at one port are situations of their VPC in a day; the others are one of the resource. */
const MOST_SERVERS = 3;

/**
 * The parts in the situations where they are to be counted. Only what opens is moved: a situation that people know goes on
 * where it is.
 *
 * - Many ports of a resource, or many servers that it asks, are one situation of the resource.
 * - A storm of openings is one situation of the VPC, and a storm of those one of the account. What belongs to such a one
 *   goes on there; what is new has its own as soon as there is room again, so that a storm hides nothing after it.
 */
export async function place(parts: readonly Part[], alerting: Alerting): Promise<readonly Part[]> {
  const { store, policy, now } = alerting;
  const natural = await store.read(parts.map(({ subject }) => keyOf(subject)));
  const isOpeningIn = (found: ReadonlyMap<string, StoredSituation>, part: Part, subject = part.subject) =>
    startsEpisode(found.get(keyOf(subject))?.situation, part, policy.quietSeconds);
  const opening = parts.filter((part) => isOpeningIn(natural, part));
  if (opening.length === 0) return parts;

  const others = opening.flatMap((part) => {
    const own = ownSubject(part);
    return [own, withoutService(own), ...widerSubjects(part.subject)].map(keyOf);
  });
  const known = new Map([...natural, ...(await store.read(others))]);
  const [today, hour] = [dayText(now()), hourText(now())];

  const placed = new Map<Part, Part>();
  for (const part of opening) placed.set(part, await placedPart(part));
  return together(parts.map((part) => placed.get(part) ?? part));

  async function placedPart(part: Part): Promise<Part> {
    const isOpen = (subject: Subject) => !isOpeningIn(known, part, subject);
    const member = memberOf(part.subject);
    const inWider = (subject: Subject): Part => ({ ...part, subject, members: [member] });
    const wider = widerSubjects(part.subject);
    const itsOwn = wider.find((subject) => isOpen(subject) && hasMember(subject, member));
    if (itsOwn !== undefined) return inWider(itsOwn);

    const isNews = part.lastTime >= now() - policy.newsSeconds;
    // Nobody is told of old data: it must not use up what there is for news.
    if (!isNews) return { ...part, subject: withoutService(ownSubject(part)) };
    const subject = await withinServices(part, isOpen);
    if (isOpen(subject) || treatmentOf({ severity: part.severity, subject }, policy) !== 'at-once') {
      return { ...part, subject };
    }
    let chosen = subject;
    for (const next of wider) {
      if (await hasRoom(chosen)) break;
      chosen = next;
      if (isOpen(chosen)) break;
    }
    return chosen === subject ? { ...part, subject } : inWider(chosen);
  }

  /** The part's subject, or that of its resource that takes the servers and ports that are too many. */
  async function withinServices(part: Part, isOpen: (subject: Subject) => boolean): Promise<Subject> {
    const { subject } = part;
    if (subject.service === undefined) return subject;
    const { protocol, port, server } = subject.service;
    const own = ownSubject(part);
    const all = withoutService(own);
    let chosen = subject;
    if (server !== undefined) {
      if (isOpen(own)) return own;
      const isOne = await store.take(`servers ${today} ${keyOf(own)}`, server, MOST_SERVERS, 2 * DAY);
      if (!isOne) chosen = own;
    }
    const isOne = await store.take(
      `ports ${today} ${keyOf(all)}`,
      `${protocol}/${port}`,
      MOST_PORTS,
      2 * DAY,
    );
    return isOne ? chosen : all;
  }

  /** Whether a wider situation has this one in it; a full one takes all. */
  function hasMember(subject: Subject, member: string): boolean {
    const { members = [] } = known.get(keyOf(subject))!.situation;
    return members.includes(member) || members.length >= MOST_MEMBERS;
  }

  /** Whether one situation more may open in this hour in the scope around the subject's. */
  function hasRoom(subject: Subject): Promise<boolean> {
    const { accountId, region, vpcId, scope, meaning } = subject;
    const around = scope.level === 'resource' ? (vpcId ?? '') : '';
    // By meaning: a noisy scanner must not push an outage out of sight.
    const name = `openings ${hour} ${scope.level} ${accountId} ${region ?? ''} ${around} ${meaning}`;
    return store.take(name, keyOf(subject), policy.openingsPerHour, DAY);
  }
}

function memberOf(subject: Subject): string {
  return createHash('sha256').update(keyOf(subject)).digest('base64url').slice(0, 10);
}

/** The same at the resource that recorded it, whichever server it asked. */
function ownSubject({ subject, resourceId }: Part): Subject {
  const { service, ...rest } = subject;
  if (service?.server === undefined) return subject;
  const { server: _, ...port } = service;
  const scope: Scope = resourceId === undefined ? subject.scope : { level: 'resource', id: resourceId };
  return { ...rest, scope, service: port };
}

function withoutService({ service: _, ...subject }: Subject): Subject {
  return subject;
}

/** The same of all services in the VPC, if it is known, and in the account; the nearest first. */
function widerSubjects(subject: Subject): Subject[] {
  const { scope, vpcId, accountId } = subject;
  const account: Scope = { level: 'account', id: accountId };
  const vpc: Scope[] = scope.level === 'resource' && vpcId !== undefined ? [{ level: 'vpc', id: vpcId }] : [];
  return scope.level === 'account'
    ? []
    : [...vpc, account].map((wide) => ({ ...withoutService(subject), scope: wide }));
}
