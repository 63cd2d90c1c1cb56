/**
 * What people are told of each meaning: what it may mean, what to do, and which saved query shows more. Nothing here claims
 * more than a record can tell: a REJECT does not say whether a security group or a network ACL refused.
 */

import { ruleOf } from '../../findings/meaning.ts';
import type { AlertMeaning } from '../situation.ts';
import { type Ask, explainOr, queriesOfSource, query, queryOfServer } from './commands.ts';
import type { Facts } from './facts.ts';
import type { SqlOf } from './sql.ts';

export interface Advice {
  /** One or two sentences. */
  readonly mayMean: (facts: Facts) => string;
  /** Steps, the likeliest or most urgent first. */
  readonly next: (facts: Facts) => readonly string[];
  /** Commands that show more, the best first. */
  readonly asks: (facts: Facts) => readonly Ask[];
  /** SQL that shows more. */
  readonly sql: SqlOf;
}

const IGNORE = 'If it is meant to be so, let the policy ignore it.';
const WHO_CHANGED =
  'See in CloudTrail who changed rules when it began: RevokeSecurityGroupIngress, ModifySecurityGroupRules, CreateNetworkAclEntry and the like.';

/** The meaning in words. */
export function wordsOf(meaning: AlertMeaning): string {
  if (meaning === 'no-delivery') return 'no flow logs delivered';
  if (meaning === 'old-data') return 'old data arrived';
  return ruleOf(meaning).words;
}

