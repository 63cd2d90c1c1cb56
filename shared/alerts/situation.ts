/**
 * What findings add up to over time. A situation is one per kind, meaning, scope, path and service; it counts every finding
 * once and knows what people were told. Times are Unix seconds; those of traffic are event time.
 */

import { createHash } from 'node:crypto';
import {
  type ConnectionPath,
  type Finding,
  type Meaning,
  SEVERITIES,
  type Severity,
} from '../findings/finding.ts';

/** What people can be told of: findings, an account that fell silent, and how many findings were too old to tell. */
export const ALERT_KINDS = ['REJECT', 'SKIPDATA', 'PACKET_LOSS', 'NO_DELIVERY', 'OLD_DATA'] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];
export type AlertMeaning = Meaning | 'no-delivery' | 'old-data';

/** What a situation is about. Equal subjects are one situation. */
export interface Subject {
  readonly kind: AlertKind;
  readonly meaning: AlertMeaning;
  readonly accountId: string;
  /** Absent if it is about all Regions of the account. */
  readonly region?: string;
  readonly scope: Scope;
  readonly vpcId?: string;
  readonly path?: ConnectionPath;
  /** The service that traffic asked for, where the meaning is about one. Never a client's port. */
  readonly service?: Service;
}

/** Where: an interface, attachment or the like; else its VPC; else the account in its Region. */
export interface Scope {
  readonly level: 'resource' | 'vpc' | 'account';
  readonly id: string;
}

export interface Service {
  /** IANA number. */
  readonly protocol: number;
  readonly port: number;
  /** The server's address, where the service is at the other end and the scope is a VPC. */
  readonly server?: string;
}

export interface Counters {
  readonly findings: number;
  readonly flows: number;
  readonly packets: number;
}

export interface Situation {
  readonly subject: Subject;
  /** The highest of the episode. */
  readonly severity: Severity;
  /** Of all findings ever counted, whatever their order. */
  readonly total: Counters;
  /** First and last packet of all. */
  readonly firstTime: number;
  readonly lastTime: number;
  /** The time since the last quiet window, and what had been counted before. */
  readonly episode: { readonly start: number; readonly before: Counters };
  /** What was published last: in which episode, how bad it was, its counters then, and when. */
  readonly told?: {
    readonly episode: number;
    readonly severity: Severity;
    readonly counters: Counters;
    readonly at: number;
    readonly lastTime: number;
    /** How many of `insiders` they were told of. */
    readonly insiders: number;
  };
  /** When the last episodes began that people were told of. */
  readonly openings?: readonly number[];
  /** Inside addresses that scan or sweep, in the episode, as far as they are kept. */
  readonly insiders?: readonly string[];
  /** Of a situation of a VPC or an account: what of it would have been a situation of its own, as far as it is kept. */
  readonly members?: readonly string[];
  /** Someone is publishing it; after this time they have failed. */
  readonly claimedUntil?: number;
  /** It waits for a digest since then: because it is no more than info, or because the hour's messages were used up. */
  readonly heldSince?: number;
  /** The finding of the episode that says most: the one with the most flows. None for what no finding told. */
  readonly evidence?: Finding;
  /** For lost log data: the day (UTC) of the last loss, and the seconds lost on it. */
  readonly lossOfDay?: LossOfDay;
  /** For old data, whose times above are those of its arrival: its own first and last time. */
  readonly covers?: Span;
}

/** Unix seconds. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

export interface LossOfDay {
  /** Since 1970, UTC. */
  readonly day: number;
  readonly seconds: number;
}

/** What one finding says about a subject. */
export interface Part {
  readonly subject: Subject;
  readonly severity: Severity;
  /** 1 unless given. */
  readonly findings?: number;
  readonly flows: number;
  readonly packets: number;
  readonly firstTime: number;
  readonly lastTime: number;
  /** Absent for what no finding told. */
  readonly finding?: Finding;
  /** Seconds of log data that AWS lost. */
  readonly skippedSeconds?: number;
  readonly covers?: Span;
  /** The inside address that scans or sweeps. */
  readonly insider?: string;
  /** What recorded it. */
  readonly resourceId?: string;
  /** Of a part that was placed in a wider situation: what it would have been. */
  readonly members?: readonly string[];
}

const SECONDS_PER_DAY = 86_400;
const NOTHING: Counters = { findings: 0, flows: 0, packets: 0 };

/** The situation's key: a text of at most 600 characters that is equal for equal subjects. */
export function keyOf({ kind, meaning, accountId, region, scope, path, service }: Subject): string {
  return [
    ...[accountId, region ?? '', kind, meaning, scope.level, scope.id, path ?? ''],
    ...(service === undefined ? [] : [service.protocol, service.port, service.server ?? '']),
  ]
    .map(keyPart)
    .join('/');
}

const LONGEST_PART = 60;

/** Ids come from log lines, which can hold anything, of any length. */
function keyPart(part: string | number): string {
  const text = encodeURIComponent(String(part).toWellFormed());
  if (text.length <= LONGEST_PART) return text;
  return createHash('sha256').update(text).digest('hex').slice(0, LONGEST_PART);
}

/** Parts of equal subjects as one: a transaction changes each situation once. */
export function together(parts: readonly Part[]): Part[] {
  const merged = new Map<string, Part>();
  for (const part of parts) {
    const key = keyOf(part.subject);
    const before = merged.get(key);
    merged.set(key, before === undefined ? part : both(before, part));
  }
  return [...merged.values()];
}

