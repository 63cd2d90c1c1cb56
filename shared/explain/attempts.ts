/**
 * From records to attempts: clients use a port again and again, for the next connection or for another target, and what
 * became of the last connection says nothing about the next.
 */

import { FIRST_EPHEMERAL, TCP, WELL_KNOWN_PORTS } from '../findings/connection.ts';
import type { InterfaceLog, Interval, Question } from './observation.ts';
import { ICMP, intervalOf, isRequest, isWithin, overlaps, type Sighting } from './sighting.ts';
import { ACK, FIN, RST, SYN } from './tcp.ts';
import { CLOCK_SLACK } from './translation.ts';

/** The end that sent the first packet; unknown where neither flags nor ports tell. */
export type Opener = 'source' | 'destination' | 'unknown';

/** The records of a connection from its SYN to its close. Without flags: of what follows without a long pause. */
export interface Attempt {
  readonly opener: Opener;
  /** From the first to the last of its records; undefined where some have no times. */
  readonly interval: Interval | undefined;
  /** All of its records. */
  readonly sightings: readonly Sighting[];
  /** What counts for the time in question: its records, and those of a minute around it if the attempt opens in it. */
  readonly counted: readonly Sighting[];
  /** Its handshake has a record in that time. */
  readonly opensInside: boolean;
  /** All such records are of that time alone, so that it certainly opens in it. */
  readonly isNew: boolean;
}

/** An unanswered SYN is repeated for about two minutes; what comes later is another attempt. */
const LONGEST_OPENING = 180;

/** Groups records by connection: by both ports, and by the addresses where one pair of ports serves several hosts. */
export function connectionsOf(located: readonly Sighting[]): Sighting[][] {
  return [...Map.groupBy(located, ({ connection }) => connection).values()].flatMap((own) => {
    // Each side may know the other by another address (NAT), so only what one side sees tells hosts apart.
    const isAtSource = ({ point }: Sighting): boolean => point === 'P1' || point === 'P4';
    const seen = Map.groupBy(own, isAtSource).values();
    const isOne = [...seen].every((side) => new Set(side.map(({ hosts }) => hosts)).size === 1);
    return isOne ? [own] : [...Map.groupBy(own, ({ hosts }) => hosts).values()];
  });
}

/** The attempts that the records of one connection are, in their order. */
export function attemptsOf(
  connection: readonly Sighting[],
  question: Question,
  logs: ReadonlyMap<string, InterfaceLog>,
): Attempt[] {
  const { start, end } = question.window;
  const withAnswers = { start: start - CLOCK_SLACK, end: end + CLOCK_SLACK };
  return cut(connection).map((sightings) => {
    const inside = sightings.filter(({ row }) => overlaps(row, question.window));
    const openings = inside.filter((each) => openerBySyn(each) !== undefined);
    const opensInside = openings.length > 0;
    return {
      opener:
        sightings.map(openerBySyn).find((each) => each !== undefined) ??
        openerWithoutSyn(sightings, question, logs),
      interval: spanOf(sightings),
      sightings,
      counted: opensInside ? sightings.filter(({ row }) => overlaps(row, withAnswers)) : inside,
      opensInside,
      isNew: opensInside && openings.every(({ row }) => isWithin(row, question.window)),
    };
  });
}

function spanOf(sightings: readonly Sighting[]): Interval | undefined {
  const intervals = sightings.flatMap(({ row }) => intervalOf(row) ?? []);
  if (intervals.length < sightings.length) return undefined;
  return {
    start: intervals.reduce((least, { start }) => Math.min(least, start), Number.POSITIVE_INFINITY),
    end: intervals.reduce((most, { end }) => Math.max(most, end), Number.NEGATIVE_INFINITY),
  };
}

/** Cuts a connection where it is opened anew. Only TCP says where, and records without times have no order. */
function cut(connection: readonly Sighting[]): Sighting[][] {
  if (spanOf(connection) === undefined || connection[0]?.row.protocol !== TCP) return [[...connection]];
  const inOrder = connection.toSorted(byTime);
  return connection.some(({ row }) => row.tcp_flags != null) ? cutBySyn(inOrder) : cutBySilence(inOrder);
}

function cutBySyn(inOrder: readonly Sighting[]): Sighting[][] {
  const attempts: Sighting[][] = [];
  for (const each of inOrder) {
    const last = attempts.at(-1);
    if (last !== undefined && !opensAnother(each, last)) last.push(each);
    else attempts.push([...(last === undefined ? [] : takeEarlyReplies(last, startOf(each))), each]);
  }
  return attempts;
}

/** Takes from an attempt the records that stand alone just before the next SYN: its replies, stamped too early. */
function takeEarlyReplies(attempt: Sighting[], start: number): Sighting[] {
  const first = attempt.findLastIndex((each) => !isEarly(each, start)) + 1;
  if (first === 0 || first === attempt.length) return [];
  const latest = attempt.slice(0, first).reduce((end, each) => Math.max(end, endOf(each)), 0);
  return startOf(attempt[first]!) > latest + CLOCK_SLACK ? attempt.splice(first) : [];
}

/** Whether a record may be of the SYN that comes after it. */
function isEarly(sighting: Sighting, start: number): boolean {
  return openerBySyn(sighting) === undefined && startOf(sighting) >= start - CLOCK_SLACK;
}

