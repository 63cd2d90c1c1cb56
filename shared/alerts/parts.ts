import type { Finding, Meaning } from '../findings/finding.ts';
import { type Signal, signalsOf } from '../findings/meaning.ts';
import { ignores } from './ignore.ts';
import type { Policy } from './policy.ts';
import { type Part, type Scope, type Service, type Subject, together } from './situation.ts';

/** A transaction takes 100 items, one of which marks the finding. A finding says less. */
const MOST_PARTS = 90;

/** Of each list of the evidence so much goes into a message. */
const NAMED = 5;
const SAMPLES = 2;
const SAMPLE_LENGTH = 512;

/**
 * What a finding says, one part for each subject, but for what the policy switches off or ignores. What is too old to be
 * news is counted in its situations, and as old data of the account: people are told once how much there was of it.
 *
 * @param now Unix seconds
 */
export function partsOf(finding: Finding, policy: Policy, now: number): readonly Part[] {
  if (policy.off.includes(finding.kind)) return [];
  const signals = signalsOf(finding).filter(
    (signal) => !policy.off.includes(signal.meaning) && !ignores(policy.ignore, signal, finding),
  );
  const parts = together(signals.map((signal) => partOf(signal, finding, now))).slice(0, MOST_PARTS);
  const isOld = parts.length > 0 && !isNews(finding, policy, now);
  return isOld && !policy.off.includes('OLD_DATA') ? [...parts, oldData(finding, now)] : parts;
}

/** Whether a finding is recent enough to tell people. */
export function isNews(finding: Finding, { newsSeconds }: Policy, now: number): boolean {
  return timesOf(finding, now).lastTime >= now - newsSeconds;
}

function partOf(signal: Signal, finding: Finding, now: number): Part {
  const { meaning, severity, flows } = signal;
  const { path, skipped_seconds: skippedSeconds } = finding;
  const entry = signal.source ?? signal.destination;
  return {
    subject: {
      kind: finding.kind,
      meaning,
      ...placeOf(finding),
      ...(path === undefined ? {} : { path }),
      ...scopeOf(meaning, signal, finding),
    },
    severity,
    flows,
    packets: entry?.packets ?? finding.packets ?? 0,
    ...timesOf(finding, now),
    finding: inShort(finding, signal),
    ...(skippedSeconds === undefined ? {} : { skippedSeconds }),
  };
}

function placeOf({ aws_account_id: accountId, aws_region: region, vpc_id: vpcId }: Finding) {
  return { accountId, region, ...(vpcId === undefined ? {} : { vpcId }) };
}

/**
 * Where the signal belongs: to its resource, in which the service at the other end is one for the whole VPC; a sweep is
 * over many interfaces by its nature.
 */
function scopeOf(
  meaning: Meaning,
  { service }: Signal,
  finding: Finding,
): Pick<Subject, 'scope' | 'service'> {
  const { aws_account_id: accountId, vpc_id: vpcId, resource_id: resourceId } = finding;
  const account: Scope = { level: 'account', id: accountId };
  const vpc: Scope = vpcId === undefined ? account : { level: 'vpc', id: vpcId };
  if (meaning === 'host-sweep') return { scope: vpc };
  const own: Scope = resourceId === undefined ? vpc : { level: 'resource', id: resourceId };
  if (service === undefined) return { scope: own };
  const { protocol, port, side, server } = service;
  const asked: Service = { protocol, port };
  const isShared = side === 'peer' && server !== undefined;
  return isShared ? { scope: vpc, service: { ...asked, server } } : { scope: own, service: asked };
}

/** Formats without times say nothing of age: their objects have just been delivered. */
function timesOf({ first_time: first, last_time: last }: Finding, now: number) {
  const lastTime = last ?? first ?? now;
  return { firstTime: Math.min(first ?? lastTime, lastTime), lastTime };
}

/** Old data arrives now: that is when it happens. */
function oldData(finding: Finding, now: number): Part {
  const { firstTime: from, lastTime: until } = timesOf(finding, now);
  const { aws_account_id: accountId } = finding;
  return {
    subject: {
      kind: 'OLD_DATA',
      meaning: 'old-data',
      accountId,
      scope: { level: 'account', id: accountId },
    },
    severity: 'info',
    flows: finding.flows,
    packets: finding.packets ?? 0,
    firstTime: now,
    lastTime: now,
    covers: { from, until },
  };
}

/** The finding as far as messages show it: a situation has to stay small. What the signal is about is never left out. */
function inShort(finding: Finding, { source, destination, service }: Signal): Finding {
  const { top_sources: sources, top_destinations: destinations, top_server_ports: ports } = finding;
  const { top_attachment_pairs: pairs, samples } = finding;
  return {
    ...finding,
    ...(sources && { top_sources: shortList(sources, source) }),
    ...(destinations && { top_destinations: shortList(destinations, destination) }),
    ...(ports && { top_server_ports: shortList(ports, service) }),
    ...(pairs && { top_attachment_pairs: shortList(pairs, undefined) }),
    ...(samples && { samples: samples.slice(0, SAMPLES).map((line) => line.slice(0, SAMPLE_LENGTH)) }),
  };
}

function shortList<T>(entries: readonly T[], meant: T | undefined): T[] {
  const named = entries.slice(0, NAMED);
  return meant === undefined || named.includes(meant) ? named : [meant, ...named.slice(1)];
}
