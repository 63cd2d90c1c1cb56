import { isIP } from 'node:net';
import { known } from '../../findings/counting.ts';
import type { Finding } from '../../findings/finding.ts';
import { ruleOf } from '../../findings/meaning.ts';
import { count } from '../../findings/wording.ts';
import { portText } from '../../flow-log/names.ts';
import type { Notice } from '../alert-message.ts';
import { keyOf, ofEpisode, sinceTold } from '../situation.ts';
import { ADVICE, wordsOf } from './advice.ts';
import { type CommandContext, commandText } from './commands.ts';
import { type Facts, factsOf, sumOf } from './facts.ts';
import { reasonText, severityText } from './reasons.ts';
import { isPlainId, visible } from './safe-text.ts';
import type { AlertData, EvidenceData } from './schema.ts';
import { sqlText } from './sql.ts';
import { isoTime, lengthText } from './times.ts';

/** How much of an alert a message has room for: all of it, or what a line of a digest needs. */
export type Detail = 'full' | 'short';

/** What a message says of one situation. */
export function alertDataOf(
  notice: Notice,
  context: CommandContext & { now: number },
  detail: Detail,
): AlertData {
  const facts = factsOf(notice);
  const { situation, subject, finding } = facts;
  const { meaning, scope } = subject;
  const { lossOfDay } = situation;
  const texts = ADVICE[meaning];
  const isFull = detail === 'full';
  const covers = situation.covers && {
    from: isoTime(situation.covers.from),
    until: isoTime(situation.covers.until),
  };
  return known({
    id: keyOf(subject),
    kind: subject.kind,
    meaning,
    words: wordsOf(meaning),
    severity: situation.severity,
    reason: notice.reason,
    path: subject.path,
    accountId: visible(subject.accountId),
    region: maybeVisible(subject.region),
    scope: { level: scope.level, id: visible(scope.id) },
    vpcId: maybeVisible(subject.vpcId ?? (scope.level === 'vpc' ? scope.id : undefined)),
    ...resourceOf(facts),
    service: serviceOf(facts),
    firstTime: isoTime(situation.episode.start),
    lastTime: isoTime(situation.lastTime),
    covers,
    counters: {
      episode: ofEpisode(situation),
      sinceLastMessage: sinceTold(situation),
      total: situation.total,
    },
    everSince: isoTime(situation.firstTime),
    lastMessage: situation.told && isoTime(situation.told.at),
    lossOfDay: lossOfDay && { ...lossOfDay, day: isoTime(lossOfDay.day * 86_400).slice(0, 10) },
    what: visible(whatHappened(facts, context.now), 600),
    why: visible(isFull ? `${reasonText(notice)} ${severityText(notice)}` : reasonText(notice), 1200),
    mayMean: isFull ? texts.mayMean(facts) : undefined,
    next: isFull ? texts.next(facts).map((step) => visible(step, 600)) : undefined,
    evidence: situation.evidence && evidenceOf(situation.evidence, facts, detail),
    commands: texts.asks(facts).map((ask) => commandText(ask, facts, context)),
    sql: isFull ? sqlText(texts.sql, facts) : undefined,
    ignoreRule: ignoreRuleOf(facts),
    source: finding.source === undefined ? undefined : visible(finding.source, 1200),
  });
}

function resourceOf({ subject: { scope }, finding }: Facts) {
  const id = maybeVisible(finding.resource_id);
  return {
    resourceId: scope.level === 'resource' ? visible(scope.id) : undefined,
    exampleResourceId: scope.level === 'resource' ? undefined : id,
    resourceType: finding.resource_type,
    subnetId: maybeVisible(finding.subnet_id),
    instanceId: maybeVisible(finding.instance_id),
    interfaceType: maybeVisible(finding.interface_type),
    transitGatewayId: maybeVisible(finding.tgw_id),
  };
}

function serviceOf({ subject: { service } }: Facts): AlertData['service'] {
  if (service === undefined) return undefined;
  const { protocol, port, server } = service;
  return known({ protocol, port, text: portText(protocol, port), server: maybeVisible(server) });
}

function whatHappened(facts: Facts, now: number): string {
  const { situation, subject, signals, finding } = facts;
  const { flows, packets, findings } = ofEpisode(situation);
  if (subject.meaning === 'no-delivery') {
    const silent = lengthText(Math.max(0, now - situation.episode.start));
    return `No object arrived for ${silent}.`;
  }
  if (subject.meaning === 'old-data') {
    return `${count(findings, 'finding')} about traffic of the past, stored without a message each.`;
  }
  const [signal, another] = signals;
  if (signal === undefined) {
    const asked = serviceOf(facts);
    return `${count(flows, 'flow')}${asked === undefined ? '' : ` to ${asked.text}`}`;
  }
  const { text } = ruleOf(subject.meaning);
  const object = finding as Finding;
  if (findings === 1 || another !== undefined) return text(signals, object);
  if (subject.kind === 'SKIPDATA') return `AWS lost records of ${count(flows, 'interval')}`;
  // What one object says is said of all of them: they are about the same.
  const others = object.flows - signal.flows;
  return text([{ ...signal, flows }], { ...object, flows: flows + others, packets });
}

