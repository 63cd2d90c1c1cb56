/**
 * What the generated logs are logs of: accounts, VPCs, subnets with routes and network ACLs, interfaces with security
 * groups, and a transit gateway. Records are never invented; they follow from who talks to whom in this world.
 */
import { createHash } from 'node:crypto';
import type { AddressBlock } from './addresses.ts';

export interface Vpc {
  readonly name: string;
  readonly id: string;
  readonly accountId: string;
  readonly region: string;
  /** IPv4 range. */
  readonly block: AddressBlock;
  /** IPv6 range. AWS hands out global addresses, so only the VPC itself knows that they are inside. */
  readonly blockV6: AddressBlock;
  /** The flow log that records this VPC. */
  readonly flowLogId: string;
  /** Block Public Access is on, in both directions: nothing passes the VPC's internet gateway. */
  readonly blocksPublicAccess: boolean;
  /** Encryption controls are enforced: the VPC's endpoints refuse what is not encrypted. */
  readonly enforcesEncryption: boolean;
}

export interface Subnet {
  readonly name: string;
  readonly id: string;
  readonly vpc: Vpc;
  readonly azId: string;
  readonly block: AddressBlock;
  /** First four groups of the subnet's IPv6 /64. */
  readonly prefixV6: string;
  /** Longest prefix first. Filled once, after the interfaces that routes lead to exist. */
  readonly routes: Route[];
  readonly acl: NetworkAcl;
}

export interface Route {
  readonly destination: AddressBlock;
  readonly target: RouteTarget;
}

export type RouteTarget =
  | { readonly kind: 'local' }
  | { readonly kind: 'peering' }
  | { readonly kind: 'internet-gateway' }
  | { readonly kind: 'gateway-endpoint' }
  | { readonly kind: 'nat-gateway'; readonly nat: NetworkInterface }
  | { readonly kind: 'transit-gateway'; readonly attachment: TransitAttachment };

/** An allow rule of a security group, or an allow or deny rule of a network ACL. */
export interface Rule {
  /** IANA protocol number, or any. */
  readonly protocol: number | 'any';
  readonly fromPort: number;
  readonly toPort: number;
  /** The other end: sources of an inbound rule, destinations of an outbound one. */
  readonly peer: AddressBlock;
}

/** Stateful: replies to what was allowed pass. What no rule allows is rejected. */
export interface SecurityGroup {
  readonly id: string;
  readonly name: string;
  readonly inbound: readonly Rule[];
  readonly outbound: readonly Rule[];
}

/** Stateless: replies need rules of their own. The first rule that matches decides; none means deny. */
export interface NetworkAcl {
  readonly id: string;
  readonly name: string;
  readonly inbound: readonly AclRule[];
  readonly outbound: readonly AclRule[];
}

export interface AclRule extends Rule {
  readonly allow: boolean;
}

/** As in the field `interface-type`; `-` is an ordinary interface. */
export type InterfaceType = '-' | 'nat_gateway' | 'transit_gateway' | 'vpc_endpoint';

/** What an interface does, so that traffic can find its actors. */
export type Role =
  | 'load-balancer'
  | 'app'
  | 'worker'
  | 'database'
  | 'cache'
  | 'resolver'
  | 'monitor'
  | 'bastion'
  | 'public-api'
  | 'reports'
  | 'repository'
  | 'log-collector'
  | 'runner'
  | 'standby'
  | 'endpoint'
  | 'nat'
  | 'attachment';

export interface NetworkInterface {
  readonly name: string;
  readonly id: string;
  readonly role: Role;
  readonly interfaceType: InterfaceType;
  /** As the log has it: the word `unknown` for interfaces that belong to an AWS service. */
  readonly loggedAccountId: string;
  readonly subnet: Subnet;
  /** Primary private IPv4 address. */
  readonly address: string;
  /** A second private IPv4 address, as container pods have. Only `pkt-*addr` fields show it. */
  readonly secondaryAddress: string;
  readonly addressV6: string;
  /** `-` for interfaces that AWS services manage. */
  readonly instanceId: string;
  /** Absent where no security group applies: NAT gateways and transit gateway attachments. */
  readonly securityGroup: SecurityGroup | undefined;
  readonly ecsTask: EcsTask | undefined;
  /** Second of the minute at which this interface's 60-second aggregation intervals begin. */
  readonly intervalOffset: number;
}

export interface EcsTask {
  readonly clusterName: string;
  readonly serviceName: string;
  readonly taskId: string;
  readonly containerId: string;
}

export interface TransitAttachment {
  readonly name: string;
  readonly id: string;
  /** `-` where the attachment is not a VPC's, for example a VPN to the own premises. */
  readonly accountId: string;
  readonly vpc: Vpc | undefined;
  /** One per Availability Zone of the attached VPC, none for a VPN. */
  readonly interfaces: readonly NetworkInterface[];
  readonly intervalOffset: number;
}

export interface TransitGateway {
  readonly id: string;
  readonly accountId: string;
  readonly region: string;
  readonly flowLogId: string;
  /** Longest prefix first. */
  readonly routes: readonly {
    readonly destination: AddressBlock;
    readonly target: TransitAttachment | 'blackhole';
  }[];
}

/** For a while an interface has another security group than its own. Times are Unix seconds, `until` exclusive. */
export interface SecurityGroupChange {
  readonly interface: NetworkInterface;
  readonly securityGroup: SecurityGroup;
  readonly from: number;
  readonly until: number;
}

export interface World {
  readonly vpcs: readonly Vpc[];
  readonly interfaces: readonly NetworkInterface[];
  readonly transitGateway: TransitGateway;
}

/** One end of a conversation: an address, and the interface behind it where there is one in this world. */
export interface Endpoint {
  readonly address: string;
  readonly interface?: NetworkInterface;
  /** AWS address range that the address falls in, for example `S3`. */
  readonly awsService?: string;
}

/** The endpoint of an interface, by its primary IPv4 address unless another of its addresses is given. */
export function endpointOf(networkInterface: NetworkInterface, address = networkInterface.address): Endpoint {
  return { address, interface: networkInterface };
}

/** The interface with this name. Throws when the world has none: a spelling mistake in a scenario. */
export function interfaceNamed(world: World, name: string): NetworkInterface {
  const found = world.interfaces.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`no interface is named ${name}`);
  return found;
}

/** Where packets for an address leave a subnet, or undefined without a matching route. */
export function routeFor(subnet: Subnet, address: string): RouteTarget | undefined {
  return subnet.routes.find((route) => route.destination.contains(address))?.target;
}

/** Where a transit gateway sends packets for an address: an attachment, a blackhole, or undefined without a route. */
export function transitRouteFor(
  gateway: TransitGateway,
  address: string,
): TransitAttachment | 'blackhole' | undefined {
  return gateway.routes.find((route) => route.destination.contains(address))?.target;
}

/** An AWS-shaped id that is the same in every run: the prefix and 17 hexadecimal digits made from a name. */
export function resourceId(prefix: string, name: string): string {
  return `${prefix}-${hexDigits(`${prefix} ${name}`, 17)}`;
}

/** Hexadecimal digits (up to 64) made from a name. */
export function hexDigits(name: string, count: number): string {
  return createHash('sha256').update(name).digest('hex').slice(0, count);
}
