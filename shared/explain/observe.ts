import { isIPv6 } from '../findings/address.ts';
import { TCP } from '../findings/connection.ts';
import { type Attempt, attemptsOf, connectionsOf } from './attempts.ts';
import { type Coverage, createCoverage } from './coverage.ts';
import {
  type Evidence,
  type FlowRow,
  type InterfaceView,
  type Interval,
  POINTS,
  type Point,
  type PointObservation,
  type Question,
  type TimedCount,
} from './observation.ts';
import {
  intervalOf,
  isRequest,
  isSetAside,
  isWithin,
  LATENESSES,
  type Lateness,
  latenessOf,
  overlaps,
  type Sighting,
  sightingOf,
  startsIn,
} from './sighting.ts';
import { isOneSubnet } from './subnets.ts';
import {
  combinedTcpState,
  isFailure,
  isSuccess,
  type JudgedConnection,
  mayBeRefused,
  RST,
  type TcpConnection,
  type TcpSighting,
  type TcpState,
  tcpStateOf,
} from './tcp.ts';
import { type CountedLoss, transitLoss } from './transit-loss.ts';
import { CLOCK_SLACK } from './translation.ts';

export interface Observation {
  readonly points: Readonly<Record<Point, PointObservation>>;
  /** Undefined for other protocols. */
  readonly tcp: TcpState | undefined;
  /** The source opens the connections. Else nothing tells which of the two does. */
  readonly isOpenerKnown: boolean;
  /** No TCP record has flags: version 2. */
  readonly lacksFlags: boolean;
  readonly lateness: Lateness;
  /** Both ends are known to be in one subnet, where network ACLs do not apply. */
  readonly sameSubnet: boolean;
  /** The replies that B's side rejects belong to requests that the same interface accepted. */
  readonly repliesWhereAsked: boolean;
  /** The replies that A's side rejects belong to requests that left by the same interface. */
  readonly answeredWhereSent: boolean;
  readonly requestLoss: CountedLoss | undefined;
  readonly replyLoss: CountedLoss | undefined;
}

/** Bytes of IP and TCP headers, without options and with all TCP options that there is room for: RFC 9293, 3.1. */
const HEADERS = { bare: 40, longest: 80 } as const;
const HEADERS_V6 = { bare: 60, longest: 100 } as const;
/** A handshake or a refusal alone takes fewer. */
const SEVERAL_PACKETS = 3;

/** Finds what the records tell about the four points. Records of other conversations and interfaces are left alone. */
export function observe(question: Question, evidence: Evidence): Observation {
  const { rows, logs, transitRows = [] } = evidence;
  const located = withoutRepetitions(rows.flatMap((row) => sightingOf(row, question)));
  const connections = connectionsOf(located).map((own) => {
    const judged = own.map((each) => ({ ...each, lateness: latenessOf(each, own, logs) }));
    return attemptsOf(judged, question, logs);
  });
  const inWindow = connections.flat().filter(({ counted }) => counted.length > 0);
  const { attempts, isOpenerKnown } = ofSource(inWindow);
  const sightings = attempts.flatMap(({ counted }) => counted);
  const isCounted = new Set(sightings);
  const beside = attempts.flatMap((attempt) => attempt.sightings).filter((each) => !isCounted.has(each));

  const coverage = createCoverage(question, evidence, sightings, beside);
  const points = Object.fromEntries(
    POINTS.map((point) => [point, observePoint(point, sightings, coverage, question)]),
  ) as Record<Point, PointObservation>;
  const isTcp = question.protocol === TCP;
  return {
    points,
    tcp: isTcp ? tcpState(connections, attempts, coverage, question.window) : undefined,
    isOpenerKnown,
    lacksFlags: isTcp && sightings.every(({ row }) => row.tcp_flags == null),
    lateness: LATENESSES.findLast((each) => sightings.some(({ lateness }) => lateness === each)) ?? 'none',
    sameSubnet: isOneSubnet(rows, question),
    repliesWhereAsked: rejectsWhatItServes('P3', 'P2', sightings),
    answeredWhereSent: rejectsWhatItServes('P4', 'P1', sightings),
    requestLoss: transitLoss(transitRows, question, false),
    replyLoss: transitLoss(transitRows, question, true),
  };
}

/** The attempts of the source. What the target opens is another question; what nobody knows counts only where it is all. */
function ofSource(attempts: readonly Attempt[]): {
  readonly attempts: readonly Attempt[];
  readonly isOpenerKnown: boolean;
} {
  const own = attempts.filter(({ opener }) => opener === 'source');
  const unknown = attempts.filter(({ opener }) => opener === 'unknown');
  const isOpenerKnown = own.length > 0 || unknown.length === 0;
  return { attempts: isOpenerKnown ? own : unknown, isOpenerKnown };
}

