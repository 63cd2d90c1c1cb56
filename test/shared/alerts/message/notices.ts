/** What people are told of in tests: a notice of every meaning, made from lines of a log wherever there are any. */

import { generateFlowLogs } from '../../../../generator/generate.ts';
import type { Notice } from '../../../../shared/alerts/alert-message.ts';
import { told } from '../../../../shared/alerts/decision.ts';
import { partsOf } from '../../../../shared/alerts/parts.ts';
import { DEFAULT_POLICY } from '../../../../shared/alerts/policy.ts';
import {
  type AlertMeaning,
  keyOf,
  type Part,
  type Situation,
  withPart,
} from '../../../../shared/alerts/situation.ts';
import type { Finding } from '../../../../shared/findings/finding.ts';
import { ingestObject } from '../../../../shared/lake/ingest.ts';
import type { ObjectStore } from '../../../../shared/lake/object-store.ts';
import { observeText } from '../../findings/observe-text.ts';
import { SETTINGS, sourceOf } from '../../lake/ingest-text.ts';
import { memoryStore } from '../../lake/memory-store.ts';

/** 2026-11-20T06:00:00Z: the generated logs are of the hour before. */
export const SIX_O_CLOCK = Date.UTC(2026, 10, 20, 6) / 1000;

/** Situations that findings add up to. */
export function situationsOf(findings: readonly Finding[]): Situation[] {
  const situations = new Map<string, Situation>();
  for (const finding of findings) {
    for (const part of partsOf(finding, DEFAULT_POLICY, SIX_O_CLOCK)) addPart(situations, part);
  }
  return [...situations.values()];
}

function addPart(situations: Map<string, Situation>, part: Part): void {
  const key = keyOf(part.subject);
  situations.set(key, withPart(situations.get(key), part, DEFAULT_POLICY.quietSeconds));
}

/** Situations of the generated organization, with everything that is planted in it; its lake is filled with their logs. */
export async function generatedSituations(lake: ObjectStore = memoryStore()): Promise<Situation[]> {
  const findings: Finding[] = [];
  for (const { key, text } of generateFlowLogs({ records: 4000, flowLogFormat: 'standard' })) {
    const result = await ingestObject(sourceOf(Buffer.concat(text), { key }), lake, SETTINGS);
    if (result.outcome === 'ingested') findings.push(...result.findings);
  }
  return situationsOf(findings);
}

const START = SIX_O_CLOCK - 1800;
const OBJECT =
  's3://raw/AWSLogs/111122223333/vpcflowlogs/eu-west-1/2026/11/20/111122223333_vpcflowlogs_eu-west-1_fl-0123456789abcdef0_20261120T0535Z_0a1b2c3d.log.gz';
const TRANSIT_OBJECT = OBJECT.replace('fl-0123456789abcdef0', 'fl-0fedcba9876543210');

/** Rejected SYNs of one source to each of these targets, from a log with VPC and subnet. */
function rejectedRequests(
  source: string,
  targets: readonly { eni: string; address: string; port: number }[],
): Finding[] {
  const lines = targets.map(
    ({ eni, address, port }, index) =>
      `vpc-0aaaaaaaaaaaaaaa1 subnet-0bbbbbbbbbbbbbbb1 ${eni} ${source} ${address} ${40_000 + index} ${port} 6 2 1 60 ${START + index} ${START + index + 5} REJECT OK`,
  );
  const header =
    'vpc-id subnet-id interface-id srcaddr dstaddr srcport dstport protocol tcp-flags packets bytes start end action log-status';
  return observed([header, ...lines], OBJECT);
}

/** Packets that a transit gateway lost for one cause. */
function lostPackets(cause: string, destination: string): Finding[] {
  const causes = ['no-route', 'blackhole', 'mtu-exceeded', 'ttl-expired'];
  const counts = causes.map((each) => (each === cause ? 12 : 0)).join(' ');
  const header = `tgw-id tgw-attachment-id tgw-src-vpc-id tgw-dst-vpc-id tgw-pair-attachment-id srcaddr dstaddr srcport dstport protocol tcp-flags packets bytes start end ${causes.map((each) => `packets-lost-${each}`).join(' ')} log-status`;
  const lines = [0, 1, 2].map(
    (index) =>
      `tgw-0123456789abcdef0 tgw-attach-0123456789abcdef0 vpc-0aaaaaaaaaaaaaaa1 - - 10.1.0.7 ${destination} ${41_000 + index} 443 6 2 12 720 ${START + 60 * index} ${START + 60 * index + 55} ${counts} OK`,
  );
  return observed([header, ...lines], TRANSIT_OBJECT);
}

