/**
 * What findings add up to over time. A situation is one per kind, meaning, scope, path and service; it counts every finding
 * once and knows what people were told. Times are Unix seconds; those of traffic are event time.
 */

import type { ConnectionPath, Finding, FindingKind } from '../findings/finding.ts';

export const SEVERITIES = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What a situation is about. Equal subjects are one situation. */
export interface Subject {
  readonly kind: FindingKind;
  readonly meaning: string;
  readonly accountId: string;
  readonly region: string;
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
  /** The server's address, if it is another one than the resource of the scope. */
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
  };
  /** Someone is publishing it; after this time they have failed. */
  readonly claimedUntil?: number;
  /** It waits for a digest since then: because it is no more than info, or because the hour's messages were used up. */
  readonly heldSince?: number;
  /** The finding of the episode that says most: the one with the most flows. */
  readonly evidence: Finding;
}

/** What one finding says about a subject. */
export interface Part {
  readonly subject: Subject;
  readonly severity: Severity;
  readonly flows: number;
  readonly packets: number;
  readonly firstTime: number;
  readonly lastTime: number;
  readonly finding: Finding;
}

const NOTHING: Counters = { findings: 0, flows: 0, packets: 0 };

/** The situation's key: a text of at most 500 characters that is equal for equal subjects only. */
export function keyOf({ kind, meaning, accountId, region, scope, path, service }: Subject): string {
  return [
    ...[accountId, region, kind, meaning, scope.level, scope.id, path ?? ''],
    ...(service === undefined ? [] : [service.protocol, service.port, service.server ?? '']),
  ]
    .map((part) => encodeURIComponent(part).slice(0, 100))
    .join('/');
}

/**
 * The situation with one finding more. The total does not depend on the order of findings. What is older than the episode
 * belongs to an earlier one: it is counted, and is no news.
 *
 * @param quietSeconds without traffic for so long, a situation is over; what comes then is a new episode
 */
export function withPart(before: Situation | undefined, part: Part, quietSeconds: number): Situation {
  const added = { findings: 1, flows: part.flows, packets: part.packets };
  if (before === undefined) {
    return {
      subject: part.subject,
      severity: part.severity,
      total: added,
      firstTime: part.firstTime,
      lastTime: part.lastTime,
      episode: { start: part.firstTime, before: NOTHING },
      evidence: part.finding,
    };
  }
  const isNew = part.firstTime > before.lastTime + quietSeconds;
  const isEarlier = part.lastTime < before.episode.start - quietSeconds;
  const total = sum(before.total, added);
  const common = {
    ...before,
    total,
    firstTime: Math.min(before.firstTime, part.firstTime),
    lastTime: Math.max(before.lastTime, part.lastTime),
  };
  if (isNew) {
    return {
      ...common,
      severity: part.severity,
      episode: { start: part.firstTime, before: before.total },
      evidence: part.finding,
    };
  }
  if (isEarlier) {
    return {
      ...common,
      episode: { ...before.episode, before: sum(before.episode.before, added) },
      ...(before.told && { told: { ...before.told, counters: sum(before.told.counters, added) } }),
    };
  }
  return {
    ...common,
    severity: worse(before.severity, part.severity),
    evidence: part.finding.flows > before.evidence.flows ? part.finding : before.evidence,
  };
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
