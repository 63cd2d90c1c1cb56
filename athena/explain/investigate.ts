/**
 * From the question of a person to an explanation: finds out who the ends are, fetches the records, and applies the rules.
 * The lake is read three times: a day for the interfaces and their logs, the window for the records, and the window of
 * the transit gateways' table. Once more if a NAT gateway is on the way.
 */

import { type Explanation, explain } from '../../shared/explain/explain.ts';
import { flowLogsOf, type Inventory, interfacesWithAddress } from '../../shared/explain/inventory.ts';
import type {
  FlowRow,
  InterfaceLog,
  Interval,
  Question,
  TransitRow,
} from '../../shared/explain/observation.ts';
import type { Rule } from '../../shared/explain/rules.ts';
import { intervalOf, isAt } from '../../shared/explain/sighting.ts';
import { rangeOf } from '../../shared/findings/address.ts';
import type { QueryEngine } from '../query-engine.ts';
import { QueryError } from '../query-error.ts';
import { rowObjects } from '../row-objects.ts';
import {
  type FoundInterface,
  foundInterfaces,
  type Host,
  hostsInTraffic,
  hostsOf,
  interfaceLogs,
  type Narrowing,
} from './hosts.ts';
import { type Leg, legKindOf, legsOfHost, natGatewaysOf, natLegs, transitLegs } from './legs.ts';
import { type NamedEnd, namedEnd, type Resolve } from './named-end.ts';
import {
  type EndNames,
  MOST_INTERFACES,
  MOST_ROWS,
  newestStatement,
  outsideOfNatStatement,
  rowsStatement,
  surveyStatement,
  type TrafficEnd,
  transitStatement,
} from './statements.ts';
import { surveyedInterfaces } from './survey.ts';

/** What a person asks. */
export interface Asked {
  /** Ends as they are typed. */
  readonly source: string;
  readonly destination: string;
  /** IANA number. */
  readonly protocol: number;
  readonly port: number | undefined;
  /** Unix seconds; undefined for the defaults. */
  readonly since: number | undefined;
  readonly until: number | undefined;
  readonly narrowing: Narrowing;
}

/** What the answer is found with. */
export interface Means {
  readonly engine: QueryEngine;
  readonly inventory: Inventory;
  readonly resolve: Resolve;
  /** Unix seconds. */
  readonly now: number;
}

/** The traffic between one host and another. */
export interface Pair {
  readonly source: Host;
  readonly destination: Host;
  /** The time that the explanation is about, Unix seconds. */
  readonly window: Interval;
  readonly explanation: Explanation;
}

export interface Investigation {
  readonly source: NamedEnd;
  readonly destination: NamedEnd;
  readonly protocol: number;
  readonly port: number | undefined;
  /** The time that was asked about, Unix seconds. */
  readonly window: Interval;
  /** Up to when the log of each end is complete, Unix seconds; undefined where none records it. */
  readonly completeUntil: { readonly source: number | undefined; readonly destination: number | undefined };
  /** Those whose outcome asks for attention first. One, unless an end is a network. */
  readonly pairs: readonly Pair[];
  readonly legs: readonly Leg[];
  /** What a person should know about how the answer was found. */
  readonly notes: readonly string[];
}

/** Without --since, the question is about two hours. */
const DEFAULT_SECONDS = 7200;
/** What an interval before or after the window may tell of it: flags, replies, late packets. */
const PADDING = 600;
/** A log that holds one action only is told by a day of it. */
const SURVEY_SECONDS = 86_400;
/** Later records show up to when a log is complete. */
const SURVEY_AFTER = 3600;
/** TCP, UDP and SCTP. */
const HAVE_PORTS = [6, 17, 132];
/** Pairs of hosts that are explained, if an end is a network. */
const MOST_PAIRS = 200;

/**
 * Answers "why can't A reach B?".
 *
 * @throws QueryError for an end that cannot be read, is unknown, or is an address of several interfaces; what the engine
 *   throws.
 */