/** Without flags: at long pauses, and where the replies begin or stop. */
function cutBySilence(inOrder: readonly Sighting[]): Sighting[][] {
  const attempts: Sighting[][] = [];
  let latest = Number.NEGATIVE_INFINITY;
  for (const each of inOrder) {
    if (startOf(each) - latest > LONGEST_OPENING) attempts.push([each]);
    else attempts.at(-1)!.push(each);
    latest = Math.max(latest, endOf(each));
  }
  return attempts.flatMap((own) => {
    const replied = spanOf(own.filter((each) => !isRequest(each)));
    if (replied === undefined) return [own];
    const phaseOf = (each: Sighting): number =>
      Number(startOf(each) > replied.end + CLOCK_SLACK) - Number(endOf(each) < replied.start - CLOCK_SLACK);
    return [...Map.groupBy(own, phaseOf).values()];
  });
}

function startOf({ row }: Sighting): number {
  return intervalOf(row)!.start;
}

function endOf({ row }: Sighting): number {
  return intervalOf(row)!.end;
}

/** By the first packet. Of one second the SYN comes first. */
function byTime(a: Sighting, b: Sighting): number {
  return (
    startOf(a) - startOf(b) || Number(openerBySyn(b) !== undefined) - Number(openerBySyn(a) !== undefined)
  );
}

/**
 * Whether a record opens another connection than those before it: somebody else opens, it is too late for a repetition,
 * or the same interface had seen the close, or for a SYN the answer. The clocks of two interfaces may differ.
 */
function opensAnother(sighting: Sighting, before: readonly Sighting[]): boolean {
  const opener = openerBySyn(sighting);
  if (opener === undefined) return false;
  const start = startOf(sighting);
  if (before.every((each) => isEarly(each, start))) return false;
  // Early replies may stand before the SYN.
  const syn = before.find((each) => openerBySyn(each) !== undefined);
  const isRepetition =
    syn !== undefined && openerBySyn(syn) === opener && start - startOf(syn) <= LONGEST_OPENING;
  if (!isRepetition) return true;
  const isAgain = before.some(
    (each) =>
      each.point === sighting.point && openerBySyn(each) === opener && isSynAck(each) === isSynAck(sighting),
  );
  // The first record of a handshake at its point may be stamped late, after what it made the other end send.
  const latest = isAgain ? start : start - CLOCK_SLACK;
  return before.some(
    (each) =>
      each.row.interface_id === sighting.row.interface_id &&
      (isClose(each) || (isSynAck(each) && !isSynAck(sighting))) &&
      endOf(each) < latest,
  );
}

/** The end that opens the connection, if the record has a SYN: its sender, or the receiver of a SYN-ACK. */
function openerBySyn(sighting: Sighting): 'source' | 'destination' | undefined {
  if (sighting.row.protocol !== TCP || ((sighting.row.tcp_flags ?? 0) & SYN) === 0) return undefined;
  return isRequest(sighting) === isSynAck(sighting) ? 'destination' : 'source';
}

function isSynAck({ row }: Sighting): boolean {
  return ((row.tcp_flags ?? 0) & (SYN | ACK)) === (SYN | ACK);
}

function isClose({ row }: Sighting): boolean {
  return ((row.tcp_flags ?? 0) & (FIN | RST)) !== 0;
}

const SERVICES: ReadonlySet<number> = new Set(WELL_KNOWN_PORTS);
/** From here up also clients with privileges take ports, such as those of NFS. */
const FIRST_OF_PRIVILEGED_CLIENTS = 512;

/**
 * Without a SYN the ports tell. If both look alike, the end opens that sends although the other one, which the log would
 * show, does not. ICMP and its like have no ports; its rules are made for not knowing who asks.
 */
function openerWithoutSyn(
  own: readonly Sighting[],
  { protocol, port }: Question,
  logs: ReadonlyMap<string, InterfaceLog>,
): Opener {
  if (ICMP.includes(protocol)) return 'source';
  const [{ clientPort, serverPort }] = own as readonly [Sighting];
  const byPorts = openerByPorts(clientPort, serverPort, port);
  const isAlone =
    own.every(isRequest) &&
    own.every(({ row }) => {
      const actions = logs.get(row.interface_id!)?.actions;
      return actions?.has('ACCEPT') === true && actions.has('REJECT');
    });
  // Of TCP a packet alone may be the rest of a connection that the other end had opened.
  return isAlone && (byPorts === 'unknown' || protocol !== TCP) ? 'source' : byPorts;
}

/**
 * Servers have well-known ports, or the one that the question names, if it is none that systems hand out to clients.
 *
 * @param asked the server's port in the question
 */
function openerByPorts(clientPort: number, serverPort: number, asked: number | undefined): Opener {
  const mayServe = (port: number): boolean =>
    port > 0 &&
    (port < FIRST_OF_PRIVILEGED_CLIENTS ||
      SERVICES.has(port) ||
      (port === serverPort && port === asked && port < FIRST_EPHEMERAL));
  const isHandedOut = (port: number): boolean => port >= FIRST_EPHEMERAL;
  const isHigherAlone = (port: number, other: number): boolean =>
    isHandedOut(port) && !isHandedOut(other) && other > 0;
  if (mayServe(serverPort) !== mayServe(clientPort)) return mayServe(serverPort) ? 'source' : 'destination';
  if (isHigherAlone(clientPort, serverPort)) return 'source';
  // The port that is asked about may be one of a service although systems hand it out.
  return asked === undefined && isHigherAlone(serverPort, clientPort) ? 'destination' : 'unknown';
}
