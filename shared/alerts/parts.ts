import type { Finding, Meaning } from '../findings/finding.ts';
import { type Signal, signalsOf } from '../findings/meaning.ts';
import { parseSourceKey } from '../lake/source-key.ts';
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
 * What a finding says, one part for each subject, but for what the policy switches off or ignores.
 *
 * @param now Unix seconds
 */
export function partsOf(finding: Finding, policy: Policy, now: number): readonly Part[] {
  if (policy.off.includes(finding.kind)) return [];
  const signals = signalsOf(finding).filter(
    (signal) => !policy.off.includes(signal.meaning) && !ignores(policy.ignore, signal, finding),
  );
  return together(signals.map((signal) => partOf(signal, finding, now))).slice(0, MOST_PARTS);
}

/** Whether a finding is recent enough to tell people. */
export function isNews(finding: Finding, { newsSeconds }: Policy, now: number): boolean {
  return timesOf(finding, now).lastTime >= now - newsSeconds;
}

/**
 * When a finding was, Unix seconds: by its packets, else by the stamp in its source object's name; undefined if nothing
 * tells.
 */
export function timeOf({ last_time: last, first_time: first, source }: Finding): number | undefined {
  return last ?? first ?? parseSourceKey(source).stamp;
}

function partOf(signal: Signal, finding: Finding, now: number): Part {
  const { meaning, severity, flows } = signal;
  const { path, skipped_seconds: skippedSeconds, resource_id: resourceId } = finding;
  const insider =
    signal.source?.inside === true && severity === 'critical' ? signal.source.address : undefined;
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
    packets: packetsOf(signal, finding),
    ...timesOf(finding, now),
    finding: inShort(finding, signal),
    ...(skippedSeconds === undefined ? {} : { skippedSeconds }),
    ...(resourceId === undefined ? {} : { resourceId }),
    ...(insider === undefined ? {} : { insider }),
  };
}

/** As far as they are known to be the signal's; else one a flow, which is the least. */
function packetsOf({ source, destination, flows }: Signal, finding: Finding): number {
  const known = flows === finding.flows ? finding.packets : (source ?? destination)?.packets;
  return known ?? flows;
}

function placeOf({ aws_account_id: accountId, aws_region: region, vpc_id: vpcId }: Finding) {
  return { accountId, region, ...(vpcId === undefined ? {} : { vpcId }) };
}

/**
 * Where the signal belongs: to its resource; a service at the other end is one for the whole VPC. A sweep is over many
 * interfaces by its nature, and who scans from inside scans many, too.
 */
function scopeOf(
  meaning: Meaning,
  { service, source }: Signal,
  finding: Finding,
): Pick<Subject, 'scope' | 'service'> {
  const { aws_account_id: accountId, vpc_id: vpcId, resource_id: resourceId } = finding;
  const account: Scope = { level: 'account', id: accountId };
  const vpc: Scope = vpcId === undefined ? account : { level: 'vpc', id: vpcId };
  if (meaning === 'host-sweep' || (meaning === 'port-scan' && source?.inside)) return { scope: vpc };
  const own: Scope = resourceId === undefined ? vpc : { level: 'resource', id: resourceId };
  if (service === undefined) return { scope: own };
  const { protocol, port, side, server } = service;
  const asked: Service = { protocol, port };
  const isShared = side === 'peer' && server !== undefined;
  return isShared ? { scope: vpc, service: { ...asked, server } } : { scope: own, service: asked };
}

/** Formats without times say little of age. No packet is later than its finding, whatever the log says. */
function timesOf(finding: Finding, now: number) {
  const lastTime = Math.min(timeOf(finding) ?? now, now);
  return { firstTime: Math.min(finding.first_time ?? lastTime, lastTime), lastTime };
}

/**
 * Old findings of one object as a part of their account. They arrive now: that is when it happens.
 *
 * @param before the part of those that came before this one
 */
export function withOldData(before: Part | undefined, finding: Finding, now: number): Part {
  const { firstTime, lastTime } = timesOf(finding, now);
  const { aws_account_id: accountId, flows, packets = 0 } = finding;
  const { from, until } = before?.covers ?? { from: firstTime, until: lastTime };
  return {
    subject: { kind: 'OLD_DATA', meaning: 'old-data', accountId, scope: { level: 'account', id: accountId } },
    severity: 'info',
    findings: (before?.findings ?? 0) + 1,
    flows: (before?.flows ?? 0) + flows,
    packets: (before?.packets ?? 0) + packets,
    ...{ firstTime: now, lastTime: now },
    covers: { from: Math.min(from, firstTime), until: Math.max(until, lastTime) },
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