export async function investigate(asked: Asked, means: Means): Promise<Investigation> {
  const { engine, inventory } = means;
  const now = Math.floor(means.now);
  const { protocol, port, narrowing } = asked;
  const source = await namedEnd('--source', asked.source, means.resolve);
  const destination = await namedEnd('--destination', asked.destination, means.resolve);
  const window = windowOf(asked, now);

  const range = {
    start: Math.min(window.start - PADDING, window.end - SURVEY_SECONDS),
    end: Math.min(window.end + SURVEY_AFTER, now),
  };
  const names = [source, destination].map((each) => withInventory(each, inventory));
  const surveyed = surveyedInterfaces(
    await engine.run(surveyStatement(together(names), range, window, narrowing)),
    now,
  );
  if (surveyed.length > MOST_INTERFACES) {
    throw new QueryError(
      `The networks have more than ${MOST_INTERFACES} interfaces. Ask about smaller ones, or narrow with --vpc, ` +
        '--account or --region.',
    );
  }
  const found = foundInterfaces(surveyed, inventory);
  const sources = hostsOf('--source', source, found, narrowing);
  const destinations = hostsOf('--destination', destination, found, narrowing);
  const completeUntil = {
    source: completeUntilOf(sources, inventory),
    destination: completeUntilOf(destinations, inventory),
  };

  const traffic = {
    source: trafficEnd(source, sources),
    destination: trafficEnd(destination, destinations),
    protocol,
    port,
  };
  const padded = { start: window.start - PADDING, end: window.end + PADDING };
  const fetched = fetchedRows(await engine.run(rowsStatement(traffic, padded, narrowing)));
  const transitRows = rowObjects(
    await engine.run(transitStatement(traffic, padded, narrowing)),
  ) as readonly TransitRow[];

  const logs = interfaceLogs(
    [...sources, ...destinations].flatMap(({ interfaces }) => interfaces),
    inventory,
    fetched.gaps,
  );
  const pairs = pairsOf(
    withHostsInTraffic(source, sources, fetched.between),
    withHostsInTraffic(destination, destinations, fetched.between),
    fetched.between,
  );
  const rows = [...fetched.between, ...fetched.others];
  const evidence = { rows, transitRows, logs, lacksClients: fetched.lacksClients };
  const explained = pairs.slice(0, MOST_PAIRS).map(([from, to]): Pair => {
    const ends = { source: from.end, destination: to.end };
    const told = deliveredPart(window, ends, fetched.between, logs);
    const question = { ...ends, protocol, window: told, ...(port !== undefined && { port }) };
    return { source: from, destination: to, window: told, explanation: explain(question, evidence) };
  });

  const legs = [
    ...sources.flatMap(legsOfHost),
    ...(await legsThroughNat()),
    ...transitLegs(transitRows),
    ...destinations.flatMap(legsOfHost),
  ];
  async function legsThroughNat(): Promise<Leg[]> {
    const natIds = natGatewaysOf(fetched.between, found, [...sources, ...destinations]);
    if (natIds.length === 0) return [];
    const outside = await engine.run(outsideOfNatStatement(natIds, traffic, padded, narrowing));
    return natLegs(natIds, fetched.between, rowObjects(outside), found);
  }

  return {
    source,
    destination,
    protocol,
    port,
    window,
    completeUntil,
    pairs: explained.sort((a, b) => urgency(a.explanation.outcome) - urgency(b.explanation.outcome)),
    legs,
    notes: [
      ...(pairs.length > MOST_PAIRS
        ? [
            `${pairs.length} pairs of hosts; the first ${MOST_PAIRS} were explained. Ask about smaller networks.`,
          ]
        : []),
      ...(port === undefined && explained.length === 1 && HAVE_PORTS.includes(protocol)
        ? ['All ports are taken together. --port N asks about one.']
        : []),
      ...(explained.some((pair) => pair.window.end < window.end)
        ? [
            `Asked until ${isoTime(window.end)}; what came after ${isoTime(earliestEnd(explained))} is not delivered yet.`,
          ]
        : []),
      ...(pairs.length === 0 ? ['No host of the network is known from flow logs or an inventory.'] : []),
      ...(fetched.isCut
        ? [
            `More than ${MOST_ROWS} records match. Whole connections were left out: ask about a shorter time or one port ` +
              'to have all of them.',
          ]
        : []),
      ...carriedNotes(source, sources, found),
      ...carriedNotes(destination, destinations, found),
      ...inventoryNotes([...sources, ...destinations], inventory),
      ...(surveyed.length === 0 ? [await emptyNote(range)] : []),
    ],
  };

  async function emptyNote({ start, end }: Interval): Promise<string> {
    const [newest] = rowObjects(await engine.run(newestStatement(now)));
    const last = newest?.last == null ? undefined : isoTime(Number(newest.last));
    const where = `No flow log has a record of either end between ${isoTime(start)} and ${isoTime(end)}.`;
    return last === undefined ? where : `${where} The newest record of the lake is of ${last}.`;
  }
}

