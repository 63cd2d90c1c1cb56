/**
 * Who asks and who serves. A flow record is one direction of a conversation: what it means that it was refused depends
 * on whether it carried the request, the reply, or what came after the connection had closed.
 */

export const TCP = 6;
export const SYN = 2;
export const ACK = 16;

/** An end of a packet's way, or none of them for certain. */
export const UNCLEAR = 0;
export const SOURCE = 1;
export const DESTINATION = 2;
export type End = typeof UNCLEAR | typeof SOURCE | typeof DESTINATION;

/** Ports below 1024 need privileges to listen on, from 32768 on systems give them to clients (Linux's default range). */
export const FIRST_UNPRIVILEGED = 1024;
export const FIRST_EPHEMERAL = 32768;

/** Ports above 1023 where services that are found in VPCs usually listen. */
export const WELL_KNOWN_PORTS: readonly number[] = [
  1194, 1433, 1434, 1521, 1723, 1812, 1813, 1883, 2049, 2181, 2375, 2376, 2379, 2380, 3000, 3128, 3260, 3268,
  3269, 3306, 3389, 3478, 4369, 4500, 4789, 5000, 5044, 5060, 5061, 5222, 5353, 5432, 5439, 5601, 5671, 5672,
  5701, 5900, 5984, 5985, 5986, 6081, 6379, 6443, 6514, 7001, 7077, 7199, 7687, 8000, 8008, 8080, 8081, 8086,
  8088, 8123, 8125, 8140, 8200, 8300, 8301, 8443, 8500, 8600, 8883, 8888, 9000, 9042, 9090, 9092, 9093, 9094,
  9098, 9100, 9160, 9200, 9300, 9418, 9443, 10250, 10255, 11211, 11434, 15672, 26379, 27017, 27018, 27019,
];

/** How much a port looks like a service's: 3 privileged, 2 well known, 1 below the clients' range, 0 a client's or none. */
export const SERVICE_RANKS = new Uint8Array(65_536).fill(1, FIRST_UNPRIVILEGED, FIRST_EPHEMERAL);
SERVICE_RANKS.fill(3, 1, FIRST_UNPRIVILEGED);
for (const port of WELL_KNOWN_PORTS) SERVICE_RANKS[port] = 2;

/**
 * The end that serves, by what the packets themselves tell: a SYN without ACK comes from the client, a SYN-ACK from the
 * server; else the port that looks more like a service's. UNCLEAR where both look alike, as for protocols without ports.
 *
 * @param tcpFlags -1 where they are unknown or the protocol is not TCP.
 */
export function servingEnd(sourcePort: number, destinationPort: number, tcpFlags: number): End {
  if (tcpFlags > 0 && (tcpFlags & SYN) !== 0) return (tcpFlags & ACK) === 0 ? DESTINATION : SOURCE;
  const source = SERVICE_RANKS[sourcePort] ?? 0;
  const destination = SERVICE_RANKS[destinationPort] ?? 0;
  if (source === destination) return UNCLEAR;
  return source > destination ? SOURCE : DESTINATION;
}

/**
 * The end that serves, by the ports alone, the same for both directions of a conversation: where both ports look alike
 * the lower one is taken to be the service's. Equal ports: the destination.
 */
export function servingEndByPorts(
  sourcePort: number,
  destinationPort: number,
): typeof SOURCE | typeof DESTINATION {
  // Arithmetic instead of branches: which end serves is a coin toss that no processor predicts.
  const source = ((SERVICE_RANKS[sourcePort] ?? 0) << 16) - sourcePort;
  const destination = ((SERVICE_RANKS[destinationPort] ?? 0) << 16) - destinationPort;
  return (DESTINATION + ((destination - source) >> 31)) as typeof SOURCE | typeof DESTINATION;
}

/** What is known of a flow that was refused. Ports and flags are -1 where they are unknown. */
export interface RefusedFlow {
  readonly protocol: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly tcpFlags: number;
  /** The same resource accepted the opposite direction. */
  readonly requestAccepted: boolean;
  /** The same resource accepted also this direction. */
  readonly alsoAccepted: boolean;
}

/**
 * The end of a refused flow that serves. What is unclear is taken for a request, unless it belongs to a conversation. A
 * request that is refused has no answer: where only the opposite direction was accepted, this is the answer, whatever
 * the ports. Of TCP the rest of the conversation may lie in the object before, so that there the ports go first.
 */
export function servingEndOfRefused(flow: RefusedFlow): typeof SOURCE | typeof DESTINATION {
  const { protocol, sourcePort, destinationPort, tcpFlags, requestAccepted, alsoAccepted } = flow;
  if (protocol !== TCP && requestAccepted && !alsoAccepted) return SOURCE;
  const end = servingEnd(sourcePort, destinationPort, tcpFlags);
  if (end !== UNCLEAR) return end;
  const wasOpen = tcpFlags >= 0 || alsoAccepted;
  if (wasOpen) return servingEndByPorts(sourcePort, destinationPort);
  return requestAccepted ? SOURCE : DESTINATION;
}

/**
 * What a refused flow was for the connection. `late`: it came in a connection that had been open, typically after its
 * close. `unclear`: it goes from a service's port, but no request was seen: a reply whose request is elsewhere, a
 * scanner that borrows a service's port, or the echo of someone else's forged packets. Also what goes to the address of
 * a group of hosts, where nobody serves.
 */
export type Refusal = 'request' | 'reply' | 'late' | 'unclear';

/** Says what a refused flow was, given the end that serves (`servingEndOfRefused`). */
export function refusalOf(flow: RefusedFlow, serving: End): Refusal {
  const { protocol, tcpFlags, requestAccepted, alsoAccepted } = flow;
  const isReply = serving === SOURCE;
  const onlyRequestAccepted = requestAccepted && !alsoAccepted;
  if (hasSyn(tcpFlags)) {
    // SYN opens a connection, so nothing came before; also if the numbers were used before.
    if (!isReply) return 'request';
    return onlyRequestAccepted ? 'reply' : 'unclear';
  }
  if (tcpFlags >= 0) return 'late';
  if (isReply) {
    if (onlyRequestAccepted) return 'reply';
    return alsoAccepted ? 'late' : 'unclear';
  }
  // Without flags only what was accepted tells. Other protocols have no close after which packets could be late.
  return protocol === TCP && (requestAccepted || alsoAccepted) ? 'late' : 'request';
}

/**
 * Whether a refused flow certainly asks for what is at its destination. A SYN does, and what has no ports has nothing
 * else to go by. Without flags both ports have to tell: replies and late packets go to whatever ports the clients chose,
 * and who picks them below a server's own could make that server look like a scanner.
 */
export function certainlyAsks(flow: RefusedFlow, refusal: Refusal): boolean {
  const { sourcePort, destinationPort, tcpFlags, requestAccepted } = flow;
  if (refusal !== 'request') return false;
  if (hasSyn(tcpFlags)) return true;
  if (requestAccepted) return false;
  const hasNoPorts = sourcePort === 0 && destinationPort === 0;
  return hasNoPorts || (sourcePort >= FIRST_EPHEMERAL && (SERVICE_RANKS[destinationPort] ?? 0) > 0);
}

/** Whether flags are known and say that the flow opened a connection: SYN or SYN-ACK. */
export function hasSyn(tcpFlags: number): boolean {
  return tcpFlags >= 0 && (tcpFlags & SYN) !== 0;
}
