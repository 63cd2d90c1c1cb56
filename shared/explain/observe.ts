import { isIPv6 } from '../findings/address.ts';
import { TCP } from '../findings/connection.ts';
import { type Coverage, createCoverage } from './coverage.ts';
import {
  type Evidence,
  type FlowRow,
  type InterfaceView,
  POINTS,
  type Point,
  type PointObservation,
  type Question,
  type TimedCount,
} from './observation.ts';
import {
  intervalOf,
  isSetAside,
  LATENESSES,
  type Lateness,
  latenessOf,
  overlaps,
  type Sighting,
  sightingOf,
} from './sighting.ts';
import { isOneSubnet } from './subnets.ts';
import { combinedTcpState, type TcpConnection, type TcpSighting, type TcpState } from './tcp.ts';
import { type TransitLoss, transitLoss } from './transit-loss.ts';

export interface Observation {
  readonly points: Readonly<Record<Point, PointObservation>>;
  /** Undefined for other protocols. */
  readonly tcp: TcpState | undefined;
  /** No TCP record has flags: version 2. */
  readonly lacksFlags: boolean;
  readonly lateness: Lateness;
  /** Both ends are known to be in one subnet, where network ACLs do not apply. */
  readonly sameSubnet: boolean;
  /** The replies that B's side rejects belong to requests that the same interface accepted. */
  readonly repliesWhereAsked: boolean;
  /** The replies that A's side rejects belong to requests that left by the same interface. */
  readonly answeredWhereSent: boolean;
  readonly requestLoss: TransitLoss | undefined;
  readonly replyLoss: TransitLoss | undefined;
}

/** IP and TCP headers, options of a SYN included, seldom take more. What is longer has payload. */
const LONGEST_HEADERS = 60;
const LONGEST_HEADERS_V6 = 80;
/** A handshake or a refusal alone takes fewer. */
const SEVERAL_PACKETS = 3;

/** Finds what the records tell about the four points. Records of other conversations and interfaces are left alone. */
export function observe(question: Question, evidence: Evidence): Observation {
  const { rows, logs, transitRows = [] } = evidence;
  const located = withoutRepetitions(evidence.rows.flatMap((row) => sightingOf(row, question)));
  const connections = [...Map.groupBy(located, (each) => each.connection).values()];
  const sightings = connections
    .filter((own) => own.some(({ row }) => overlaps(row, question.window)))
    .flatMap((own) => own.map((each) => ({ ...each, lateness: latenessOf(each, own, logs) })));

  const coverage = createCoverage(question, evidence, sightings);
  const points = Object.fromEntries(
    POINTS.map((point) => [point, observePoint(point, sightings, coverage)]),
  ) as Record<Point, PointObservation>;
  const isTcp = question.protocol === TCP;
  return {
    points,
    tcp: isTcp ? combinedTcpState(tcpConnections(sightings, coverage)) : undefined,
    lacksFlags: isTcp && sightings.every(({ row }) => row.tcp_flags == null),
    lateness: LATENESSES.findLast((each) => sightings.some(({ lateness }) => lateness === each)) ?? 'none',
    sameSubnet: isOneSubnet(rows, question),
    repliesWhereAsked: rejectsWhatItServes('P3', 'P2', sightings),
    answeredWhereSent: rejectsWhatItServes('P4', 'P1', sightings),
    requestLoss: transitLoss(transitRows, question, false),
    replyLoss: transitLoss(transitRows, question, true),
  };
}

/** Two flow logs over one interface record everything twice. Of equal records the one that tells more is kept. */
function withoutRepetitions(sightings: readonly Sighting[]): Sighting[] {
  const kept = new Map<string, Sighting>();
  for (const sighting of sightings) {
    const { row, point, connection } = sighting;
    const key = [
      ...[point, connection, row.interface_id, row.srcaddr, row.dstaddr],
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

function observePoint(point: Point, all: readonly Sighting[], coverage: Coverage): PointObservation {
  const here = all.filter((each) => each.point === point);
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

function tcpConnections(sightings: readonly Sighting[], coverage: Coverage): TcpConnection[] {
  const onTime = sightings.filter((each) => !isSetAside(each));
  return [...Map.groupBy(onTime, (each) => each.connection).values()].map((own) => {
    const at = (point: Point): TcpSighting =>
      tcpSighting(own.filter((each) => each.point === point).map(({ row }) => row));
    return {
      requestSent: at('P1'),
      requestReceived: at('P2'),
      replySent: at('P3'),
      replyReceived: at('P4'),
      observesReplySent: coverage.sees('P3', own),
      observesReplyReceived: coverage.sees('P4', own),
    };
  });
}

function tcpSighting(rows: readonly FlowRow[]): TcpSighting {
  const accepted = rows.filter(({ action }) => action === 'ACCEPT');
  const sum = (column: 'packets' | 'bytes'): number =>
    accepted.reduce((total, row) => total + (row[column] ?? 0), 0);
  const headers = accepted.some(({ srcaddr }) => isIPv6(srcaddr ?? ''))
    ? LONGEST_HEADERS_V6
    : LONGEST_HEADERS;
  return {
    records: rows.length,
    isAccepted: accepted.length > 0,
    flags: rows.reduce((flags, row) => flags | (row.tcp_flags ?? 0), 0),
    flagsKnown: rows.every(({ tcp_flags }) => tcp_flags != null),
    isSeveral: sum('packets') >= SEVERAL_PACKETS,
    hasPayload: sum('bytes') > sum('packets') * headers,
  };
}
