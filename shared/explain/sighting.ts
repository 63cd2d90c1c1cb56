import { TCP } from '../findings/connection.ts';
import type { End, FlowRow, InterfaceLog, Interval, Point, Question, TransitRow } from './observation.ts';
import { FIN, RST, SYN } from './tcp.ts';

/**
 * Whether rejected packets came after their connection. `seen`: it had been closed. `possible`: it had been accepted.
 * `undecidable`: the log holds no accepted packets and no flags, so nothing tells.
 */
export const LATENESSES = ['none', 'seen', 'possible', 'undecidable'] as const;
export type Lateness = (typeof LATENESSES)[number];

/** A record at one of the four points. */
export interface Sighting {
  readonly row: FlowRow;
  readonly point: Point;
  readonly clientPort: number;
  readonly serverPort: number;
  /** Equal for all records between one pair of ports, wherever they were made. */
  readonly connection: string;
  /** The addresses of the source and of the destination, as the packets show them here. */
  readonly hosts: string;
  readonly lateness: Lateness;
}

/** The point at which a record saw the conversation; none if it is of another one, or of a box in the middle. */
export function sightingOf(row: FlowRow, { source, destination, protocol, port }: Question): Sighting[] {
  if (row.action !== 'ACCEPT' && row.action !== 'REJECT') return [];
  if (!isOfProtocol(row, protocol) || row.interface_id == null) return [];
  const from = row.pkt_srcaddr ?? row.srcaddr;
  const to = row.pkt_dstaddr ?? row.dstaddr;
  const atSource = source.interfaceIds.includes(row.interface_id);
  const atDestination = destination.interfaceIds.includes(row.interface_id);
  const isSource = atSource ? isOwn : isAt;
  const isDestination = atDestination ? isOwn : isAt;
  const isRequest = isSource(source, from) && isDestination(destination, to);
  const isReply = isDestination(destination, from) && isSource(source, to);
  const leaves = row.flow_direction == null ? undefined : row.flow_direction === 'egress';

  const sighting = (point: Point): Sighting[] => {
    const ends = [
      { address: from, port: row.srcport ?? 0 },
      { address: to, port: row.dstport ?? 0 },
    ] as const;
    const [client, server] = isRequestPoint(point) ? ends : [ends[1], ends[0]];
    if (port !== undefined && server.port !== port) return [];
    return [
      {
        ...{ row, point, clientPort: client.port, serverPort: server.port },
        connection: `${client.port} ${server.port}`,
        hosts: `${client.address} ${server.address}`,
        lateness: 'none',
      },
    ];
  };
  // The addresses tell the direction as well: what leaves A for B is a request, and B never sends with A's address.
  if (atSource && isRequest && leaves !== false) return sighting('P1');
  if (atDestination && isRequest && leaves !== true) return sighting('P2');
  if (atDestination && isReply && leaves !== false) return sighting('P3');
  if (atSource && isReply && leaves !== true) return sighting('P4');
  return [];
}

/** ICMP and ICMPv6. */
export const ICMP: readonly number[] = [1, 58];

/** The IANA numbers that a protocol means: people call ICMPv6 ICMP as well, and the addresses tell them apart. */
export function protocolsOf(protocol: number): readonly number[] {
  return ICMP.includes(protocol) ? ICMP : [protocol];
}

/** Whether a record is of a protocol, or of its like in the other address family. */
export function isOfProtocol(row: FlowRow | TransitRow, protocol: number): boolean {
  return row.protocol != null && protocolsOf(protocol).includes(row.protocol);
}

/** Whether a record is of packets from the source to the destination. */
export function isRequest({ point }: Sighting): boolean {
  return isRequestPoint(point);
}

function isRequestPoint(point: Point): boolean {
  return point === 'P1' || point === 'P2';
}

/** Whether an address is one of an end's, in records of others. */
export function isAt({ addresses }: End, address: string | null | undefined): boolean {
  return address != null && addresses.includes(address);
}

/** Whether an address is one of an end's, in records of its own interfaces. */
export function isOwn(
  { addresses, ownAddresses = addresses }: End,
  address: string | null | undefined,
): boolean {
  return address != null && ownAddresses.includes(address);
}

/** From the first to the last packet of a record; undefined for a format without times. */
export function intervalOf({ start, end }: FlowRow | TransitRow): Interval | undefined {
  const first = start ?? end;
  const last = end ?? start;
  return first == null || last == null ? undefined : { start: first, end: last };
}

/** Without times a record counts as in the window, because whoever asked has chosen it by its partition. */
export function overlaps(row: FlowRow | TransitRow, window: Interval): boolean {
  const interval = intervalOf(row);
  return interval === undefined || (interval.end >= window.start && interval.start <= window.end);
}

/** Whether the first packet is of the window. */
export function startsIn(row: FlowRow, window: Interval): boolean {
  const interval = intervalOf(row);
  return interval === undefined || (interval.start >= window.start && interval.start <= window.end);
}

/** Whether all packets are of the window. */
export function isWithin(row: FlowRow, window: Interval): boolean {
  const interval = intervalOf(row);
  return interval === undefined || (interval.start >= window.start && interval.end <= window.end);
}

/**
 * Whether a rejected packet came after its connection, of which `own` are all records: it carries no SYN, and the
 * interface had accepted the same before. That the connection was closed (FIN or RST) makes it certain; else a filter
 * may have changed in between. AWS logs such packets as REJECT: "Flow log records", field action.
 */
export function latenessOf(
  { row, point }: Sighting,
  own: readonly Sighting[],
  logs: ReadonlyMap<string, InterfaceLog>,
): Lateness {
  if (row.protocol !== TCP || row.action !== 'REJECT') return 'none';
  if (row.tcp_flags != null && (row.tcp_flags & SYN) !== 0) return 'none';
  const accepted = own.filter(
    (each) =>
      each.row.interface_id === row.interface_id &&
      each.row.action === 'ACCEPT' &&
      (each.row.start ?? 0) <= (row.end ?? Number.POSITIVE_INFINITY),
  );
  if (accepted.some((each) => each.point === point)) {
    const closed = accepted.some((each) => ((each.row.tcp_flags ?? 0) & (FIN | RST)) !== 0);
    return closed && row.tcp_flags != null ? 'seen' : 'possible';
  }
  // Without flags, and where accepted packets are not logged at all, nothing tells a request from a late packet.
  return row.tcp_flags == null && !logs.get(row.interface_id!)?.actions.has('ACCEPT')
    ? 'undecidable'
    : 'none';
}

/** Whether a rejected packet does not count for its point, because its connection had been accepted there before. */
export function isSetAside({ lateness }: Sighting): boolean {
  return lateness === 'seen' || lateness === 'possible';
}