/** Two flow logs over one interface record everything twice. Of equal records the one that tells more is kept. */
function withoutRepetitions(sightings: readonly Sighting[]): Sighting[] {
  const kept = new Map<string, Sighting>();
  for (const sighting of sightings) {
    const { row, point, connection, hosts } = sighting;
    const key = [
      ...[point, connection, hosts, row.interface_id, row.srcaddr, row.dstaddr],
      ...[row.start, row.end, row.action, row.packets, row.bytes],
    ].join(' ');
    const other = kept.get(key);
    if (other === undefined || knownColumns(row) > knownColumns(other.row)) kept.set(key, sighting);
  }
  return [...kept.values()];
}

function knownColumns(row: FlowRow): number {
  return Object.values(row).filter((value) => value != null).length;
}

function observePoint(
  point: Point,
  all: readonly Sighting[],
  coverage: Coverage,
  { window }: Question,
): PointObservation {
  const ofPoint = all.filter((each) => each.point === point);
  // What began before the window, or comes after it, tells only what the window itself leaves open.
  const inWindow = ofPoint.filter(({ row }) => startsIn(row, window));
  const here = inWindow.length > 0 ? inWindow : ofPoint;
  const late = here.filter(isSetAside);
  const accepted = here.filter(({ row }) => row.action === 'ACCEPT');
  const rejected = here.filter((each) => each.row.action === 'REJECT' && !isSetAside(each));
  const flags = here.filter(({ row }) => row.tcp_flags != null).map(({ row }) => row.tcp_flags!);
  const why = here.length === 0 ? coverage.missing(point) : undefined;
  const state =
    accepted.length > 0 && rejected.length > 0
      ? 'both'
      : accepted.length > 0
        ? 'accept'
        : rejected.length > 0
          ? 'reject'
          : why === undefined
            ? 'absent'
            : 'not-observed';
  return {
    state,
    ...(why !== undefined && { why }),
    accepted: timedCount(accepted),
    rejected: timedCount(rejected),
    late: timedCount(late),
    rejectReasons: [...new Set(rejected.map(({ row }) => row.reject_reason ?? '-'))].filter(
      (each) => each !== '-',
    ),
    flags: flags.length === 0 ? undefined : flags.reduce((sum, each) => sum | each, 0),
    interfaces: interfaceViews(accepted, rejected),
    records: here.map(({ row }) => row).sort((a, b) => (a.start ?? 0) - (b.start ?? 0)),
  };
}

function timedCount(sightings: readonly Sighting[]): TimedCount {
  const intervals = sightings.flatMap(({ row }) => intervalOf(row) ?? []);
  if (intervals.length === 0) return { records: sightings.length, first: undefined, last: undefined };
  const first = intervals.reduce((least, { start }) => Math.min(least, start), Number.POSITIVE_INFINITY);
  const last = intervals.reduce((most, { end }) => Math.max(most, end), 0);
  return { records: sightings.length, first, last };
}

function interfaceViews(accepted: readonly Sighting[], rejected: readonly Sighting[]): InterfaceView[] {
  const ids = new Set([...accepted, ...rejected].map(({ row }) => row.interface_id!));
  return [...ids].sort().map((interfaceId) => {
    const at = ({ row }: Sighting): boolean => row.interface_id === interfaceId;
    const zone = [...accepted, ...rejected].find((each) => at(each) && each.row.az_id != null);
    return {
      interfaceId,
      azId: zone?.row.az_id ?? undefined,
      accepted: timedCount(accepted.filter(at)),
      rejected: timedCount(rejected.filter(at)),
    };
  });
}

/** Whether all replies that a side rejects belong to requests that the same interface accepted. */
function rejectsWhatItServes(reply: Point, request: Point, sightings: readonly Sighting[]): boolean {
  const way = ({ connection, row }: Sighting): string => `${connection} ${row.interface_id}`;
  const at = (point: Point, action: string): Sighting[] =>
    sightings.filter((each) => each.point === point && each.row.action === action);
  const served = new Set(at(request, 'ACCEPT').map(way));
  return at(reply, 'REJECT').every((each) => served.has(way(each)));
}

/**
 * The state of the attempts that count, each judged with those before and after it from the same port. Those that open in
 * the window decide, if there are any. Others may have opened before or after it: they only spoil what they contradict.
 */
