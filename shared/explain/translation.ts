import type { Evidence, FlowRow, Interval, Question } from './observation.ts';
import { intervalOf, isAt, isOfProtocol, isOwn, type Sighting } from './sighting.ts';
import { isOneSubnet } from './subnets.ts';
import { SYN } from './tcp.ts';

/** Times in records may be up to a minute off the packets: "Flow log records", fields start and end. */
export const CLOCK_SLACK = 60;

/**
 * Whether the requests have, or may have, another source address at the destination: a NAT gateway carried them, or for
 * each of them the destination's interface recorded one from another address that may be the same. Ports do not help,
 * because NAT changes them. Not if the destination also knows the source by its own address, if both are in one subnet,
 * or if they are peered (`traffic-path` 4 and 5).
 */
export function isTranslated(
  question: Question,
  { rows, lacksClients = false }: Evidence,
  sightings: readonly Sighting[],
): boolean {
  if (sightings.some(({ point }) => point === 'P2' || point === 'P3')) return false;
  const sent = sightings.filter(({ point }) => point === 'P1');
  if (sent.length === 0 || isOneSubnet(rows, question)) return false;
  const isNatNext = ({ row }: Sighting): boolean => /nat_gateway$/.test(row.next_hop_interface_type ?? '');
  if (sent.some(isNatNext) || rows.some((row) => isAtNatGateway(row, question))) return true;
  if (sent.every(({ row }) => row.traffic_path === 4 || row.traffic_path === 5)) return false;
  if (lacksClients) return true;

  const requests = [...Map.groupBy(sent, ({ connection }) => connection).values()].map((own) =>
    streamOf(own.map(({ row }) => row)),
  );
  const others = Map.groupBy(
    rows.filter((row) => isFromElsewhere(row, question)),
    (row) => `${row.pkt_srcaddr ?? row.srcaddr} ${row.srcport}`,
  );
  const arrived = [...others.values()].map(streamOf);
  return requests.every((request) => arrived.some((other) => mayBeSame(request, other)));
}

/** A NAT gateway's record of the source's requests. */
function isAtNatGateway(row: FlowRow, { source, destination }: Question): boolean {
  const isNat = row.interface_type === 'nat_gateway' || row.resource_id?.startsWith('nat-') === true;
  return (
    isNat && isAt(source, row.pkt_srcaddr ?? row.srcaddr) && isAt(destination, row.pkt_dstaddr ?? row.dstaddr)
  );
}

/** The destination's record of a request in question, but from another address. */
function isFromElsewhere(row: FlowRow, { source, destination, protocol, port }: Question): boolean {
  return (
    isOfProtocol(row, protocol) &&
    row.interface_id != null &&
    destination.interfaceIds.includes(row.interface_id) &&
    isOwn(destination, row.dstaddr) &&
    (port === undefined || row.dstport === port) &&
    !isAt(source, row.pkt_srcaddr ?? row.srcaddr)
  );
}

/** The requests of one connection, as one interface saw them. */
interface Stream {
  readonly interval: Interval | undefined;
  /** All known flags, combined by OR. */
  readonly flags: number;
  readonly flagsKnown: boolean;
  /** Of all records, and of the largest one: two flow logs over one interface double the sum. */
  readonly packets: number;
  readonly mostPackets: number;
}

function streamOf(rows: readonly FlowRow[]): Stream {
  const intervals = rows.flatMap((row) => intervalOf(row) ?? []);
  const packets = rows.map((row) => row.packets ?? 0);
  return {
    interval:
      intervals.length < rows.length
        ? undefined
        : {
            start: intervals.reduce((least, { start }) => Math.min(least, start), Number.POSITIVE_INFINITY),
            end: intervals.reduce((most, { end }) => Math.max(most, end), 0),
          },
    flags: rows.reduce((flags, row) => flags | (row.tcp_flags ?? 0), 0),
    flagsKnown: rows.every((row) => row.tcp_flags != null),
    packets: packets.reduce((sum, each) => sum + each, 0),
    mostPackets: packets.reduce((most, each) => Math.max(most, each), 0),
  };
}

/** Whether what arrived may be what was sent: at one time, without flags that were not sent, and not more of it. */
function mayBeSame(sent: Stream, arrived: Stream): boolean {
  if (arrived.mostPackets > sent.packets) return false;
  if (sent.flagsKnown && (arrived.flags & ~sent.flags) !== 0) return false;
  const [a, b] = [sent.interval, arrived.interval];
  if (a === undefined || b === undefined) return true;
  // What begins with a SYN cannot have arrived before. Else the records may begin in the middle, on either side.
  const beginsHere = (sent.flags & SYN) !== 0;
  if (beginsHere && b.start < a.start - CLOCK_SLACK) return false;
  return a.start - CLOCK_SLACK <= b.end && b.start - CLOCK_SLACK <= a.end;
}
