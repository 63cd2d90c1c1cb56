/**
 * From the question of a person to an explanation: finds out who the ends are, fetches the records, and applies the rules.
 * The lake is read four times: a day for the interfaces and what their logs hold, the window for the gaps of these logs,
 * for the records, and for those of the transit gateways. Once more if a NAT gateway is on the way.
 */

import { isInNetwork } from '../../shared/addresses.ts';
import { type Explanation, explain } from '../../shared/explain/explain.ts';
import { flowLogsOf, type Inventory, interfacesWithAddress } from '../../shared/explain/inventory.ts';
import { isoTime } from '../../shared/explain/iso-time.ts';
import {
  type FlowRow,
  type InterfaceLog,
  type Interval,
  POINTS,
  type TransitRow,
} from '../../shared/explain/observation.ts';
import { questionsByPort } from '../../shared/explain/ports.ts';
import type { Rule } from '../../shared/explain/rules.ts';
import { rangeOf } from '../../shared/findings/address.ts';
import { PROTOCOL_NAMES } from '../../shared/flow-log/names.ts';
import type { QueryEngine, QueryResult } from '../query-engine.ts';
import { QueryError } from '../query-error.ts';
import { rowObjects } from '../row-objects.ts';
import { blindPoints, guessNote } from './blind-points.ts';
import {
  type FoundInterface,
  foundInterfaces,
  type Host,
  hostsInTraffic,
  hostsOf,
  type NamedHosts,
  type Narrowing,
} from './hosts.ts';
import { interfaceLogs, type Stretch, stretchesOf } from './interface-logs.ts';
import { type Leg, legKindOf, legsOfHost, natGatewaysOf, natLegs, transitLegs } from './legs.ts';
import { type NamedEnd, namedEnd, type Resolve } from './named-end.ts';
import { MOST_PAIRS, pairsOf } from './pairs.ts';
import {
  type EndNames,
  LONGEST_STATEMENT,
  MOST_INTERFACES,
  MOST_ROWS,
  MOST_STRETCHES,
  newestStatement,
  outsideOfNatStatement,
  rowsStatement,
  stretchesStatement,
  surveyStatement,
  type TrafficEnd,
  transitStatement,
} from './statements.ts';
import { surveyedInterfaces } from './survey.ts';
import {
  deliveredPart,
  deliveredUntil,
  PADDING,
  windowNotes,
  windowOf,
  windowWithin,
} from './told-window.ts';

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