function windowOf({ since, until }: Asked, now: number): Interval {
  const end = until ?? now;
  return { start: since ?? end - DEFAULT_SECONDS, end };
}

/**
 * The part of the window for which the logs of both ends are complete: what is younger would make every silence "not
 * delivered yet". All of it, if there are records beyond, which may tell more, or if nothing would be left.
 */
function deliveredPart(
  window: Interval,
  { source, destination }: Pick<Question, 'source' | 'destination'>,
  between: readonly FlowRow[],
  logs: ReadonlyMap<string, InterfaceLog>,
): Interval {
  const ids = [...source.interfaceIds, ...destination.interfaceIds];
  const end = Math.min(window.end, ...ids.flatMap((id) => logs.get(id)?.completeUntil ?? []));
  const isOfPair = (row: FlowRow) => {
    const [from, to] = [row.pkt_srcaddr ?? row.srcaddr, row.pkt_dstaddr ?? row.dstaddr];
    return (isAt(source, from) && isAt(destination, to)) || (isAt(destination, from) && isAt(source, to));
  };
  const isBeyond = (row: FlowRow) => (intervalOf(row)?.end ?? Number.POSITIVE_INFINITY) > end;
  if (end <= window.start || between.some((row) => isBeyond(row) && isOfPair(row))) return window;
  return { start: window.start, end };
}

function earliestEnd(pairs: readonly Pair[]): number {
  return Math.min(...pairs.map(({ window }) => window.end));
}

function completeUntilOf(hosts: readonly Host[], inventory: Inventory): number | undefined {
  const logs = interfaceLogs(
    hosts.flatMap(({ interfaces }) => interfaces),
    inventory,
    new Map(),
  );
  const times = [...logs.values()].map((log) => log.completeUntil).filter(Number.isFinite);
  return times.length === 0 ? undefined : Math.min(...times);
}

/** The names of an end, with what the inventory knows of them: a secondary address is no interface's own in the log. */
function withInventory(named: NamedEnd, inventory: Inventory): EndNames {
  const own =
    named.kind === 'addresses'
      ? named.addresses.flatMap((address) => interfacesWithAddress(inventory, address))
      : [...inventory.interfaces.values()].filter(
          ({ instanceId }) => named.kind === 'instance' && instanceId === named.id,
        );
  return {
    addresses: named.kind === 'addresses' ? named.addresses : [],
    networks: named.kind === 'network' ? [named.network] : [],
    interfaceIds: [
      ...(named.kind === 'interface' ? [named.id] : []),
      ...own.map(({ interfaceId }) => interfaceId),
    ],
    instanceIds: named.kind === 'instance' ? [named.id] : [],
  };
}

function together(names: readonly EndNames[]): EndNames {
  return {
    addresses: names.flatMap((each) => each.addresses),
    networks: names.flatMap((each) => each.networks),
    interfaceIds: names.flatMap((each) => each.interfaceIds),
    instanceIds: names.flatMap((each) => each.instanceIds),
  };
}

function trafficEnd(named: NamedEnd, hosts: readonly Host[]): TrafficEnd {
  return {
    networks: named.kind === 'network' ? [named.network] : [],
    addresses: [...new Set(hosts.flatMap(({ end }) => end.addresses))],
    interfaceIds: [...new Set(hosts.flatMap(({ end }) => end.interfaceIds))],
  };
}

interface FetchedRows {
  /** Records between the two ends. */
  readonly between: readonly FlowRow[];
  /** Records of other clients at the destination. */
  readonly others: readonly FlowRow[];
  /** Where AWS lost records, by interface. */
  readonly gaps: ReadonlyMap<string, readonly Interval[]>;
  /** Connections were left out. */
  readonly isCut: boolean;
  readonly lacksClients: boolean;
}

function fetchedRows(result: Parameters<typeof rowObjects>[0]): FetchedRows {
  const parts = Map.groupBy(rowObjects(result), ({ part }) => part);
  const rowsOf = (part: string) => (parts.get(part) ?? []) as readonly FlowRow[];
  const between = rowsOf('between');
  const others = rowsOf('other');
  const gaps = Map.groupBy(rowsOf('gap'), (row) => row.interface_id ?? '');
  const isCut = between.length > MOST_ROWS;
  return {
    // The last connection may have been cut in the middle.
    between: isCut ? between.filter((row) => portsOf(row) !== portsOf(between.at(-1)!)) : between,
    others: others.slice(0, MOST_ROWS),
    gaps: new Map([...gaps].map(([id, rows]) => [id, rows.flatMap((row) => intervalOf(row) ?? [])])),
    isCut,
    lacksClients: others.length > MOST_ROWS,
  };
}

