/** The table of verdicts: the first row whose condition holds is the answer. `docs/explain.md` is made of it. */

import type { Point, PointState } from './observation.ts';
import type { Situation, Traffic } from './situation.ts';
import type { TransitLoss } from './transit-loss.ts';

export const CONFIDENCES = ['low', 'medium', 'high'] as const;
export type Confidence = (typeof CONFIDENCES)[number];

/** `cannot-tell`: several causes fit what was seen, and the verdict names them. */
export type Outcome = 'works' | 'fails' | 'intermittent' | 'cannot-tell';

/** The values that each field may have; a field that is left out may have any. */
export type Condition = { readonly [Field in keyof Situation]?: readonly Situation[Field][] };

export interface Rule {
  readonly id: string;
  readonly outcome: Outcome;
  /** One of these has to hold. */
  readonly when: readonly Condition[];
  readonly verdict: string;
  readonly confidence: Confidence;
  /** The points that the verdict makes a claim about. All of them are observed wherever the rule applies. */
  readonly asserts: readonly Point[];
  /** What to check next, the likeliest first. */
  readonly next: readonly string[];
  /** What flow logs cannot show here. */
  readonly hidden: readonly string[];
  /** Why the condition means the verdict. */
  readonly reason: string;
  /** Title of the page that the reason rests on. */
  readonly source: string;
}

const SEEN: readonly PointState[] = ['accept', 'reject', 'both'];
const PASSED: readonly PointState[] = ['accept', 'both'];
const NONE: readonly PointState[] = ['absent', 'not-observed'];

const STALLED: readonly Traffic[] = ['unanswered', 'cannot-tell', 'icmp'];
const COMPLETED: readonly Traffic[] = ['completed', 'aborted'];

const RECORDS = 'Flow log records (Amazon VPC User Guide)';
const EXAMPLES = 'Flow log record examples (Amazon VPC User Guide)';
const LIMITATIONS = 'Flow log limitations (Amazon VPC User Guide)';
const NETWORK_ACLS = 'Control traffic to subnets using network ACLs (Amazon VPC User Guide)';
const SECURITY_GROUPS = 'Amazon EC2 security group connection tracking (Amazon EC2 User Guide)';
const ROUTES = 'Configure route tables (Amazon VPC User Guide)';
const TRANSIT = 'AWS Transit Gateway Flow Logs (Transit gateways guide)';
const BLOCK_PUBLIC_ACCESS = 'Assess impact of VPC BPA and monitor VPC BPA (Amazon VPC User Guide)';
const ENCRYPTION_CONTROLS = 'Enforce VPC encryption in transit (Amazon VPC User Guide)';

const RULE_NAME = 'Which filter rejected and which of its rules: AWS logs REJECT alike for all.';
const BEYOND_HANDSHAKE = 'Packet loss, latency, MTU black holes, TLS and DNS.';
const HOST = 'What happens inside of the host: its firewall, its listening sockets, its own routes.';
const ROUTE_TABLES = 'Which route, peering connection or appliance dropped the packets.';
const UNSEEN = 'What happens at a point that is not observed.';
const NO_TYPES =
  'ICMP type and code: requests, replies and errors look alike, and so do pings of either side.';

/** The counters of a transit gateway, in words. */
const LOSSES: Readonly<Record<TransitLoss, { readonly text: string; readonly next: string }>> = {
  'no-route': {
    text: 'its route table has no route to the destination',
    next: "The route table that is associated with the sender's attachment: a route or a propagation to the other VPC.",
  },
  blackhole: {
    text: 'the matching route is a blackhole',
    next: 'The blackhole route: its attachment was deleted, or the route was made to drop.',
  },
  'mtu-exceeded': {
    text: 'they are larger than its MTU',
    next: 'The MTU of the sender: a transit gateway takes up to 8500 bytes, through a VPN up to 1500.',
  },
  'ttl-expired': {
    text: 'their TTL ran out',
    next: 'A routing loop between attachments and appliances.',
  },
};

