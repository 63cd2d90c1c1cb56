/** The way of a conversation's packets: every point, in order, that a flow log observes. */
import { isIPv6 } from './addresses.ts';
import type { Conversation } from './conversation.ts';
import { ICMP, ICMPV6 } from './conversation.ts';
import type { Endpoint, NetworkInterface, TransitAttachment, World } from './world.ts';
import { routeFor, transitRouteFor } from './world.ts';

/** Packets as the flow log of an interface shows them. */
export interface InterfaceSighting {
  readonly at: 'interface';
  readonly observer: NetworkInterface;
  readonly direction: 'ingress' | 'egress';
  /** The interface's own side shows its primary address; `pkt*` show the addresses inside the packet. */
  readonly srcaddr: string;
  readonly dstaddr: string;
  readonly srcport: number;
  readonly dstport: number;
  readonly pktSrcaddr: string;
  readonly pktDstaddr: string;
  readonly pktSrcService: string | undefined;
  readonly pktDstService: string | undefined;
  /** Code of the route that egress takes; absent on ingress and where AWS has no code. */
  readonly trafficPath: number | undefined;
  /** The interface that receives (egress) or sends (ingress) the packets, where one is known. */
  readonly nextHop: NetworkInterface | undefined;
  readonly encryption: number;
}

/** Packets as the transit gateway's flow log shows them. */
export interface TransitSighting {
  readonly at: 'transit-gateway';
  readonly direction: 'ingress' | 'egress';
  readonly source: TransitEnd;
  /** Absent when the gateway has nowhere to send the packets to. */
  readonly destination: TransitEnd | undefined;
  readonly loss: 'no-route' | 'blackhole' | undefined;
  readonly srcaddr: string;
  readonly dstaddr: string;
  readonly srcport: number;
  readonly dstport: number;
}

export interface TransitEnd {
  readonly attachment: TransitAttachment;
  /** The attachment's interface in the zone in use; absent for a VPN. */
  readonly interface: NetworkInterface | undefined;
}

export type Sighting = InterfaceSighting | TransitSighting;

/** Sightings of both directions, in the order in which the packets pass. */
export interface Path {
  readonly request: readonly Sighting[];
  readonly reply: readonly Sighting[];
}

/** Codes of the field `traffic-path`. Transit gateways have none. */
const SAME_VPC = 1;
const PEERING = 4;
const GATEWAY_ENDPOINT = 7;
const INTERNET_GATEWAY = 8;