/** Two of one finding: they may be about the same packets, which are not to be counted twice. */
function both(a: Part, b: Part): Part {
  return {
    ...a,
    severity: worse(a.severity, b.severity),
    flows: Math.min(a.flows + b.flows, Math.max(a.finding?.flows ?? 0, a.flows)),
    packets: Math.max(a.packets, b.packets),
    ...(a.members && b.members && { members: [...a.members, ...b.members] }),
  };
}

/**
 * The situation with one finding more. The total does not depend on the order of findings. What is older than the episode
 * belongs to an earlier one: it is counted, and is no news.
 *
 * @param quietSeconds without traffic for so long, a situation is over; what comes then is a new episode
 */
export function withPart(before: Situation | undefined, part: Part, quietSeconds: number): Situation {
  const added = { findings: part.findings ?? 1, flows: part.flows, packets: part.packets };
  const { subject, firstTime, lastTime } = part;
  if (before === undefined) {
    const episode = { start: firstTime, before: NOTHING };
    return inEpisode({ subject, severity: 'info', total: added, firstTime, lastTime, episode }, part);
  }
  const isEarlier = lastTime < before.episode.start - quietSeconds;
  const common = {
    ...before,
    total: sum(before.total, added),
    firstTime: Math.min(before.firstTime, firstTime),
    lastTime: Math.max(before.lastTime, lastTime),
  };
  if (startsEpisode(before, part, quietSeconds)) {
    const { evidence: _evidence, covers: _covers, insiders: _insiders, members: _members, ...rest } = common;
    const episode = { start: firstTime, before: before.total };
    return inEpisode({ ...rest, severity: 'info', episode }, part);
  }
  if (isEarlier) {
    return {
      ...common,
      episode: { ...before.episode, before: sum(before.episode.before, added) },
      ...(before.told && { told: { ...before.told, counters: sum(before.told.counters, added) } }),
    };
  }
  return inEpisode(common, part);
}

/**
 * Whether what the part tells comes after a quiet window, or at first. What people wait to be told of goes on until they
 * are: a new episode would hide it. Silence ends with the first delivery, and the next one is another.
 */
export function startsEpisode(
  before: Situation | undefined,
  { firstTime }: Part,
  quietSeconds: number,
): boolean {
  if (before === undefined) return true;
  const { heldSince, claimedUntil, lastTime, subject } = before;
  if ((heldSince !== undefined || claimedUntil !== undefined) && !isTold(before)) return false;
  return firstTime > lastTime + (subject.kind === 'NO_DELIVERY' ? 0 : quietSeconds);
}

function inEpisode(situation: Situation, part: Part): Situation {
  const { evidence, covers, insiders, members } = situation;
  const lossOfDay = lossWith(situation.lossOfDay, part);
  const isLarge = (lossOfDay?.seconds ?? 0) > MUCH_LOST_SECONDS;
  const says = part.finding !== undefined && part.finding.flows > (evidence?.flows ?? -1);
  return {
    ...situation,
    severity: worse(worse(situation.severity, part.severity), isLarge ? 'warning' : 'info'),
    ...(says && { evidence: part.finding }),
    ...(lossOfDay && { lossOfDay }),
    ...(part.covers && { covers: spanOf(covers ?? part.covers, part.covers) }),
    ...(part.insider !== undefined && { insiders: union(insiders, [part.insider], MOST_INSIDERS) }),
    ...(part.members && { members: union(members, part.members, MOST_MEMBERS) }),
  };
}

const MOST_INSIDERS = 16;
/** Of so many members a wider situation knows that they are its own; beyond them it takes all. */
export const MOST_MEMBERS = 200;

/** Both, sorted, so that the order of findings does not matter; what is too much is left out. */
function union(a: readonly string[] = [], b: readonly string[], most: number): readonly string[] {
  return [...new Set([...a, ...b])].sort().slice(0, most);
}

/** AWS calls some loss of log data normal; more than 5 % of a day is not. */
const MUCH_LOST_SECONDS = 0.05 * SECONDS_PER_DAY;

function lossWith(before: LossOfDay | undefined, { skippedSeconds, lastTime }: Part): LossOfDay | undefined {
  if (skippedSeconds === undefined) return before;
  const day = Math.floor(lastTime / SECONDS_PER_DAY);
  if (before === undefined || before.day < day) return { day, seconds: skippedSeconds };
  return before.day === day ? { day, seconds: before.seconds + skippedSeconds } : before;
}

function spanOf(a: Span, b: Span): Span {
  return { from: Math.min(a.from, b.from), until: Math.max(a.until, b.until) };
}

/** What was counted in the current episode. */
export function ofEpisode({ total, episode: { before } }: Situation): Counters {
  return difference(total, before);
}

/** What was counted since people were told, if that was in this episode. */
export function sinceTold(situation: Situation): Counters {
  const { told } = situation;
  return isTold(situation) ? difference(situation.total, told!.counters) : ofEpisode(situation);
}

/** Whether people were told of the current episode. */
export function isTold({ told, episode }: Situation): boolean {
  return told?.episode === episode.start;
}

export function worse(a: Severity, b: Severity): Severity {
  return SEVERITIES.indexOf(a) > SEVERITIES.indexOf(b) ? a : b;
}

function sum(a: Counters, b: Counters): Counters {
  return { findings: a.findings + b.findings, flows: a.flows + b.flows, packets: a.packets + b.packets };
}

function difference(a: Counters, b: Counters): Counters {
  return { findings: a.findings - b.findings, flows: a.flows - b.flows, packets: a.packets - b.packets };
}
