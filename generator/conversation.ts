/** Who talks to whom, when and how much. Everything a flow log says about it follows from the world it happens in. */
import type { Endpoint } from './world.ts';

export const ICMP = 1;
export const TCP = 6;
export const UDP = 17;
export const GRE = 47;
export const ICMPV6 = 58;

/** Flow logs' TCP flags. ACK is reported only together with SYN. */
export const FIN = 1;
export const SYN = 2;
export const RST = 4;
export const SYN_ACK = 18;

export interface Conversation {
  /** The end that opens the conversation. */
  readonly client: Endpoint;
  readonly server: Endpoint;
  readonly protocol: number;
  /** 0 for protocols without ports. */
  readonly clientPort: number;
  readonly serverPort: number;
  /** Unix seconds of the first packet, and seconds from it to the last packet. */
  readonly start: number;
  readonly duration: number;
  /** From client to server. */
  readonly request: Volume;
  /** From server to client, provided that the request arrives. */
  readonly reply: Volume;
  readonly ending: Ending;
  /** Packets that are still under way when the connection is closed. AWS rejects them. */
  readonly late?: LatePackets;
}

export interface Volume {
  readonly packets: number;
  readonly bytes: number;
}

/**
 * How the server answers and the connection ends: `closed` by FIN, `reset` by the client after data, `refused` by the
 * server's RST instead of a SYN-ACK, `silent` without any answer. Only `silent` means something outside TCP.
 */
export type Ending = 'closed' | 'reset' | 'refused' | 'silent';

export interface LatePackets extends Volume {
  readonly from: 'client' | 'server';
  /** Seconds after the last packet of the connection. */
  readonly after: number;
  readonly tcpFlags: number;
}

/** A one-way stream of packets, spread evenly over its duration. */
export interface OneWay extends Volume {
  readonly start: number;
  readonly duration: number;
  /** TCP flags of the first packets, of the last ones, and of every one. */
  readonly openingFlags: number;
  readonly closingFlags: number;
  readonly everyFlags: number;
}

/** Receives one aggregation interval of a stream. Times are Unix seconds, both inclusive. */
export type IntervalSink = (
  start: number,
  end: number,
  packets: number,
  bytes: number,
  tcpFlags: number,
) => void;

const INTERVAL_SECONDS = 60;

/**
 * Cuts a stream into the 60-second aggregation intervals of an interface, which begin at second `offset` of a minute.
 *
 * Packets and bytes of the pieces add up to the stream's, wherever the cuts are, so both ends of a conversation log
 * the same totals although their intervals differ. Intervals without a packet are left out.
 */
export function cutIntoIntervals(stream: OneWay, offset: number, sink: IntervalSink): void {
  const first = stream.start;
  const last = first + stream.duration;
  const { packets, bytes } = stream;
  let intervalEnd =
    Math.floor((first - offset) / INTERVAL_SECONDS) * INTERVAL_SECONDS + offset + INTERVAL_SECONDS;
  if (last < intervalEnd || packets === 1) {
    const end = Math.min(last, intervalEnd - 1);
    sink(first, end, packets, bytes, stream.openingFlags | stream.closingFlags | stream.everyFlags);
    return;
  }

  let packetsBefore = 0;
  let bytesBefore = 0;
  for (let start = first; start <= last; start = intervalEnd, intervalEnd += INTERVAL_SECONDS) {
    const isLast = last < intervalEnd;
    // The first packet opens the first interval and the last packet stays for the last one.
    const share = (intervalEnd - first) / (stream.duration + 1);
    const packetsUpTo = isLast ? packets : 1 + Math.floor((packets - 2) * share);
    const bytesUpTo = isLast ? bytes : Math.floor((bytes * packetsUpTo) / packets);
    if (packetsUpTo > packetsBefore) {
      let flags = stream.everyFlags;
      if (start === first) flags |= stream.openingFlags;
      if (isLast) flags |= stream.closingFlags;
      sink(
        start,
        Math.min(last, intervalEnd - 1),
        packetsUpTo - packetsBefore,
        bytesUpTo - bytesBefore,
        flags,
      );
    }
    packetsBefore = packetsUpTo;
    bytesBefore = bytesUpTo;
  }
}