function tcpState(
  connections: readonly (readonly Attempt[])[],
  attempts: readonly Attempt[],
  coverage: Coverage,
  window: Interval,
): TcpState {
  const counting = new Set(attempts);
  const judged = connections.flatMap((own) => {
    const alone = own.map((attempt) => judgedConnection(attempt, coverage, window));
    return alone.flatMap((each, i) => {
      const neighbours = [alone[i - 1], alone[i + 1]].filter((other) => other !== undefined);
      return counting.has(each.attempt) ? [besideNeighbours(each, neighbours)] : [];
    });
  });
  const opened = judged.filter(({ attempt }) => attempt.isNew);
  if (opened.length === 0) return combinedTcpState(judged);
  const contradicting = judged
    .filter(({ attempt }) => attempt.opensInside && !attempt.isNew)
    .filter(
      (each) => (isSuccess(each) && !opened.some(isSuccess)) || (isFailure(each) && !opened.some(isFailure)),
    );
  return combinedTcpState([...opened, ...contradicting.map((each) => ({ ...each, isDoubtful: true }))]);
}

interface JudgedAttempt extends JudgedConnection {
  readonly attempt: Attempt;
}

function judgedConnection(attempt: Attempt, coverage: Coverage, window: Interval): JudgedAttempt {
  const connection = tcpConnection(attempt, coverage, window);
  const state = tcpStateOf(connection);
  return { attempt, connection, state, isDoubtful: state === 'cannot-tell' && mayBeRefused(connection) };
}

/** What becomes of a judgement by the attempts before and after it: times are not exact, so packets may be theirs. */
function besideNeighbours(one: JudgedAttempt, neighbours: readonly JudgedAttempt[]): JudgedAttempt {
  const mayHaveSentReset = ({ attempt }: JudgedAttempt): boolean =>
    hasReplyNear(
      attempt,
      one.attempt,
      ({ point, row }) => point === 'P3' && ((row.tcp_flags ?? 0) & RST) !== 0,
    );
  if (one.state === 'middlebox-reset' && neighbours.some(mayHaveSentReset))
    return { ...one, state: 'cannot-tell' };
  return neighbours.some((other) => areMixedUp(one, other)) ? { ...one, isDoubtful: true } : one;
}

/** Whether one was answered and the other failed, and the answer is so near that it may be the other's. */
function areMixedUp(one: JudgedAttempt, other: JudgedAttempt): boolean {
  const [success, failure] = isSuccess(one) ? [one, other] : [other, one];
  return isSuccess(success) && isFailure(failure) && hasReplyNear(success.attempt, failure.attempt);
}

/** Whether a reply of one attempt is less than a minute from another attempt. */
function hasReplyNear(
  { sightings }: Attempt,
  { interval }: Attempt,
  isMeant: (sighting: Sighting) => boolean = () => true,
): boolean {
  if (interval === undefined) return true;
  const around = { start: interval.start - CLOCK_SLACK, end: interval.end + CLOCK_SLACK };
  return sightings.some((each) => !isRequest(each) && isMeant(each) && overlaps(each.row, around));
}

function tcpConnection({ sightings, counted }: Attempt, coverage: Coverage, window: Interval): TcpConnection {
  const onTime = sightings.filter((each) => !isSetAside(each));
  // An attempt outside of the window is judged as well: it may be a neighbour.
  const own = counted.length === 0 ? onTime : counted.filter((each) => !isSetAside(each));
  const at = (point: Point): TcpSighting => {
    const rowsOf = (all: readonly Sighting[]): FlowRow[] =>
      all.filter((each) => each.point === point).map(({ row }) => row);
    return tcpSighting(rowsOf(own), rowsOf(onTime), window);
  };
  return {
    requestSent: at('P1'),
    requestReceived: at('P2'),
    replySent: at('P3'),
    replyReceived: at('P4'),
    observesReplySent: coverage.sees('P3', own),
    observesReplyReceived: coverage.sees('P4', own),
    observesReset: coverage.sees('P3', onTime),
  };
}

/** @param withBeside also the records next to the window, whose flags tell of those in it */
function tcpSighting(
  rows: readonly FlowRow[],
  withBeside: readonly FlowRow[],
  window: Interval,
): TcpSighting {
  const accepted = rows.filter(({ action }) => action === 'ACCEPT');
  // Without flags the amount alone tells, and that of a record that reaches beyond the window may be of another time.
  const measured = accepted.filter((row) => row.tcp_flags != null || isWithin(row, window));
  const sum = (column: 'packets' | 'bytes'): number =>
    measured.reduce((total, row) => total + (row[column] ?? 0), 0);
  const headers = accepted.some(({ srcaddr }) => isIPv6(srcaddr ?? '')) ? HEADERS_V6 : HEADERS;
  return {
    records: rows.length,
    isAccepted: accepted.length > 0,
    flags: rows.length === 0 ? 0 : withBeside.reduce((flags, row) => flags | (row.tcp_flags ?? 0), 0),
    flagsKnown: rows.every(({ tcp_flags }) => tcp_flags != null),
    isSeveral: sum('packets') >= SEVERAL_PACKETS,
    hasPayload: sum('bytes') > sum('packets') * headers.longest,
    isBare: accepted.every(({ packets, bytes }) => (bytes ?? 0) <= (packets ?? 0) * headers.bare),
  };
}