function transitRule(loss: TransitLoss): Rule {
  const { text, next } = LOSSES[loss];
  return {
    id: `transit-gateway-${loss}`,
    outcome: 'fails',
    when: [{ requestLoss: [loss] }, { replyLoss: [loss] }],
    verdict: `The transit gateway drops packets between the two: ${text}.`,
    confidence: 'high',
    asserts: [],
    next: [next],
    hidden: ['Whether all packets were dropped: the counters hold packets, not connections.'],
    reason: 'The counters of the transit gateway name the cause of each lost packet.',
    source: TRANSIT,
  };
}

/** In order: what AWS names itself, what contradicts itself, who rejects, what was answered, what is missing. */
export const RULES: readonly Rule[] = [
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
      'The replies are rejected inside of a subnet. Only a security group can do that, on an interface that does not track the connection.',
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
      'The replies are rejected where they leave the target: by an outbound rule of its network ACL, or by its security group if the request came by another interface.',
    confidence: 'medium',
    asserts: ['P3'],
    next: ['Outbound rules of the network ACL of the target: replies go to ephemeral ports, 1024 to 65535.'],
    hidden: [RULE_NAME, 'By which interface the request arrived.'],
    reason: 'The target answers, so the request arrived; where is not in the records.',
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
      'The replies are rejected inside of a subnet. Only a security group can do that, on an interface that does not track the connection.',
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
      'The replies come back and are rejected at the source: by an inbound rule of its network ACL, or by its security group if the request left by another interface.',
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
  transitRule('no-route'),
  transitRule('blackhole'),
  transitRule('mtu-exceeded'),
  transitRule('ttl-expired'),
  {
    id: 'middlebox-reset',
    outcome: 'fails',
    when: [{ traffic: ['middlebox-reset'], P3: ['accept', 'absent'], P4: ['accept'] }],
    verdict:
      'Something between the two resets the connection: a RST reaches the source that never left the target.',
    confidence: 'medium',
    asserts: ['P3', 'P4'],
    next: ['Firewalls, proxies, load balancers and NAT gateways between the two, and their idle timeouts.'],
    hidden: ['Which device sent the RST.'],
    reason: 'A RST of the target reaches the interface of the source, but what left the target has none.',
    source: RECORDS,
  },
  {
    id: 'some-unanswered',
    outcome: 'intermittent',
    when: [{ traffic: ['mixed'] }],
    verdict: 'Some of the connections are answered and others are not.',
    confidence: 'medium',
    asserts: [],
    next: [
      'The times of both, and the load of the target: a full backlog drops SYNs.',
      'The interfaces and zones of both, if several targets share the name.',
    ],
    hidden: [HOST, BEYOND_HANDSHAKE],
    reason: 'SYN-ACK was seen for some connections; RST or nothing for others.',
    source: RECORDS,
  },
  {
    id: 'refused',
    outcome: 'fails',
    when: [{ traffic: ['refused'], P3: PASSED }],
    verdict:
      'The target refuses the connection with RST: the network works, but nothing listens on the port.',
    confidence: 'high',
    asserts: ['P3'],
    next: [
      'Whether the service runs, and on which address and port it listens.',
      'Host firewalls that reject with RST.',
    ],
    hidden: [HOST],
    reason: 'RST without SYN-ACK leaves the interface of the target.',
    source: RECORDS,
  },
  {
    id: 'refused-by-someone',
    outcome: 'fails',
    when: [{ traffic: ['refused'], P3: ['not-observed'], P4: PASSED }],
    verdict:
      'The connection is refused: RST comes back instead of SYN-ACK, from the target (nothing listens there) or from a device in between.',
    confidence: 'medium',
    asserts: ['P4'],
    next: [
      'Whether the service runs, and on which address and port it listens.',
      'Firewalls and load balancers on the way, which can answer with RST.',
    ],
    hidden: [UNSEEN, HOST],
    reason: 'RST without SYN-ACK reaches the source; whether it left the target is not observed.',
    source: RECORDS,
  },
  {
    id: 'late-packets',
    outcome: 'works',
    when: [{ lateness: ['seen'], traffic: COMPLETED }],
    verdict:
      'The handshake completed. The rejected packets came after the close of their connection: no filter is at fault.',
    confidence: 'high',
    asserts: [],
    next: ['Nothing, if users do not complain: late packets are normal on busy servers.'],
    hidden: [BEYOND_HANDSHAKE],
    reason:
      'They carry no SYN, and their connection was accepted and closed before. AWS logs them as REJECT.',
    source: RECORDS,
  },
  {
    id: 'answered-then-rejected',
    outcome: 'cannot-tell',
    when: [{ lateness: ['seen', 'possible'] }],
    verdict:
      'The connection is accepted at first. Cannot tell whether the rejected packets came after its close or a filter has changed.',
    confidence: 'low',
    asserts: [],
    next: ['How many packets were rejected: late ones are few.', 'Changes of filters at that time.'],
    hidden: [RULE_NAME, 'The close of the connection, if the log has no flags or begins later.'],
    reason: 'The same interface accepted the same connection before, and no close is seen in between.',
    source: RECORDS,
  },
  {
    id: 'aborted',
    outcome: 'works',
    when: [{ traffic: ['aborted'] }],
    verdict:
      'The target answered, and later one of the two aborted the connection with RST. No filter is at fault.',
    confidence: 'medium',
    asserts: [],
    next: [
      'The logs of both applications. Many programs end connections with RST although nothing is wrong.',
    ],
    hidden: [HOST, BEYOND_HANDSHAKE],
    reason: 'The connection has SYN-ACK and RST, and the source had got the answer.',
    source: RECORDS,
  },
  {
    id: 'handshake-completed',
    outcome: 'works',
    when: [{ traffic: ['completed'] }],
    verdict: 'The handshake completed; flow logs cannot show loss, latency, MTU black holes, TLS or DNS.',
    confidence: 'high',
    asserts: [],
    next: ['The applications, TLS and names. If only large transfers hang: the MTU of the path.'],
    hidden: [BEYOND_HANDSHAKE],
    reason: 'The answer of the target was accepted at the source, or the source went on with data or FIN.',
    source: RECORDS,
  },
  {
    id: 'sent-elsewhere',
    outcome: 'cannot-tell',
    when: [{ P1: ['absent'], P2: ['accept'] }],
    verdict:
      'Requests from the address of the source reach the target, but the interface of the source did not send them. Cannot tell who did.',
    confidence: 'medium',
    asserts: ['P1', 'P2'],
    next: ['Other interfaces of the source, hosts with the same address, and NAT on the way.'],
    hidden: ['Whether source addresses are forged.'],
    reason: 'The target logs requests with the address of the source, and the source logs none.',
    source: RECORDS,
  },
  {
    id: 'reply-lost',
    outcome: 'fails',
    when: [{ P3: ['accept'], P4: ['absent'] }],
    verdict: 'The target answers, but its replies never reach the source: the way back is broken.',
    confidence: 'high',
    asserts: ['P3', 'P4'],
    next: [
      'The route table of the subnet of the target: a route back to the source.',
      'Peering, transit gateway and firewalls on the way back; appliances that see only one direction.',
    ],
    hidden: [ROUTE_TABLES],
    reason:
      'The replies leave the interface of the target, and the interface of the source logs nothing of them.',
    source: ROUTES,
  },
  {
    id: 'existing-connection',
    outcome: 'works',
    when: [{ traffic: ['existing'], P4: ['accept'] }],
    verdict: 'Packets of a connection from before the window go both ways. That is no failure to connect.',
    confidence: 'medium',
    asserts: ['P4'],
    next: ['An earlier --since, to see the handshake.'],
    hidden: [BEYOND_HANDSHAKE],
    reason: 'No record has a SYN, and packets go in both directions.',
    source: RECORDS,
  },
  {
    id: 'answered-by-target',
    outcome: 'cannot-tell',
    when: [
      { traffic: ['answered', 'existing', 'icmp', 'udp', 'other'], P3: ['accept'], P4: ['not-observed'] },
    ],
    verdict:
      'The target accepts the packets and answers. Cannot tell whether the answers reach the source: that is not observed.',
    confidence: 'medium',
    asserts: ['P3'],
    next: ['The side of the source: its log, its firewall, the way back.'],
    hidden: [UNSEEN, BEYOND_HANDSHAKE],
    reason: 'The answers leave the interface of the target.',
    source: RECORDS,
  },
  {
    id: 'answered-or-refused',
    outcome: 'cannot-tell',
    when: [
      { traffic: ['cannot-tell'], P4: ['accept'] },
      { traffic: ['cannot-tell'], P3: ['accept'], P4: ['not-observed'] },
    ],
    verdict: 'Packets come back. Cannot tell answered from refused: they may be a RST.',
    confidence: 'low',
    asserts: [],
    next: ['A flow log with the field tcp-flags.', 'Whether the service listens on the port.'],
    hidden: ['TCP flags: some records have none, and too little went both ways to be data.'],
    reason: 'Without flags a lone packet back may be SYN-ACK or RST.',
    source: RECORDS,
  },
  {
    id: 'pinged',
    outcome: 'works',
    when: [{ traffic: ['icmp'], P1: ['accept'], P4: ['accept'] }],
    verdict: 'ICMP goes both ways and is accepted.',
    confidence: 'medium',
    asserts: ['P1', 'P4'],
    next: ['The protocol and port that you need: a filter may let ICMP pass and nothing else.'],
    hidden: [NO_TYPES],
    reason: 'Both directions have accepted records at the source.',
    source: EXAMPLES,
  },
  {
    id: 'datagrams-exchanged',
    outcome: 'works',
    when: [{ traffic: ['udp', 'other'], P4: ['accept'] }],
    verdict: 'The target answers, and its packets are accepted at the source.',
    confidence: 'medium',
    asserts: ['P4'],
    next: ['The applications: what the answers say is not in flow logs.'],
    hidden: ['Whether each request has its answer, and what it says.', BEYOND_HANDSHAKE],
    reason: 'Packets from the port of the target are accepted at the source.',
    source: RECORDS,
  },
  {
    id: 'answer-unseen',
    outcome: 'cannot-tell',
    when: [{ traffic: ['one-sided', 'existing'], P3: NONE, P4: NONE }],
    verdict:
      'The source sends as on an open connection, but no packet of the target is in the records. Cannot tell whether the answers take another way or the connection has broken off.',
    confidence: 'low',
    asserts: [],
    next: [
      'Other interfaces of both ends, and NAT or load balancers that give packets another address.',
      'An earlier --since, to see the handshake.',
    ],
    hidden: [UNSEEN],
    reason: 'Data, FIN or packets without SYN follow an answer, so one was there.',
    source: RECORDS,
  },
  {
    id: 'datagrams-unanswered',
    outcome: 'cannot-tell',
    when: [{ traffic: ['udp', 'other'], P2: ['accept'], P3: ['absent'], P4: NONE }],
    verdict:
      'The packets reach the target and are accepted; it sends none back, which may be as it should be.',
    confidence: 'medium',
    asserts: ['P2', 'P3'],
    next: [
      'Whether this protocol answers at all: syslog, for example, never does.',
      'Whether the service runs; an ICMP error of the target would say that it does not.',
    ],
    hidden: [HOST],
    reason: 'Protocols without connections need no answer: silence is no fault.',
    source: RECORDS,
  },
  {
    id: 'target-silent',
    outcome: 'fails',
    when: [{ traffic: STALLED, P2: ['accept'], P3: ['absent'], P4: NONE }],
    verdict: 'The request reaches the target and is accepted by its filters, but the target does not answer.',
    confidence: 'high',
    asserts: ['P2', 'P3'],
    next: [
      'The firewall of the host, which drops silently; a closed port would have sent RST.',
      'Whether this is the right address, and whether the host is up.',
      'Whether the answer leaves by another interface of the target.',
    ],
    hidden: [HOST],
    reason: 'The interface of the target logs the request as ACCEPT, and no reply at all.',
    source: RECORDS,
  },
  {
    id: 'lost-between',
    outcome: 'fails',
    when: [{ P1: ['accept'], P2: ['absent'], P3: NONE, P4: NONE }],
    verdict: 'The request leaves the source and never reaches the target: it is lost in between.',
    confidence: 'medium',
    asserts: ['P1', 'P2'],
    next: [
      'The route table of the subnet of the source, and the one of the other side of peering or transit gateway.',
      'Firewalls and other appliances in between, and their logs; transit gateway flow logs.',
      'Whether a NAT or load balancer on the way gives the packets another address.',
    ],
    hidden: [ROUTE_TABLES],
    reason: 'A source logs its egress even without a route; the interface of the target logs nothing.',
    source: ROUTES,
  },
  {
    id: 'not-sent',
    outcome: 'fails',
    when: [{ P1: ['absent'], P2: NONE, P3: NONE, P4: NONE }],
    verdict: 'The source sends nothing to the target by this interface.',
    confidence: 'medium',
    asserts: ['P1'],
    next: [
      'Name resolution on the source: to which address does it really connect?',
      'The firewall of the source host, and whether the program tries at all.',
      'Whether another interface of the source, or another address of the target, is used.',
    ],
    hidden: [HOST, 'Traffic that is never captured, as to the Amazon DNS server.'],
    reason: 'A missing route or a filter would not hide the request: its egress would be logged.',
    source: LIMITATIONS,
  },
  {
    id: 'sent-no-reply',
    outcome: 'cannot-tell',
    when: [{ P1: ['accept'], P2: ['not-observed'], P3: NONE, P4: ['absent'] }],
    verdict:
      'The request leaves the source and no reply comes back. Cannot tell where it ends: beyond the source nothing is observed.',
    confidence: 'low',
    asserts: ['P1', 'P4'],
    next: [
      'The log of the target: a flow log on its interface, subnet or VPC that holds ACCEPT and REJECT.',
      'Filters of the target, routes in both directions, and whether the service runs.',
      'For protocols without connections: whether an answer is to be expected.',
    ],
    hidden: [UNSEEN],
    reason: 'Routes, filters of the target, the target itself and the way back all fit.',
    source: RECORDS,
  },
  {
    id: 'arrived-only',
    outcome: 'cannot-tell',
    when: [{ P2: ['accept'], P3: ['not-observed'] }],
    verdict: 'The request reaches the target and is accepted there. Cannot tell whether it is answered.',
    confidence: 'low',
    asserts: ['P2'],
    next: ['The log of the target for the whole time, with ACCEPT and REJECT.'],
    hidden: [UNSEEN],
    reason: 'The replies are not observed where they leave.',
    source: RECORDS,
  },
  {
    id: 'not-arrived',
    outcome: 'cannot-tell',
    when: [{ P1: ['not-observed'], P2: ['absent'], P3: NONE, P4: NONE }],
    verdict:
      'No request from an address of the source reaches the target. Cannot tell whether it was never sent, is lost on its way or has another address.',
    confidence: 'low',
    asserts: ['P2'],
    next: [
      'The side of the source: the address that it uses, and whether it sends at all.',
      'Internet gateway, public address and routes of the target, and firewalls in between.',
    ],
    hidden: [UNSEEN],
    reason: 'The interface of the target logs no request, and the source is not observed.',
    source: RECORDS,
  },
  {
    id: 'sent-only',
    outcome: 'cannot-tell',
    when: [{ P1: ['accept'] }],
    verdict: 'The request leaves the source. Cannot tell what becomes of it.',
    confidence: 'low',
    asserts: ['P1'],
    next: ['Logs of both ends with ACCEPT and REJECT, for the whole time.'],
    hidden: [UNSEEN],
    reason: 'The points behind it are not observed, or do not fit together.',
    source: RECORDS,
  },
  {
    id: 'cannot-tell',
    outcome: 'cannot-tell',
    when: [{}],
    verdict: 'Cannot tell: too little of the traffic is observed.',
    confidence: 'low',
    asserts: [],
    next: ['Flow logs of both ends, with ACCEPT and REJECT, and a window that has been delivered.'],
    hidden: [UNSEEN],
    reason: 'No other row fits.',
    source: LIMITATIONS,
  },
];

/** The conditions of all rules in a row, taken apart once. */
const CONDITIONS = RULES.flatMap((rule) =>
  rule.when.map((condition) => ({
    rule,
    fields: Object.entries(condition) as [keyof Situation, readonly unknown[]][],
  })),
);

/** The row that answers a situation. Total: the last row fits everything. */
export function ruleFor(situation: Situation): Rule {
  const fits = CONDITIONS.find(({ fields }) =>
    fields.every(([field, values]) => values.includes(situation[field])),
  );
  return fits!.rule;
}