/** A packet's addresses and ports, and the AWS services that its ends belong to. */
interface Packet {
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

/**
 * Traces a conversation through the world's routes, address translation and transit gateway.
 *
 * Filters (security groups, network ACLs) are not looked at here. Throws when neither end is in the world or no route
 * leads from one end to the other: such traffic would leave no record, so asking for it is a mistake.
 */
export function tracePath(world: World, conversation: Conversation): Path {
  const { client, server } = conversation;
  const forth: Packet = {
    source: client,
    destination: server,
    sourcePort: conversation.clientPort,
    destinationPort: conversation.serverPort,
  };
  const back = reversed(forth);
  // Routes are looked up at an end that this world knows: both ends of a route tell the same story.
  const [inner, outer] = client.interface ? [client, server] : [server, client];
  if (!inner.interface) throw new Error(`neither ${client.address} nor ${server.address} is in this world`);
  const route = routeFor(inner.interface.subnet, outer.address);

  switch (route?.kind) {
    case 'local':
    case 'peering': {
      if (!outer.interface) throw new Error(`no interface has ${outer.address}`);
      const code = route.kind === 'local' ? SAME_VPC : PEERING;
      return { request: direct(forth, code), reply: direct(back, code) };
    }
    case 'internet-gateway':
      return { request: direct(forth, INTERNET_GATEWAY), reply: direct(back, INTERNET_GATEWAY) };
    case 'gateway-endpoint':
      return { request: direct(forth, GATEWAY_ENDPOINT), reply: direct(back, GATEWAY_ENDPOINT) };
    case 'nat-gateway':
      return throughNat(forth, route.nat, translatedPort(conversation));
    case 'transit-gateway': {
      const request = throughTransitGateway(world, forth);
      // Nobody is there to answer what the gateway drops.
      const lost = request.some((each) => each.at === 'transit-gateway' && each.loss !== undefined);
      return { request, reply: lost ? [] : throughTransitGateway(world, back) };
    }
    default:
      throw new Error(`${inner.interface.name} has no route to ${outer.address}`);
  }
}

function reversed(packet: Packet): Packet {
  return {
    source: packet.destination,
    destination: packet.source,
    sourcePort: packet.destinationPort,
    destinationPort: packet.sourcePort,
  };
}

/** Seen at the ends only, as far as they are interfaces. */
function direct(packet: Packet, trafficPath: number): Sighting[] {
  const from = packet.source.interface;
  const to = packet.destination.interface;
  const sightings: Sighting[] = [];
  if (from) sightings.push(egress(from, packet, trafficPath, to));
  if (to) sightings.push(ingress(to, packet, from));
  return sightings;
}

/** Seen at the instance, then twice at the NAT gateway, which puts its own address and a port of its own in. */
function throughNat(packet: Packet, nat: NetworkInterface, port: number): Path {
  const inner = packet.source.interface!;
  const translated: Packet = {
    ...packet,
    source: { address: nat.address, interface: nat },
    sourcePort: port,
  };
  return {
    request: [
      egress(inner, packet, SAME_VPC, nat),
      ingress(nat, packet, inner),
      egress(nat, translated, INTERNET_GATEWAY, undefined),
    ],
    reply: [
      ingress(nat, reversed(translated), undefined),
      egress(nat, reversed(packet), SAME_VPC, inner),
      ingress(inner, reversed(packet), nat),
    ],
  };
}

/** The port that the NAT gateway puts in: any from 1024 on, fixed by the conversation so that both ways agree. */
function translatedPort({ protocol, clientPort, serverPort, start }: Conversation): number {
  if (protocol === ICMP || protocol === ICMPV6) return 0;
  return 1024 + ((clientPort * 31 + serverPort * 17 + start * 7) % 64512);
}

/** Seen at the sender, at both attachments, by the gateway on its way in and out, and at the receiver. */
function throughTransitGateway(world: World, packet: Packet): Sighting[] {
  const gateway = world.transitGateway;
  const from = packet.source.interface;
  const to = packet.destination.interface;
  const arriving = from
    ? attachmentOf(from, packet.destination.address)
    : transitRouteFor(gateway, packet.source.address);
  if (!arriving || arriving === 'blackhole')
    throw new Error(`no attachment leads to ${packet.source.address}`);
  // Packets stay in the zone of their sender as long as the destination's VPC is attached there.
  const zone = from?.subnet.azId;
  const source = { attachment: arriving, interface: attachmentInterface(arriving, zone) };
  const target = transitRouteFor(gateway, packet.destination.address);
  const loss = target === undefined ? 'no-route' : target === 'blackhole' ? 'blackhole' : undefined;
  const leaving = target === undefined || target === 'blackhole' ? undefined : target;
  const destination = leaving && {
    attachment: leaving,
    interface: attachmentInterface(leaving, zone ?? to?.subnet.azId),
  };

  const atGateway = (direction: 'ingress' | 'egress'): TransitSighting => ({
    at: 'transit-gateway',
    direction,
    source,
    destination,
    loss,
    srcaddr: packet.source.address,
    dstaddr: packet.destination.address,
    srcport: packet.sourcePort,
    dstport: packet.destinationPort,
  });
  const sightings: Sighting[] = [];
  if (from) sightings.push(egress(from, packet, undefined, source.interface));
  if (source.interface) sightings.push(ingress(source.interface, packet, from));
  sightings.push(atGateway('ingress'));
  if (!destination) return sightings;
  sightings.push(atGateway('egress'));
  if (destination.interface) sightings.push(egress(destination.interface, packet, SAME_VPC, to));
  // AWS does not name a transit gateway as the next hop of ingress.
  if (to) sightings.push(ingress(to, packet, undefined));
  return sightings;
}

function attachmentOf(from: NetworkInterface, address: string): TransitAttachment | undefined {
  const route = routeFor(from.subnet, address);
  return route?.kind === 'transit-gateway' ? route.attachment : undefined;
}

function attachmentInterface(
  attachment: TransitAttachment,
  zone: string | undefined,
): NetworkInterface | undefined {
  return attachment.interfaces.find((each) => each.subnet.azId === zone) ?? attachment.interfaces[0];
}

/** An interface's own address as its flow log shows it: the primary one of the packet's family. */
function ownAddress(of: NetworkInterface, packet: Packet): string {
  return isIPv6(packet.source.address) ? of.addressV6 : of.address;
}

function egress(
  observer: NetworkInterface,
  packet: Packet,
  trafficPath: number | undefined,
  nextHop: NetworkInterface | undefined,
): InterfaceSighting {
  return {
    at: 'interface',
    observer,
    direction: 'egress',
    srcaddr: ownAddress(observer, packet),
    dstaddr: packet.destination.address,
    srcport: packet.sourcePort,
    dstport: packet.destinationPort,
    pktSrcaddr: packet.source.address,
    pktDstaddr: packet.destination.address,
    pktSrcService: packet.source.awsService,
    pktDstService: packet.destination.awsService,
    trafficPath,
    nextHop,
    encryption: encryptionOf(packet),
  };
}

function ingress(
  observer: NetworkInterface,
  packet: Packet,
  sender: NetworkInterface | undefined,
): InterfaceSighting {
  return {
    at: 'interface',
    observer,
    direction: 'ingress',
    // On ingress the sender is never replaced, even when a middlebox handed the packet on.
    srcaddr: packet.source.address,
    dstaddr: ownAddress(observer, packet),
    srcport: packet.sourcePort,
    dstport: packet.destinationPort,
    pktSrcaddr: packet.source.address,
    pktDstaddr: packet.destination.address,
    pktSrcService: packet.source.awsService,
    pktDstService: packet.destination.awsService,
    trafficPath: undefined,
    nextHop: sender,
    encryption: encryptionOf(packet),
  };
}

/** Nitro encrypts between interfaces; TLS to an endpoint counts as encryption by the application. */
function encryptionOf(packet: Packet): number {
  const { source, destination, sourcePort, destinationPort } = packet;
  const between = source.interface !== undefined && destination.interface !== undefined ? 1 : 0;
  const toEndpoint = [source, destination].some(
    (end) => end.interface?.interfaceType === 'vpc_endpoint' || end.awsService === 'S3',
  );
  return toEndpoint && (sourcePort === 443 || destinationPort === 443) ? between + 2 : between;
}
