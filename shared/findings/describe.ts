import { portText } from '../flow-log/names.ts';
import type { Finding, TopServerPort, TopSource } from './finding.ts';

/** From this many distinct ports on, a source is said to try ports rather than to want a service. */
const MANY_PORTS = 10;

/** What a finding's evidence says, in a few words each, the most telling first. */
export function describeEvidence(finding: Finding): string[] {
  if (finding.kind === 'SKIPDATA') return [describeSkipped(finding)];
  if (finding.kind === 'PACKET_LOSS') return describeLoss(finding);
  return [describeReasons, describeReplies, describeScan, describePorts, describeLate, describeSources]
    .map((describe) => describe(finding))
    .filter((text) => text !== undefined);
}

function describeReasons({ reject_reasons: reasons = [] }: Finding): string | undefined {
  const texts: Record<string, string> = {
    BPA: 'refused by VPC Block Public Access',
    EC: 'refused by VPC encryption controls',
  };
  const known = reasons.map(({ reason }) => texts[reason] ?? `reason ${reason}`);
  return known.length === 0 ? undefined : known.join(', ');
}

/** Security groups are stateful: only a network ACL refuses the reply to a request that it let in. */
function describeReplies({ refused_replies: replies = 0 }: Finding): string | undefined {
  if (replies === 0) return undefined;
  return `${count(replies, 'reply', 'replies')} refused whose requests were accepted: look at the network ACL`;
}

function describePorts({
  top_server_ports: ports = [],
  refused_requests: requests = 0,
}: Finding): string | undefined {
  const wanted = ports.filter((port) => port.refused_requests > 0);
  const [first] = wanted;
  if (requests === 0 || first === undefined) return undefined;
  const both = wanted.find(({ accepted_flows: accepted, side }) => accepted > 0 && side !== 'peer');
  if (both !== undefined && both === first) {
    return `${portName(both)} is refused to some and accepted from others (${both.accepted_flows} accepted)`;
  }
  const also = both === undefined ? '' : `; ${portName(both)} is refused to some and accepted from others`;
  const names = wanted.slice(0, 3).map(portName).join(', ');
  const server = wanted.length === 1 && first.server !== undefined ? ` at ${first.server}` : '';
  return `to ${names}${server}${wanted.length > 3 ? ' and more' : ''}${also}`;
}

function describeScan({ top_sources: sources = [] }: Finding): string | undefined {
  const scanner = sources.find((source) => atLeast(source.server_ports, MANY_PORTS));
  if (scanner !== undefined) return `${who(scanner)} tried ${scanner.server_ports} ports`;
  const sweeper = sources.find((source) => atLeast(source.interfaces ?? '0', MANY_PORTS));
  return sweeper && `${who(sweeper)} tried ${sweeper.interfaces} interfaces`;
}

/** AWS logs packets after a connection's close as REJECT; scans without SYN and backscatter look the same. */
function describeLate({ late_packets: late = 0, flows }: Finding): string | undefined {
  if (late === 0) return undefined;
  const some = late === flows ? 'all of them' : count(late, 'flow');
  return `${some} without a request: packets after a close, or of no connection at all`;
}

function describeSources({ top_sources: sources = [] }: Finding): string | undefined {
  const [first, ...others] = sources;
  if (first === undefined) return undefined;
  // The list is cut off, so there may be more.
  return others.length === 0
    ? `from ${who(first)}`
    : `from ${who(first)} and at least ${count(others.length, 'other')}`;
}

function describeSkipped({ flows, skipped_seconds: seconds = 0 }: Finding): string {
  return `AWS lost records of ${count(flows, 'interval')}, ${count(seconds, 'second')} together`;
}

const LOSS_TEXTS = {
  'no-route': 'no route in the transit gateway route table matched',
  blackhole: 'a blackhole route dropped them',
  'mtu-exceeded': 'they were larger than the MTU',
  'ttl-expired': 'their time to live ran out, as in a routing loop',
} as const;

function describeLoss(finding: Finding): string[] {
  const { cause, packets = 0, top_sources: [source] = [], top_destinations: [destination] = [] } = finding;
  const lost = count(packets, 'packet');
  const texts = [cause === undefined ? `${lost} lost` : `${lost} lost: ${LOSS_TEXTS[cause]}`];
  // The two lists are ranked each by itself: their first entries need not have talked to each other.
  if (source !== undefined) texts.push(`most flows from ${source.address}`);
  if (destination !== undefined) texts.push(`most flows to ${destination.address}`);
  return texts;
}

function portName({ protocol, port }: TopServerPort): string {
  return portText(protocol, port);
}

function who({ address, inside }: TopSource): string {
  return inside ? `${address} (inside)` : address;
}

function atLeast(distinct: string, least: number): boolean {
  return Number.parseInt(distinct, 10) >= least;
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en-US')} ${number === 1 ? one : many}`;
}
