import { POINT_STATES, POINTS } from './observation.ts';
import {
  BLOCK_PUBLIC_ACCESS,
  type Condition,
  ENCRYPTION_CONTROLS,
  EXAMPLES,
  HOST,
  NETWORK_ACLS,
  NO_TYPES,
  PASSED,
  RECORDS,
  RULE_NAME,
  type Rule,
  SECURITY_GROUPS,
  SEEN,
} from './rule.ts';
import type { RejectReason } from './situation.ts';

/** Some point has ACCEPT beside a REJECT with this reason, and none rejects everything. */
function someRejected(reason: RejectReason): readonly Condition[] {
  const notAll = POINT_STATES.filter((state) => state !== 'reject');
  const others = Object.fromEntries(POINTS.map((point) => [point, notAll]));
  return POINTS.map((point) => ({ rejectReason: [reason], ...others, [point]: ['both'] }));
}

/** Somebody rejects, or AWS itself names why. */
export const REJECT_RULES: readonly Rule[] = [
  {
    id: 'ends-disagree',
    outcome: 'cannot-tell',
    when: [
      { P1: ['reject'], P2: SEEN },
      { P1: ['reject'], P3: SEEN },
      { P1: ['reject'], P4: SEEN },
      { P2: ['reject'], P3: SEEN },
      { P2: ['reject'], P4: SEEN },
      { P3: ['reject'], P4: SEEN },
    ],
    verdict:
      'Cannot tell: packets are seen beyond the interface that rejects all of them, so they take two ways.',
    confidence: 'low',
    asserts: [],
    next: [
      'Each interface by itself: name them by --source eni-… and --destination eni-….',
      'Other hosts or VPCs with the same addresses.',
    ],
    hidden: ['Which of several interfaces with the same address a packet meant.'],
    reason: 'What one interface rejects cannot be seen behind it: another way or another host is involved.',
    source: RECORDS,
  },
  {
    id: 'block-public-access-some',
    outcome: 'intermittent',
    when: someRejected('BPA'),
    verdict:
      'VPC Block Public Access rejects some of the traffic; the same interface lets other packets of it pass.',
    confidence: 'high',
    asserts: [],
    next: [
      'The times of both: a change of the Block Public Access mode or of its exclusions shows as one after the other.',
      'Exclusions: they are made for VPCs and subnets, so that interfaces may differ.',
    ],
    hidden: ['Whether the filters behind it would let the traffic pass.'],
    reason: 'The records give the reject reason BPA, and the same point has records with ACCEPT as well.',
    source: BLOCK_PUBLIC_ACCESS,
  },
  {
    id: 'block-public-access',
    outcome: 'fails',
    when: [{ rejectReason: ['BPA'] }],
    verdict: 'VPC Block Public Access rejects the traffic.',
    confidence: 'high',
    asserts: [],
    next: ['The Block Public Access mode of the account and Region, and exclusions for this VPC or subnet.'],
    hidden: ['Whether the filters behind it would let the traffic pass.'],
    reason: 'The records give the reject reason BPA.',
    source: BLOCK_PUBLIC_ACCESS,
  },
  {
    id: 'encryption-controls-some',
    outcome: 'intermittent',
    when: someRejected('EC'),
    verdict:
      'VPC Encryption Controls reject some of the traffic; the same interface lets other packets of it pass.',
    confidence: 'high',
    asserts: [],
    next: [
      'The times of both: a change of the mode or of its exclusions shows as one after the other.',
      'Which of the packets are encrypted: `flowlogs query unencrypted-flows`.',
    ],
    hidden: ['Whether the filters behind it would let the traffic pass.'],
    reason: 'The records give the reject reason EC, and the same point has records with ACCEPT as well.',
    source: ENCRYPTION_CONTROLS,
  },
  {
    id: 'encryption-controls',
    outcome: 'fails',
    when: [{ rejectReason: ['EC'] }],
    verdict: 'VPC Encryption Controls reject the traffic, because it is not encrypted.',
    confidence: 'high',
    asserts: [],
    next: [
      'The mode of VPC Encryption Controls and its exclusions, and whether this traffic can be encrypted.',
    ],
    hidden: ['Whether the filters behind it would let the traffic pass.'],
    reason: 'The records give the reject reason EC.',
    source: ENCRYPTION_CONTROLS,
  },
  {
    id: 'rejected-or-late',
    outcome: 'cannot-tell',
    when: [{ lateness: ['undecidable'], rejects: [true] }],
    verdict: 'Cannot tell: a filter rejects the connection, or these are packets that came after its close.',
    confidence: 'low',
    asserts: [],
    next: ['The same question on a log that has the field tcp-flags and holds ACCEPT as well.'],
    hidden: [RULE_NAME, 'Accepted packets: the flow log holds REJECT only.'],
    reason: 'Late packets are logged as REJECT too. Without flags and accepted packets both look alike.',
    source: RECORDS,
  },
  {
    id: 'rejected-without-syn',
    outcome: 'cannot-tell',
    when: [{ traffic: ['existing'], rejects: [true] }],
    verdict:
      'Cannot tell whether a filter is at fault: the rejected packets open no connection. They came after its close, or it was no longer tracked or allowed.',
    confidence: 'low',
    asserts: [],
    next: [
      'An earlier --since, to see how the connection began and whether it was closed.',
      'Changes of filters at that time, and idle timeouts.',
    ],
    hidden: [RULE_NAME, 'Connection tracking: when AWS forgot the connection.'],
    reason: 'No record has a SYN. Packets after the close are logged as REJECT although nothing is wrong.',
    source: RECORDS,
  },
  {
    id: 'source-security-group',
    outcome: 'fails',
    when: [{ P1: ['reject'], sameSubnet: [true] }],
    verdict: 'The outbound rules of the security group of the source reject the request.',
    confidence: 'high',
    asserts: ['P1'],
    next: ['Outbound rules of every security group on the interface of the source: protocol, port, target.'],
    hidden: ['Which rule is missing.'],
    reason: 'The request is rejected where it leaves, and inside of a subnet only security groups filter.',
    source: NETWORK_ACLS,
  },
  {
    id: 'source-rejects',
    outcome: 'fails',
    when: [{ P1: ['reject'] }],
    verdict:
      'The request is rejected where it leaves: by an outbound rule of the security group of the source or of its network ACL.',
    confidence: 'high',
    asserts: ['P1'],
    next: [
      'Outbound rules of every security group on the interface of the source.',
      'Outbound rules of the network ACL of its subnet.',
    ],
    hidden: [RULE_NAME],
    reason: 'The interface of the source logs its own egress as REJECT.',
    source: RECORDS,
  },
  {
    id: 'source-rejects-some',
    outcome: 'intermittent',
    when: [{ P1: ['both'] }],
    verdict: 'The interface of the source lets some of the requests out and rejects others.',
    confidence: 'high',
    asserts: ['P1'],
    next: [
      'The times of both: a change of rules shows as one after the other.',
      'The interfaces of both: several interfaces of the source may have different filters.',
    ],
    hidden: [RULE_NAME],
    reason: 'Its records of the same traffic have both actions.',
    source: RECORDS,
  },
  {
    id: 'target-security-group',
    outcome: 'fails',
    when: [{ P2: ['reject'], sameSubnet: [true] }],
    verdict: 'The inbound rules of the security group of the target reject the request.',
    confidence: 'high',
    asserts: ['P2'],
    next: ['Inbound rules of every security group on the interface of the target: protocol, port, source.'],
    hidden: ['Which rule is missing.'],
    reason: 'The request is rejected where it arrives, and inside of a subnet only security groups filter.',
    source: NETWORK_ACLS,
  },
  {
    id: 'target-rejects',
    outcome: 'fails',
    when: [{ P2: ['reject'] }],
    verdict:
      'The request arrives and is rejected: by an inbound rule of the security group of the target or of its network ACL.',
    confidence: 'high',
    asserts: ['P2'],
    next: [
      'Inbound rules of every security group on the interface of the target.',
      'Inbound rules of the network ACL of its subnet.',
    ],
    hidden: [RULE_NAME],
    reason: 'The interface of the target logs the ingress of the request as REJECT.',
    source: RECORDS,
  },
  {
    id: 'target-rejects-some',
    outcome: 'intermittent',
    when: [{ P2: ['both'] }],
    verdict: 'The target accepts some of the requests and rejects others.',
    confidence: 'high',
    asserts: ['P2'],
    next: [
      'The times of both: a change of rules shows as one after the other.',
      'The interfaces and zones of both: targets behind one name may have different filters.',
    ],
    hidden: [RULE_NAME],
    reason: 'The records of the same traffic at the target have both actions.',
    source: RECORDS,
  },
  {
    id: 'target-reply-in-subnet',
    outcome: 'cannot-tell',
    when: [{ P3: ['reject'], sameSubnet: [true] }],
    verdict:
      'Packets back are rejected inside of a subnet. Only a security group can do that: it does not know their request, or they are no replies.',
    confidence: 'low',
    asserts: ['P3'],
    next: ['Whether the request reached the target by another interface than the replies leave by.'],
    hidden: ['Connection tracking: what the security group knows of the connection.'],
    reason: 'Security groups are stateful and let replies pass if the request came by the same interface.',
    source: SECURITY_GROUPS,
  },
  {
    id: 'target-reply-untracked',
    outcome: 'fails',
    when: [{ P3: ['reject'], P2: PASSED, repliesWhereAsked: [true], traffic: ['udp', 'other'] }],
    verdict:
      'The replies are rejected where they leave the target: by an outbound rule of its network ACL, or by its security group if they came after it had forgotten the request.',
    confidence: 'medium',
    asserts: ['P2', 'P3'],
    next: [
      'Outbound rules of the network ACL of the target for ephemeral ports 1024 to 65535.',
      'How long the reply took: idle UDP is tracked for 30 to 180 seconds, other protocols for 600.',
    ],
    hidden: [RULE_NAME, 'Connection tracking: when AWS forgot the request.'],
    reason:
      'A security group lets replies pass as long as it tracks the request; a network ACL does not track.',
    source: SECURITY_GROUPS,
  },
  {
    id: 'target-acl-drops-pings',
    outcome: 'fails',
    when: [{ P3: ['reject'], P2: PASSED, repliesWhereAsked: [true], traffic: ['icmp'] }],
    verdict:
      'ICMP reaches the target and is accepted, but its ICMP is rejected where it leaves: replies by the outbound rules of its network ACL, pings of its own perhaps by its security group.',
    confidence: 'medium',
    asserts: ['P2', 'P3'],
    next: [
      'Outbound rules of the network ACL of the target for ICMP.',
      'Whether the target pings the source as well, and the outbound rules of its security group for ICMP.',
    ],
    hidden: [RULE_NAME, NO_TYPES],
    reason:
      'A stateful security group lets replies to an accepted ping pass, a network ACL is stateless. But pings of its own look like replies.',
    source: EXAMPLES,
  },
  {
    id: 'target-acl-drops-replies',
    outcome: 'fails',
    when: [{ P3: ['reject'], P2: PASSED, repliesWhereAsked: [true] }],
    verdict:
      'The request is accepted, and the outbound rules of the network ACL of the target drop the replies.',
    confidence: 'high',
    asserts: ['P2', 'P3'],
    next: ['Outbound rules of the network ACL of the target: replies go to ephemeral ports, 1024 to 65535.'],
    hidden: ['Which rule of the network ACL matched.'],
    reason:
      'The same interface accepted the request, so its stateful security group lets the replies pass. A network ACL is stateless.',
    source: EXAMPLES,
  },
  {
    id: 'target-reply-elsewhere',
    outcome: 'fails',
    when: [{ P3: ['reject'], P2: PASSED }],
    verdict:
      'The replies leave the target by an interface that did not accept their request, and are rejected there: by its security group, which does not track the connection, or by its network ACL.',
    confidence: 'medium',
    asserts: ['P2', 'P3'],
    next: [
      "The routes of the target's operating system: replies should leave by the interface of the request.",
      'Outbound rules of the security group and the network ACL of that interface.',
    ],
    hidden: [RULE_NAME, HOST],
    reason:
      'A security group tracks connections per interface, so on an asymmetric path it judges replies anew.',
    source: SECURITY_GROUPS,
  },
  {
    id: 'target-rejects-replies',
    outcome: 'fails',
    when: [{ P3: ['reject'] }],
    verdict:
      'The replies are rejected where they leave the target: by an outbound rule of its network ACL, or by its security group if their request came by another interface or there was none.',
    confidence: 'medium',
    asserts: ['P3'],
    next: [
      'Outbound rules of the network ACL of the target: replies go to ephemeral ports, 1024 to 65535.',
      'By which interface the request arrived, and whether there was one.',
    ],
    hidden: [RULE_NAME, 'The request: no record shows that it was accepted.'],
    reason:
      'Packets from the port of the target are rejected as they leave. Their request is not in the records.',
    source: EXAMPLES,
  },
  {
    id: 'target-rejects-some-replies',
    outcome: 'intermittent',
    when: [{ P3: ['both'] }],
    verdict: 'Some of the replies are rejected where they leave the target, others pass.',
    confidence: 'medium',
    asserts: ['P3'],
    next: [
      'The times and the interfaces of both, and the client ports: a filter may allow a part of them only.',
    ],
    hidden: [RULE_NAME],
    reason: 'The records of the replies at the target have both actions.',
    source: RECORDS,
  },
  {
    id: 'source-reply-in-subnet',
    outcome: 'cannot-tell',
    when: [{ P4: ['reject'], sameSubnet: [true] }],
    verdict:
      'Packets back are rejected inside of a subnet. Only a security group can do that: it does not know their request, or they are no replies.',
    confidence: 'low',
    asserts: ['P4'],
    next: ['Whether the request left the source by another interface than the replies come back to.'],
    hidden: ['Connection tracking: what the security group knows of the connection.'],
    reason: 'Security groups are stateful and let replies pass if the request left by the same interface.',
    source: SECURITY_GROUPS,
  },
  {
    id: 'source-reply-untracked',
    outcome: 'fails',
    when: [{ P4: ['reject'], P1: PASSED, answeredWhereSent: [true], traffic: ['udp', 'other'] }],
    verdict:
      'The replies come back and are rejected at the source: by an inbound rule of its network ACL, or by its security group if they came after it had forgotten the request.',
    confidence: 'medium',
    asserts: ['P1', 'P4'],
    next: [
      'Inbound rules of the network ACL of the source for ephemeral ports 1024 to 65535.',
      'How long the reply took: idle UDP is tracked for 30 to 180 seconds, other protocols for 600.',
    ],
    hidden: [RULE_NAME, 'Connection tracking: when AWS forgot the request.'],
    reason:
      'A security group lets replies pass as long as it tracks the request; a network ACL does not track.',
    source: SECURITY_GROUPS,
  },
  {
    id: 'source-acl-drops-pings',
    outcome: 'fails',
    when: [{ P4: ['reject'], P1: PASSED, answeredWhereSent: [true], traffic: ['icmp'] }],
    verdict:
      'ICMP leaves the source, but ICMP of the target is rejected where it arrives: replies by the inbound rules of the network ACL of the source, pings of the target perhaps by its security group.',
    confidence: 'medium',
    asserts: ['P1', 'P4'],
    next: [
      'Inbound rules of the network ACL of the source for ICMP.',
      'Whether the target pings the source as well, and the inbound rules of its security group for ICMP.',
    ],
    hidden: [RULE_NAME, NO_TYPES],
    reason:
      'A stateful security group lets replies to a ping pass, a network ACL is stateless. But pings of the target look like replies.',
    source: EXAMPLES,
  },
  {
    id: 'source-acl-drops-replies',
    outcome: 'fails',
    when: [{ P4: ['reject'], P1: PASSED, answeredWhereSent: [true] }],
    verdict: 'The replies come back, and the inbound rules of the network ACL of the source drop them.',
    confidence: 'high',
    asserts: ['P1', 'P4'],
    next: ['Inbound rules of the network ACL of the source: replies go to ephemeral ports, 1024 to 65535.'],
    hidden: ['Which rule of the network ACL matched.'],
    reason:
      'The request left by the same interface, so its stateful security group lets the replies pass. A network ACL is stateless.',
    source: EXAMPLES,
  },
  {
    id: 'source-rejects-replies',
    outcome: 'fails',
    when: [{ P4: ['reject'] }],
    verdict:
      'The replies come back and are rejected at the source: by an inbound rule of its network ACL, or by its security group if their request left by another interface or there was none.',
    confidence: 'medium',
    asserts: ['P4'],
    next: [
      'Inbound rules of the network ACL of the source: replies go to ephemeral ports, 1024 to 65535.',
      'By which interface the request left: replies should come back to the same one.',
    ],
    hidden: [RULE_NAME, 'By which interface the request left, unless a record shows it.'],
    reason: 'A security group tracks connections per interface; the request was not accepted at this one.',
    source: SECURITY_GROUPS,
  },
  {
    id: 'source-rejects-some-replies',
    outcome: 'intermittent',
    when: [{ P4: ['both'] }],
    verdict: 'Some of the replies are rejected where they reach the source, others pass.',
    confidence: 'medium',
    asserts: ['P4'],
    next: [
      'The times and the interfaces of both, and the client ports: a filter may allow a part of them only.',
    ],
    hidden: [RULE_NAME],
    reason: 'The records of the replies at the source have both actions.',
    source: RECORDS,
  },
];