function portsOf({ srcport, dstport }: FlowRow): string {
  return [srcport ?? 0, dstport ?? 0].sort((a, b) => a - b).join(' ');
}

/** A network's hosts, with those that only its traffic shows. */
function withHostsInTraffic(
  named: NamedEnd,
  hosts: readonly Host[],
  rows: readonly FlowRow[],
): readonly Host[] {
  if (named.kind !== 'network') return hosts;
  const addresses = rows.flatMap((row) => [row.pkt_srcaddr ?? row.srcaddr, row.pkt_dstaddr ?? row.dstaddr]);
  const seen = addresses.filter((each) => each != null);
  return [...hosts, ...hostsInTraffic(named.network, seen, hosts)];
}

/** Every source with every destination, those with most records first. */
function pairsOf(
  sources: readonly Host[],
  destinations: readonly Host[],
  rows: readonly FlowRow[],
): (readonly [Host, Host])[] {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const ends = [row.pkt_srcaddr ?? row.srcaddr, row.pkt_dstaddr ?? row.dstaddr].sort().join(' ');
    counts.set(ends, (counts.get(ends) ?? 0) + 1);
  }
  const recordsOf = ([a, b]: readonly [Host, Host]) =>
    a.end.addresses
      .flatMap((from) => b.end.addresses.map((to) => counts.get([from, to].sort().join(' ')) ?? 0))
      .reduce((sum, each) => sum + each, 0);
  return sources
    .flatMap((from) => destinations.filter((to) => to !== from).map((to) => [from, to] as const))
    .map((pair) => ({ pair, records: recordsOf(pair) }))
    .sort((a, b) => b.records - a.records)
    .map(({ pair }) => pair);
}

const URGENCIES: readonly Rule['outcome'][] = ['fails', 'intermittent', 'cannot-tell', 'works'];

function urgency(outcome: Rule['outcome']): number {
  return URGENCIES.indexOf(outcome);
}

/** An address that interfaces carry without owning it: a second address of theirs, or something behind them. */
function carriedNotes(
  named: NamedEnd,
  hosts: readonly Host[],
  found: ReadonlyMap<string, FoundInterface>,
): string[] {
  if (named.kind !== 'addresses' || hosts.some(({ interfaces }) => interfaces.length > 0)) return [];
  const [address] = named.addresses;
  // A public address is never an interface's own, so whoever carries it has it behind it.
  if (address === undefined || rangeOf(address) !== 'private') return [];
  const undecided = [...found.values()].filter(({ survey }) => survey?.undecided.includes(address));
  if (undecided.length > 0) {
    return [
      `${named.text}: nothing tells whether it or its only peer is the address of ${undecided.map((each) => each.interfaceId).join(' and ')} ` +
        '(the format has no flow-direction). Name the interface, or give --inventory.',
    ];
  }
  const carriers = [...found.values()].filter(
    ({ survey, kind }) => survey?.carries.includes(address) && legKindOf(kind) === undefined,
  );
  return carriers.length === 0
    ? []
    : [
        `${named.text} is no interface's own address, but ${carriers.map((each) => each.interfaceId).join(', ')} ` +
          'carries it: as a second address, or for something behind it. Name the interface, or give --inventory.',
      ];
}

function inventoryNotes(hosts: readonly Host[], inventory: Inventory): string[] {
  if (!inventory.knowsFlowLogs) return [];
  return hosts
    .flatMap(({ interfaces }) => interfaces.flatMap(({ known }) => known ?? []))
    .flatMap((known) => {
      const own = flowLogsOf(inventory, known);
      if (own.length === 0) {
        return [`The inventory has no flow log for ${known.interfaceId}, its subnet or its VPC.`];
      }
      return own.flatMap(({ flowLogId, problem, isActive }) => {
        if (problem !== undefined)
          return [`AWS cannot deliver ${flowLogId} of ${known.interfaceId}: ${problem}.`];
        return isActive ? [] : [`The flow log ${flowLogId} of ${known.interfaceId} is not active.`];
      });
    });
}

function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}