export const ADVICE: Readonly<Record<AlertMeaning, Advice>> = {
  'host-sweep': {
    mayMean: scanMeans,
    next: scanNext,
    asks: queriesOfSource('host-sweep'),
    sql: 'requests-of-source',
  },

  'port-scan': {
    mayMean: scanMeans,
    next: scanNext,
    asks: queriesOfSource('port-scan'),
    sql: 'requests-of-source',
  },

  'public-service-rejected': {
    mayMean: ({ port }) =>
      (port?.accepted_flows ?? 0) > 0
        ? 'A service that answers the internet is refused to some: a rule was narrowed or removed, is being changed right now, or keeps out just these clients.'
        : 'Many clients ask for a web service and all are refused: a public service that went dark, or a name that points to the wrong address.',
    next: () => [
      'Try the service from outside.',
      'Compare the inbound rules of the security groups and of the network ACL with the port. The record cannot tell which of the two refused.',
      WHO_CHANGED,
      IGNORE,
    ],
    asks: queryOfServer('rejected-traffic'),
    sql: 'rejected',
  },

  'reply-rejected': {
    mayMean: unlessLate(
      'The request was let in, its reply was refused at the same interface. Security groups let replies pass, so it is the network ACL of the subnet. Clients see a timeout.',
    ),
    next: ({ port }) => [
      `Open the network ACL of the subnet. Its ${directionOf(port?.side)} must allow the clients' networks on the ephemeral ports, TCP and UDP 1024 to 65535; for ping, ICMP echo replies.`,
      'Rules count by number, the lowest first: look for a DENY before the ALLOW.',
      IGNORE,
    ],
    asks: explainOr(queryOfServer('replies-dropped')),
    sql: 'rejected',
  },

  'internal-service-rejected': {
    mayMean: unlessLate(
      'One of your own hosts asks another for a service and is refused: a rule is missing or was removed, the service moved, or the client has an old address.',
    ),
    next: ({ port }) => [
      port?.side === 'own'
        ? 'It is refused where the service is: look at the inbound rules of its security groups, then of the network ACL of its subnet.'
        : port?.side === 'peer'
          ? 'It is refused where the client is: look at the outbound rules of its security groups, then of the network ACL of its subnet.'
          : 'Run the command below: it tells at which end it is refused.',
      'A rule that names a security group does not match traffic that comes through a NAT gateway, a transit gateway or a load balancer.',
      WHO_CHANGED,
      IGNORE,
    ],
    asks: explainOr(queryOfServer('internal-services-rejected')),
    sql: 'rejected',
  },

  'blocked-egress': {
    mayMean: unlessLate(
      'A resource of yours asks the internet or an AWS service and is refused on its way out: telemetry or updates that were never allowed, a rule that was removed, or something that should not call out at all.',
    ),
    next: () => [
      'Find out what it wants there. A destination that nobody knows is a reason to look at the instance first.',
      'If it should work: outbound rules of the security groups, then of the network ACL of the subnet. The record cannot tell which of the two refused.',
      IGNORE,
    ],
    asks: explainOr(queryOfServer('rejected-traffic')),
    sql: 'rejected',
  },

  'encryption-control': {
    mayMean: ({ situation }) =>
      situation.severity === 'info'
        ? 'The internet asks, and VPC encryption controls refuse it: its probes are never encrypted.'
        : 'VPC encryption controls refuse traffic of yours because it is not encrypted: a client on an old instance type, or one that comes over a way that does not encrypt.',
    next: nothingIfInfo([
      'Look at the mode and the exclusions of the VPC encryption control (VPC console, Encryption controls).',
      'Move the client to an instance type that encrypts in transit, or exclude the resource if that is allowed.',
      IGNORE,
    ]),
    asks: explainOr(query('reject-reasons')),
    sql: 'rejected',
  },

  'block-public-access': {
    mayMean: ({ subject }) =>
      subject.path === 'internet-to-subnet'
        ? 'VPC Block Public Access keeps the internet out, as it is meant to.'
        : 'VPC Block Public Access keeps a resource of yours from the internet: it was switched on, or an exclusion is missing.',
    next: ({ subject }) => [
      ...(subject.path === 'internet-to-subnet'
        ? ['Nothing, unless the service is meant to be public.']
        : []),
      'If the traffic is meant to pass, exclude the VPC or subnet (VPC console, Settings, Block Public Access). Security groups and network ACLs have no part in it.',
      IGNORE,
    ],
    asks: explainOr(query('reject-reasons')),
    sql: 'rejected',
  },

  'admin-port-probe': {
    mayMean: () =>
      "The internet's scanners ask every address for SSH, RDP and the like. Yours refused: a rejected request is no login.",
    next: () => [
      'Nothing. To see whether another interface accepts it, ask the saved query "admin-port-traffic".',
    ],
    asks: queryOfServer('rejected-traffic'),
    sql: 'rejected',
  },

  'late-packets': {
    mayMean: () =>
      'Packets that came after their connection was closed. AWS logs them as REJECT. Busy services always have some; no client notices. A scan without SYN looks the same.',
    next: () => ['Nothing.'],
    asks: query('rejected-tcp'),
    sql: 'rejected',
  },

  background: {
    mayMean: () =>
      "The internet's ordinary scanning, or packets whose connection the object does not show. Nothing points to more.",
    next: () => ['Nothing.'],
    asks: queryOfServer('rejected-traffic'),
    sql: 'rejected',
  },

  'data-loss': {
    mayMean: () =>
      'AWS could not log all flows of this interface, because of an internal limit or error. What it did then is not known: "no record" proves nothing for these times.',
    next: ({ situation }) => [
      situation.severity === 'warning'
        ? 'If it goes on, open a case with AWS Support: name the flow log, the interface and the times.'
        : 'Nothing.',
      'Do not take these intervals for quiet ones when you look into something else.',
    ],
    asks: query('skipdata-by-interface'),
    sql: 'skipdata',
  },

  'no-route': {
    mayMean: ({ situation }) =>
      situation.severity === 'warning'
        ? 'The transit gateway has no route to a private address that is asked for: a route or a propagation is missing, or the network is gone and its clients do not know.'
        : 'Something asks for public addresses where the transit gateway has no way to the internet. That is common and mostly harmless.',
    next: () => [
      "Look at the route table that is associated with the attachment: it needs a route to the destination, static or propagated from the destination's attachment.",
      'If the destination is gone for good, take it out of the configuration of the source.',
      IGNORE,
    ],
    asks: explainOr(query('transit-gateway-loss')),
    sql: 'lost',
  },

  blackhole: {
    mayMean: () =>
      'A route of the transit gateway leads nowhere: the attachment it pointed to was deleted, or somebody blocks the destination by a blackhole route on purpose.',
    next: () => [
      'Find the blackhole route to the destination in the route table that is associated with the attachment (VPC console, Transit gateway route tables; state "blackhole").',
      'Point it to the attachment that replaced the old one, or delete it so that a wider route matches.',
      IGNORE,
    ],
    asks: explainOr(query('transit-gateway-loss')),
    sql: 'lost',
  },

  'mtu-exceeded': {
    mayMean: () =>
      'Packets were larger than the transit gateway passes on: 8500 bytes between VPCs, 1500 over VPN. Connections open and then hang on the first large packet.',
    next: nothingIfInfo([
      'Lower the MTU of the sender to 8500, to 1500 where the way leads over VPN.',
      'Let ICMP "fragmentation needed" (IPv4 type 3 code 4) and "packet too big" (ICMPv6 type 2) through the network ACLs and security groups of the sender: path MTU discovery needs them.',
      IGNORE,
    ]),
    asks: explainOr(query('transit-gateway-loss')),
    sql: 'lost',
  },

  'ttl-expired': {
    mayMean: () =>
      'Packets ran out of hops: two routers send them to each other (a routing loop), or somebody runs traceroute.',
    next: nothingIfInfo([
      'Follow the routes to the destination on both sides: transit gateway route tables, VPC route tables, appliances. Look for two that point at each other.',
      IGNORE,
    ]),
    asks: explainOr(query('transit-gateway-loss')),
    sql: 'lost',
  },

  'no-delivery': {
    mayMean: () =>
      "The flow log was deleted, or AWS may no longer write to the bucket (bucket policy, encryption key). Or objects arrive and are not processed: then the pipeline's own alarms tell so, too.",
    next: () => [
      'In the account: aws ec2 describe-flow-logs. Look at FlowLogStatus, DeliverLogsStatus and DeliverLogsErrorMessage.',
      'Check the policy of the raw bucket and of its key: delivery.logs.amazonaws.com has to be allowed.',
      'Look at the operations alarms and the dead-letter queues of the stack.',
      'If the account or its flow log was closed on purpose, let the policy ignore it.',
    ],
    asks: query('coverage'),
    sql: 'deliveries',
  },

  'old-data': {
    mayMean: () =>
      'Logs that were copied, replayed or redriven from a dead-letter queue. They are stored and can be queried like all others, and nobody is told of what they hold.',
    next: () => [
      'Nothing. If nobody replayed anything, see why it came so late: ask the saved query "ingest-lag".',
    ],
    asks: query('findings-overview'),
    sql: 'findings',
  },
};