/** Entries of a list. A situation's evidence has no more than these in full. */
const LISTED: Readonly<Record<Detail, number>> = { full: 5, short: 2 };
const SAMPLES: Readonly<Record<Detail, number>> = { full: 2, short: 0 };

function evidenceOf(finding: Finding, facts: Facts, detail: Detail): EvidenceData {
  const first = <T, R>(entries: readonly T[] | undefined, map: (entry: T) => R): R[] | undefined => {
    const some = entries?.slice(0, LISTED[detail]).map(map);
    return some?.length ? some : undefined;
  };
  const time = (seconds: number | undefined) => (seconds === undefined ? undefined : isoTime(seconds));
  const { sources, destinations, ports } = listsOf(finding, facts);
  return known({
    firstTime: time(finding.first_time),
    lastTime: time(finding.last_time),
    flows: Math.min(sumOf(facts.signals), finding.flows),
    skippedSeconds: finding.skipped_seconds,
    sources: first(sources, ({ address, inside, flows, error, server_ports, interfaces }) =>
      known({
        address: visible(address),
        inside,
        flows: flows - error,
        serverPorts: visible(server_ports, 10),
        interfaces: interfaces === undefined ? undefined : visible(interfaces, 10),
      }),
    ),
    destinations: first(destinations, ({ address, inside, flows, error }) =>
      known({ address: visible(address), inside, flows: flows - error }),
    ),
    ports: first(ports, ({ flows, ...entry }) =>
      known({
        protocol: entry.protocol,
        port: entry.port,
        text: portText(entry.protocol, entry.port),
        side: entry.side,
        flows,
        accepted: entry.accepted_flows,
        clients: visible(entry.clients, 10),
        server: maybeVisible(entry.server),
      }),
    ),
    attachmentPairs: first(finding.top_attachment_pairs, (pair) =>
      known({
        pairAttachmentId: maybeVisible(pair.pair_attachment_id),
        sourceVpcId: maybeVisible(pair.source_vpc_id),
        destinationVpcId: maybeVisible(pair.destination_vpc_id),
        flows: pair.flows - pair.error,
        packets: pair.packets,
      }),
    ),
    rejectReasons: first(finding.reject_reasons, ({ reason, flows }) => ({
      reason: visible(reason, 40),
      flows,
    })),
    samples:
      SAMPLES[detail] === 0
        ? undefined
        : finding.samples?.slice(0, SAMPLES[detail]).map((line) => visible(line, 512)),
  });
}

/**
 * The entries of the finding's lists that are about the subject: those that its signals name, else all if all of the finding
 * is about it. Entries that are no more than guessed are left out.
 */
function listsOf(finding: Finding, { signals, subject, isAllOfIt }: Facts) {
  const { top_sources: sources = [], top_destinations: destinations = [] } = finding;
  const { top_server_ports: ports = [] } = finding;
  const named = {
    sources: signals.flatMap(({ source }) => source ?? []),
    destinations: signals.flatMap(({ destination }) => destination ?? []),
    ports: signals.flatMap(({ service, flows }) => (service === undefined ? [] : [{ ...service, flows }])),
  };
  const late = subject.meaning === 'late-packets';
  const all = {
    sources: isAllOfIt ? sources : [],
    destinations: isAllOfIt ? destinations : [],
    ports: ports
      .map((port) => ({ ...port, flows: late ? port.late_packets : port.rejected_flows - port.error }))
      .filter(({ flows }) => flows > 0 && (isAllOfIt || late)),
  };
  const isSure = ({ flows, error }: { readonly flows: number; readonly error: number }) => flows > error;
  return {
    sources: (named.sources.length > 0 ? named.sources : all.sources).filter(isSure),
    destinations: (named.destinations.length > 0 ? named.destinations : all.destinations).filter(isSure),
    ports: named.ports.length > 0 ? named.ports : all.ports,
  };
}

/** What to write into the policy so that this is no message any more; undefined if it would end others, too. */
function ignoreRuleOf({ subject, signals }: Facts): AlertData['ignoreRule'] {
  const { meaning, scope, service, accountId } = subject;
  const address = signals[0]?.source?.address;
  const isSource = address !== undefined && isIP(address) > 0;
  if (meaning === 'port-scan' || meaning === 'host-sweep') {
    return isSource ? { meanings: ['port-scan', 'host-sweep'], sources: [single(address)] } : undefined;
  }
  const isResource = scope.level === 'resource' && isPlainId(scope.id);
  const isAccount = /^\d{12}$/.test(accountId);
  if (meaning === 'no-delivery')
    return isAccount ? { meanings: [meaning], accounts: [accountId] } : undefined;
  const server = service?.server ?? '';
  const isServer = isIP(server) > 0;
  if (!isResource && !(isServer && isAccount)) return undefined;
  return known({
    meanings: [meaning],
    interfaces: isResource ? [scope.id] : undefined,
    destinations: isServer ? [single(server)] : undefined,
    ports: service === undefined ? undefined : [service.port],
    accounts: isResource ? undefined : [accountId],
  });
}

/** The network of one address. */
function single(address: string): string {
  return `${address}/${isIP(address) === 6 ? 128 : 32}`;
}

function maybeVisible(text: string | undefined): string | undefined {
  return text === undefined ? undefined : visible(text);
}
