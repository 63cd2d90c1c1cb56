/** Which of an interface's packets pass: security groups and network ACLs, and what AWS refuses beyond them. */
import { isIPv6 } from './addresses.ts';
import type { InterfaceSighting } from './path.ts';
import type { AclRule, NetworkInterface, Rule, SecurityGroup, SecurityGroupChange } from './world.ts';
import { routeFor } from './world.ts';

/** As in the field `reject-reason`: VPC Block Public Access, or encryption controls. */
export type RejectReason = 'BPA' | 'EC';

/**
 * Whether an interface's security group and its subnet's network ACL let these packets pass.
 *
 * Security groups are stateful, so they judge requests only. Network ACLs are stateless and judge every packet that
 * enters or leaves the subnet, and none that stays inside.
 *
 * `protocol` is the packets' IANA number, `isReply` tells their direction in the conversation, `time` (Unix seconds)
 * and `changes` which security group is in effect.
 */
export function permits(
  sighting: InterfaceSighting,
  protocol: number,
  isReply: boolean,
  time: number,
  changes: readonly SecurityGroupChange[],
): boolean {
  const { observer } = sighting;
  const inbound = sighting.direction === 'ingress';
  const peer = peerOf(sighting);
  const port = sighting.dstport;

  const group = securityGroupInEffect(observer, time, changes);
  if (group && !isReply) {
    const rules = inbound ? group.inbound : group.outbound;
    if (!rules.some((rule) => matches(rule, protocol, port, peer))) return false;
  }

  const { acl } = observer.subnet;
  if (staysInSubnet(observer, peer)) return true;
  const rules: readonly AclRule[] = inbound ? acl.inbound : acl.outbound;
  return rules.find((rule) => matches(rule, protocol, port, peer))?.allow ?? false;
}

/**
 * Why AWS refuses packets that rules let pass, if it does: Block Public Access refuses both ways through an internet
 * gateway, and where encryption is enforced an endpoint refuses what is not encrypted.
 */
export function refusalByAws(sighting: InterfaceSighting): RejectReason | undefined {
  const { observer, direction, encryption } = sighting;
  const { vpc } = observer.subnet;
  if (vpc.blocksPublicAccess && routeFor(observer.subnet, peerOf(sighting))?.kind === 'internet-gateway') {
    return 'BPA';
  }
  const isEndpoint = observer.interfaceType === 'vpc_endpoint';
  return vpc.enforcesEncryption && isEndpoint && direction === 'ingress' && encryption === 0
    ? 'EC'
    : undefined;
}

/** The packets' other end. */
function peerOf({ direction, pktSrcaddr, pktDstaddr }: InterfaceSighting): string {
  return direction === 'ingress' ? pktSrcaddr : pktDstaddr;
}

function matches(rule: Rule, protocol: number, port: number, peer: string): boolean {
  return (
    (rule.protocol === 'any' || rule.protocol === protocol) &&
    port >= rule.fromPort &&
    port <= rule.toPort &&
    rule.peer.contains(peer)
  );
}

function securityGroupInEffect(
  of: NetworkInterface,
  time: number,
  changes: readonly SecurityGroupChange[],
): SecurityGroup | undefined {
  const change = changes.find((each) => each.interface === of && time >= each.from && time < each.until);
  return change ? change.securityGroup : of.securityGroup;
}

function staysInSubnet(observer: NetworkInterface, peer: string): boolean {
  const { subnet } = observer;
  return isIPv6(peer) ? peer.startsWith(`${subnet.prefixV6}:`) : subnet.block.contains(peer);
}