/** What it may mean, if there is more of it than late packets of connections that worked, which look the same. */
function unlessLate(text: string): Advice['mayMean'] {
  return ({ situation: { severity } }) =>
    severity === 'info'
      ? `${text} So few, in a log without TCP flags, may as well be late packets of connections that worked.`
      : text;
}

function nothingIfInfo(steps: readonly string[]): Advice['next'] {
  return ({ situation: { severity } }) => (severity === 'info' ? ['Nothing.'] : steps);
}

/** A source inside is what makes them critical. */
function isFromInside({ situation: { severity } }: Facts): boolean {
  return severity === 'critical';
}

function scanMeans(facts: Facts): string {
  return isFromInside(facts)
    ? 'A machine of yours looks for others, or for their open ports: an intruder or a worm on its way, or a scanner or monitor that you run yourselves.'
    : 'Somebody on the internet looks for open ports. What they were refused is told here, not what they may have found.';
}

function scanNext(facts: Facts): readonly string[] {
  return isFromInside(facts)
    ? [
        'Find out what the source is: look for its address among the network interfaces (EC2 console, Network interfaces).',
        'If it is no scanner or monitor of yours, isolate it: give it a security group without rules and keep it running, so that its memory can be looked at.',
        'Ask the saved query "first-and-last-seen" where it was let through.',
        IGNORE,
      ]
    : [
        'Nothing, for what was refused. The saved query "first-and-last-seen" tells whether it was let through anywhere.',
      ];
}

/** Where the service is at the other end, the reply comes in. */
function directionOf(side: 'own' | 'peer' | 'unknown' | undefined): string {
  if (side === 'own') return 'outbound rules';
  return side === 'peer' ? 'inbound rules' : 'outbound rules at the server, inbound rules at the client,';
}