/** The traffic between one host and another, on one port if it has any. */
export interface Pair {
  readonly source: Host;
  readonly destination: Host;
  readonly port: number | undefined;
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

/** A log that holds one action only is told by a day of it. */
const SURVEY_SECONDS = 86_400;
/** Later records show up to when a log is complete. */
const SECONDS_AFTER = 3600;
/** TCP, UDP, DCCP, SCTP and UDP-Lite. */
const HAVE_PORTS = [6, 17, 33, 132, 136];

/**
 * Answers "why can't A reach B?".
 *
 * @throws QueryError for an end that cannot be read, is unknown, or is an address of several interfaces; what the engine
 *   throws.
 */
export async function investigate(asked: Asked, means: Means): Promise<Investigation> {
  const { inventory } = means;
  const engine = { run: (sql: string) => means.engine.run(withinLimit(sql)) };
  const now = Math.floor(means.now);
  const { protocol, port, narrowing } = asked;
  if (port !== undefined && !HAVE_PORTS.includes(protocol)) {
    throw new QueryError(
      `The protocol ${PROTOCOL_NAMES.get(protocol) ?? protocol} has no ports. Leave --port out.`,
    );
  }
  const source = await namedEnd('--source', asked.source, means.resolve);
  const destination = await namedEnd('--destination', asked.destination, means.resolve);
  const window = windowOf(asked, now);

  const range = {
    start: Math.min(window.start - PADDING, window.end - SURVEY_SECONDS),
    end: Math.min(window.end + SECONDS_AFTER, now),
  };
  const names = [source, destination].map((each) => withInventory(each, inventory));
  const survey = await engine.run(surveyStatement(together(names), range, window, narrowing));
  if (survey.rows.length > MOST_INTERFACES) {
    throw tooLargeError(`more than ${MOST_INTERFACES} interfaces (each counts once for every flow log)`);
  }
  const surveyed = surveyedInterfaces(survey);
  const found = foundInterfaces(surveyed, inventory);
  const namedSources = hostsOf('--source', source, found, narrowing);
  const namedDestinations = hostsOf('--destination', destination, found, narrowing);
  const [sources, destinations] = [namedSources.hosts, namedDestinations.hosts];
  const both = [...sources, ...destinations].flatMap(({ interfaces }) => interfaces);
  const logs = interfaceLogs(both, inventory, await stretches(), now);
  const completeUntil = {
    source: completeUntilOf(sources, logs),
    destination: completeUntilOf(destinations, logs),
  };

  const traffic = {
    source: trafficEnd(source, sources),
    destination: trafficEnd(destination, destinations),
    protocol,
    port,
  };
  const padded = { start: window.start - PADDING, end: window.end + PADDING };
  const delivered = deliveredUntil(padded, window, logs);
  const fetched = fetchedRows(
    await engine.run(rowsStatement(traffic, padded, delivered, narrowing)),
    padded,
    delivered,
  );
  const readWindow = fetched.isCut ? windowWithin(fetched.range, window) : window;
  const transit = await engine.run(transitStatement(traffic, padded, narrowing));
  const isTransitCut = transit.rows.length > MOST_ROWS;
  const transitRows = (rowObjects(transit) as readonly TransitRow[])
    .filter((row) => mayBeOf(row, narrowing))
    // What was left out may have passed, so nothing says that all was lost.
    .map((row) => (isTransitCut ? { ...row, packets: null } : row));

  const pairs = pairsOf(
    withHostsInTraffic(source, namedSources, fetched.between),
    withHostsInTraffic(destination, namedDestinations, fetched.between),
    fetched.between,
  );
  if (pairs.total === 0 && source.kind !== 'network' && destination.kind !== 'network') {
    throw new QueryError(
      `--source ${source.text} and --destination ${destination.text} are the same host. What a host sends to itself ` +
        'never leaves it, so no flow log shows it.',
    );
  }
  const rows = [...fetched.between, ...fetched.others];
  const evidence = { rows, transitRows, logs, lacksClients: fetched.lacksClients, fetched: fetched.range };
  const questions = pairs.first.flatMap(([from, to]) => {
    const ends = { source: from.end, destination: to.end };
    const told = deliveredPart(readWindow, ends, fetched.between, logs);
    const blind = blindPoints(from, to, fetched.between, transitRows);
    const whole = { ...ends, protocol, window: told, blind, ...(port !== undefined && { port }) };
    return questionsByPort(whole, evidence).map((question) => ({ from, to, question }));
  });
  const explained = questions.slice(0, MOST_PAIRS).map(
    ({ from, to, question }): Pair => ({
      source: from,
      destination: to,
      ...{ port: question.port, window: question.window },
      explanation: explain(question, evidence),
    }),
  );

  /** When the logs of both ends have records. */
  async function stretches(): Promise<Stretch[]> {
    const ids = both.flatMap(({ interfaceId, survey: own }) => (own?.isInWindow ? [interfaceId] : []));
    if (ids.length === 0) return [];
    const result = await engine.run(
      stretchesStatement(ids, { start: window.start - 2 * PADDING, end: range.end }, narrowing),
    );
    if (result.rows.length > MOST_STRETCHES)
      throw tooLargeError(`more than ${MOST_STRETCHES} gaps in their logs`);
    return stretchesOf(result);
  }

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
    pairs: explained.sort((a, b) => urgency(a.explanation) - urgency(b.explanation)),
    legs,
    notes: [
      ...(pairs.total > pairs.first.length
        ? [
            `${pairs.total} pairs of hosts; ${pairs.first.length} were explained, those with rejected or unanswered ` +
              'traffic first. Ask about smaller networks.',
          ]
        : []),
      ...(questions.length > explained.length
        ? [
            `${questions.length} ports are asked for; ${explained.length} were explained, for each pair of hosts those with ` +
              'rejected or unanswered traffic first. --port N asks about one.',
          ]
        : []),
      ...(fetched.isCut
        ? [
            `More than ${MOST_ROWS} records match: only ${isoTime(readWindow.start)} to ${isoTime(readWindow.end)} was ` +
              'looked at. Ask about one port, smaller networks or a shorter time (--since, --until) to see the rest.',
          ]
        : []),
      ...(isTransitCut
        ? [
            `More than ${MOST_ROWS} records of transit gateways match. Those with losses were read, not what passed.`,
          ]
        : []),
      ...windowNotes(
        readWindow,
        explained.map((pair) => pair.window),
      ),
      ...(pairs.total === 0 ? ['No host of the network is known from flow logs or an inventory.'] : []),
      ...(explained.length === 1 ? explained.flatMap(guessNotes) : []),
      ...namedSources.notes,
      ...namedDestinations.notes,
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

function withinLimit(sql: string): string {
  if (Buffer.byteLength(sql) > LONGEST_STATEMENT) throw tooLargeError('too many addresses for one statement');
  return sql;
}

function tooLargeError(what: string): QueryError {
  return new QueryError(`The networks have ${what}. Ask about smaller ones, or narrow with --account.`);
}

function completeUntilOf(
  hosts: readonly Host[],
  logs: ReadonlyMap<string, InterfaceLog>,
): number | undefined {
  const times = hosts
    .flatMap(({ end }) => end.interfaceIds.flatMap((id) => logs.get(id)?.completeUntil ?? []))
    .filter(Number.isFinite);
  return times.length === 0 ? undefined : times.reduce((a, b) => Math.min(a, b));
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
  const networks = named.kind === 'network' ? [named.network] : [];
  const addresses = new Set(hosts.flatMap(({ end }) => [...end.addresses, ...(end.ownAddresses ?? [])]));
  const logged = hosts.flatMap(({ interfaces }) => interfaces.filter(({ survey }) => survey !== undefined));
  return {
    networks,
    addresses: [...addresses].filter((each) => !networks.some((network) => isInNetwork(each, network))),
    interfaceIds: [...new Set(logged.map(({ interfaceId }) => interfaceId))],
  };
}

/** Whether a transit gateway's record may be of the VPCs that were asked for. */
function mayBeOf({ tgw_src_vpc_id: from, tgw_dst_vpc_id: to }: TransitRow, { vpcs }: Narrowing): boolean {
  return vpcs.length === 0 || from == null || to == null || vpcs.includes(from) || vpcs.includes(to);
}

interface FetchedRows {
  /** Records between the two ends: all of the range. */
  readonly between: readonly FlowRow[];
  /** Records of other clients at the destination. */
  readonly others: readonly FlowRow[];
  readonly lacksClients: boolean;
  /** What was read, Unix seconds; less than what was asked for if there were too many records. */
  readonly range: Interval;
  readonly isCut: boolean;
}

/** Reads the answer to `rowsStatement`, which was asked for this range. */
function fetchedRows(result: QueryResult, range: Interval, delivered: number): FetchedRows {
  const parts = Map.groupBy(rowObjects(result), ({ part }) => part);
  const rowsOf = (part: string) => (parts.get(part) ?? []) as readonly FlowRow[];
  const [between, others] = [rowsOf('between'), rowsOf('other')];
  const clients = { others: others.slice(0, MOST_ROWS), lacksClients: others.length > MOST_ROWS };
  if (between.length <= MOST_ROWS) return { between, ...clients, range, isCut: false };

  // A shorter time with all of its records tells no less of it; a part of the records of all the time would.
  const end = Math.min(range.end, delivered);
  const lastOf = (row: FlowRow) => row.end ?? row.start ?? 0;
  const cut = lastOf(between.at(-1)!);
  const start = cut > end ? range.start : cut + 1;
  const whole = between.filter((row) => lastOf(row) >= start && lastOf(row) <= end);
  if (cut === 0 || whole.length === 0) {
    throw new QueryError(
      `More than ${MOST_ROWS} records match, and no time tells them apart. Ask about one port or smaller networks.`,
    );
  }
  return { between: whole, ...clients, range: { start, end }, isCut: true };
}

/** A network's hosts, with those that only its traffic shows. */
function withHostsInTraffic(named: NamedEnd, known: NamedHosts, rows: readonly FlowRow[]): readonly Host[] {
  if (named.kind !== 'network') return known.hosts;
  const addresses = rows.flatMap((row) => [row.pkt_srcaddr ?? row.srcaddr, row.pkt_dstaddr ?? row.dstaddr]);
  const seen = addresses.filter((each) => each != null);
  return [...known.hosts, ...hostsInTraffic(named.network, seen, known)];
}

const URGENCIES: readonly Rule['outcome'][] = ['fails', 'intermittent', 'cannot-tell', 'works'];

function isSilent({ points }: Explanation): boolean {
  return POINTS.every((point) => points[point].records.length === 0);
}

function guessNotes({ source, destination, explanation }: Pair): string[] {
  const note = isSilent(explanation) ? guessNote(source, destination) : undefined;
  return note === undefined ? [] : [note];
}

/** What asks for attention first. Hosts of a network that never met come last: mostly nobody wanted them to. */
function urgency(explanation: Explanation): number {
  return isSilent(explanation) ? URGENCIES.length : URGENCIES.indexOf(explanation.outcome);
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