function observed(lines: readonly string[], source: string): Finding[] {
  const context = { source, accountId: '111122223333', region: 'eu-west-1' };
  return observeText(lines.join('\n'), context).findings;
}

const times = (count: number) => Array.from({ length: count }, (_, index) => index);

/** A source inside that tries SSH at twenty interfaces. */
export const SWEEP = rejectedRequests(
  '10.20.13.61',
  times(20).map((index) => ({
    eni: `eni-0ccccccccccccc${index + 100}`,
    address: `10.20.9.${index + 1}`,
    port: 22,
  })),
);

/** A source inside that tries thirty ports of one host. */
const INSIDE_SCAN = rejectedRequests(
  '10.20.13.61',
  times(30).map((index) => ({ eni: 'eni-0ddddddddddddddd1', address: '10.20.9.9', port: 1000 + index * 7 })),
);

/** Of what neither findings nor the generator have. */
export const SILENCE: Part = {
  subject: {
    ...{ kind: 'NO_DELIVERY', meaning: 'no-delivery', accountId: '444455556666', region: 'eu-west-1' },
    scope: { level: 'account', id: '444455556666' },
  },
  ...{ severity: 'warning', flows: 0, packets: 0, firstTime: SIX_O_CLOCK - 3900, lastTime: SIX_O_CLOCK },
};

export const OLD_DATA: Part = {
  subject: {
    ...{ kind: 'OLD_DATA', meaning: 'old-data', accountId: '111122223333' },
    scope: { level: 'account', id: '111122223333' },
  },
  ...{ severity: 'info', flows: 5210, packets: 9000, firstTime: SIX_O_CLOCK, lastTime: SIX_O_CLOCK },
  covers: { from: Date.UTC(2026, 7, 1) / 1000, until: Date.UTC(2026, 9, 30, 23, 59, 58) / 1000 },
};

export function situationOf(part: Part): Situation {
  return withPart(undefined, part, DEFAULT_POLICY.quietSeconds);
}

/** The first situation of each meaning that opens, the generated ones first. */
export async function noticeOfEachMeaning(): Promise<ReadonlyMap<AlertMeaning, Notice>> {
  const situations = [
    ...(await generatedSituations()),
    ...situationsOf(SWEEP),
    ...situationsOf(lostPackets('no-route', '10.99.0.5')),
    ...situationsOf(lostPackets('mtu-exceeded', '10.80.4.20')),
    ...situationsOf(lostPackets('ttl-expired', '10.80.4.20')),
    situationOf(SILENCE),
    situationOf(OLD_DATA),
  ];
  const notices = new Map<AlertMeaning, Notice>();
  for (const situation of situations) {
    const { meaning } = situation.subject;
    const before = notices.get(meaning)?.situation;
    const isMore = before === undefined || flowsOf(situation) > flowsOf(before);
    if (isMore) notices.set(meaning, { situation, reason: 'opens' });
  }
  return notices;
}

/** Those with most flows say most, and do not depend on the order of the generator. */
function flowsOf({ total, subject }: Situation): number {
  return total.flows + (subject.kind === 'NO_DELIVERY' ? 1 : 0);
}

/** A scan from inside, for which nobody waits until the morning. */
export const CRITICAL: Notice = { situation: situationsOf(INSIDE_SCAN)[0]!, reason: 'opens' };

/** A situation after people were told of it, and with more of the same later. */
export function toldAnd(situation: Situation, times: number, later: number): Situation {
  const before = told(situation, situation.lastTime + 900);
  const { flows, packets } = before.total;
  return withPart(
    before,
    {
      subject: before.subject,
      severity: before.severity,
      flows: flows * times,
      packets: packets * times,
      firstTime: before.lastTime + later,
      lastTime: before.lastTime + later + 300,
      ...(before.evidence && { finding: { ...before.evidence, flows: 1 } }),
    },
    later + 1,
  );
}
