/** How many packets and bytes connections have, and other numbers that a client's operating system chooses. */
import type { LatePackets, Volume } from './conversation.ts';
import { FIN, RST } from './conversation.ts';
import type { Random } from './random.ts';

const PACKET_BYTES = 1460;

/**
 * Packets and bytes that a TCP end sends: its payload in full segments, an acknowledgement for every second segment of
 * the other's payload, opening and closing, each with 52 bytes of headers.
 */
export function tcpVolume(payloadSent: number, payloadReceived: number): Volume {
  const segments = Math.ceil(payloadSent / PACKET_BYTES);
  const acknowledgements = Math.ceil(payloadReceived / PACKET_BYTES / 2);
  const packets = segments + acknowledgements + 3;
  return { packets, bytes: payloadSent + packets * 52 };
}

/** A client's port: Linux takes 32768 to 60999, Windows and NAT gateways any from 1024 or 49152 on. */
export function clientPort(random: Random): number {
  return random.chance(0.85) ? random.integer(32768, 60999) : random.integer(1024, 65535);
}

/** A FIN, a RST or a bare ACK that comes too late, seldom more than one. */
export function latePackets(random: Random): LatePackets {
  const packets = random.pickZipf([1, 2, 3]);
  return {
    from: random.chance(0.7) ? 'client' : 'server',
    after: random.integer(2, 40),
    packets,
    bytes: packets * random.pick([40, 52]),
    tcpFlags: random.pick([FIN, RST, 0]),
  };
}
