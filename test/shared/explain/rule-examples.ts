import { at, BOTH_LOGGED, type Given, NOON, ONLY_A_LOGGED, ONLY_B_LOGGED, WHOLE } from './plain-traffic.ts';

const REJECT = { action: 'REJECT' } as const;
const UDP = { protocol: 17, tcp_flags: null } as const;
const ICMP = { protocol: 1, srcport: 0, dstport: 0, tcp_flags: null } as const;
const IN_SUBNET = { subnet_id: 'subnet-a' } as const;
const NO_FLAGS = { tcp_flags: null } as const;
const REFUSAL = { tcp_flags: 4, packets: 1, bytes: 40 } as const;
/** A connection that carries data and is closed. */
const SERVED = { tcp_flags: 3, packets: 12, bytes: 4000 } as const;
const SERVED_BACK = { tcp_flags: 19, packets: 10, bytes: 9000 } as const;
/** Another connection. */
const NEXT = { srcport: 40_001 } as const;
const NEXT_BACK = { dstport: 40_001 } as const;
/** From a connection that was open before. */
const OLDER = { tcp_flags: 0, packets: 9, bytes: 2000 } as const;
const rejectOnly = new Map([['eni-b', { ...WHOLE, actions: new Set(['REJECT']) }]]);
const lossOf = (counter: string, packets = 3) => ({
  rows: [at('P1')],
  transitRows: [
    {
      ...{ srcaddr: '10.0.1.5', dstaddr: '10.0.2.7', srcport: 40_000, dstport: 5432, protocol: 6 },
      ...{ start: NOON, end: NOON + 5, packets, [`packets_lost_${counter}`]: 3 },
    },
  ],
});
const NTP = { ...UDP, srcport: 123, dstport: 123 } as const;
const ntp = { protocol: 17, port: 123 };
const WORKING = [at('P1'), at('P2'), at('P3'), at('P4')];
const udp = { protocol: 17, port: 5432 };
const ping = { protocol: 1, port: undefined! };

/** What happens, and what has to be said of it. One or more examples for each rule. */
export const EXAMPLES: readonly (readonly [rule: string, what: string, given: Given])[] = [
  [
    'block-public-access',
    'the target is in a VPC that blocks public access',
    { rows: [at('P2', { ...REJECT, reject_reason: 'BPA', bytes: null })] },
  ],
  [
    'encryption-controls',
    'an endpoint refuses what is not encrypted',
    { rows: [at('P1'), at('P2', { ...REJECT, reject_reason: 'EC' })] },
  ],
  [
    'block-public-access-some',
    'an exclusion is made, and the next connection passes',
    {
      rows: [
        at('P1', { ...REJECT, reject_reason: 'BPA', bytes: null }),
        ...[at('P1', NEXT), at('P2', NEXT), at('P3', NEXT_BACK), at('P4', NEXT_BACK)],
      ],
    },
  ],
  [
    'encryption-controls-some',
    'the controls begin to be enforced',
    { rows: [at('P2', { ...NEXT, start: NOON - 60 }), at('P2', { ...REJECT, reject_reason: 'EC' })] },
  ],
  [
    'packets-both-ways',
    'time servers ask each other from port 123',
    { question: ntp, rows: [at('P1', NTP), at('P2', NTP), at('P3', NTP), at('P4', NTP)] },
  ],
  [
    'opener-unknown',
    'syslog servers send to each other, and only the source has a log',
    { question: ntp, rows: [at('P1', NTP), at('P4', NTP)], logs: ONLY_A_LOGGED },
  ],
  [
    'opener-unknown',
    'both ports are of those that systems hand out, and no flags tell',
    {
      question: { port: 50_000 },
      rows: [
        at('P1', { ...NO_FLAGS, dstport: 50_000 }),
        at('P2', { ...NO_FLAGS, ...REJECT, dstport: 50_000 }),
        at('P3', { ...NO_FLAGS, srcport: 50_000 }),
      ],
    },
  ],
  [
    'rejected-or-late',
    'a REJECT without flags in a log that has no ACCEPT',
    { rows: [at('P2', { ...REJECT, ...NO_FLAGS })], logs: rejectOnly },
  ],
  [
    'rejected-without-syn',
    'a FIN is rejected, and nothing of its connection was seen before',
    { rows: [at('P2', { ...REJECT, tcp_flags: 1 })] },
  ],
  ['ends-disagree', 'the source rejects what the target receives', { rows: [at('P1', REJECT), at('P2')] }],
  [
    'source-security-group',
    'egress is rejected, both ends are in one subnet',
    { rows: [at('P1', { ...REJECT, ...IN_SUBNET }), at('P2', { ...IN_SUBNET, protocol: 17 })] },
  ],
  ['source-rejects', 'egress is rejected', { rows: [at('P1', REJECT)] }],
  [
    'source-rejects-some',
    'one request leaves, the next is rejected',
    { rows: [at('P1'), at('P1', { ...REJECT, ...NEXT })] },
  ],
  [
    'target-security-group',
    'ingress is rejected, both ends are in one subnet',
    { rows: [at('P1', IN_SUBNET), at('P2', { ...REJECT, ...IN_SUBNET })] },
  ],
  ['target-rejects', 'ingress is rejected', { rows: [at('P1'), at('P2', REJECT)] }],
  [
    'target-rejects',
    'ingress is rejected, and only the target has a log',
    { rows: [at('P2', REJECT)], logs: ONLY_B_LOGGED },
  ],
  [
    'target-rejects',
    'UDP is rejected',
    { question: udp, rows: [at('P1', UDP), at('P2', { ...REJECT, ...UDP })] },
  ],
  [
    'target-rejects-some',
    'one request is accepted, the next is rejected',
    { rows: [at('P1'), at('P2'), at('P3'), at('P4'), at('P2', { ...REJECT, ...NEXT })] },
  ],
  [
    'target-reply-in-subnet',
    'a reply is rejected inside of a subnet',
    { rows: [at('P1', IN_SUBNET), at('P2', IN_SUBNET), at('P3', { ...REJECT, ...IN_SUBNET })] },
  ],
  [
    'target-reply-untracked',
    'a UDP reply is rejected',
    { question: udp, rows: [at('P1', UDP), at('P2', UDP), at('P3', { ...REJECT, ...UDP })] },
  ],
  [
    'target-acl-drops-replies',
    'the interface that accepted a SYN rejects the SYN-ACK',
    { rows: [at('P1'), at('P2'), at('P3', REJECT)] },
  ],
  [
    'target-acl-drops-replies',
    'the interface that accepted a SYN rejects the RST that refuses it',
    { rows: [at('P1'), at('P2'), at('P3', { ...REJECT, ...REFUSAL })] },
  ],
  [
    'target-acl-drops-pings',
    'a ping is accepted, and ICMP of the target is rejected',
    { question: ping, rows: [at('P1', ICMP), at('P2', ICMP), at('P3', { ...REJECT, ...ICMP })] },
  ],
  [
    'target-reply-elsewhere',
    'another interface of the target rejects the SYN-ACK',
    {
      question: { destination: { addresses: ['10.0.2.7'], interfaceIds: ['eni-b', 'eni-b2'] } },
      rows: [at('P1'), at('P2'), at('P3', { ...REJECT, interface_id: 'eni-b2' })],
      logs: new Map([...BOTH_LOGGED, ['eni-b2', WHOLE]]),
    },
  ],
  [
    'target-rejects-replies',
    'a SYN-ACK is rejected in a log that has no ACCEPT',
    { rows: [at('P3', REJECT)], logs: rejectOnly },
  ],
  [
    'target-rejects-replies',
    'the target sends UDP unasked, and its security group rejects it',
    { question: udp, rows: [at('P3', { ...REJECT, ...UDP })] },
  ],
  [
    'target-rejects-some-replies',
    'the replies of one connection pass, those of the next are rejected',
    { rows: [at('P2'), at('P3'), at('P2', NEXT), at('P3', { ...REJECT, ...NEXT_BACK })] },
  ],
  [
    'source-reply-in-subnet',
    'a reply is rejected where it comes back inside of a subnet',
    { rows: [at('P1', IN_SUBNET), at('P2', IN_SUBNET), at('P4', { ...REJECT, ...IN_SUBNET })] },
  ],
  [
    'source-reply-untracked',
    'a UDP reply is rejected where it comes back',
    { question: udp, rows: [at('P1', UDP), at('P4', { ...REJECT, ...UDP })] },
  ],
  [
    'source-acl-drops-replies',
    'the interface that let a SYN out rejects the SYN-ACK',
    { rows: [at('P1'), at('P2'), at('P3'), at('P4', REJECT)] },
  ],
  [
    'source-acl-drops-pings',
    'a ping leaves, and ICMP of the target is rejected where it arrives',
    { question: ping, rows: [at('P1', ICMP), at('P4', { ...REJECT, ...ICMP })], logs: ONLY_A_LOGGED },
  ],
  [
    'source-rejects-replies',
    'the SYN-ACK comes back to another interface, which rejects it',
    {
      question: { source: { addresses: ['10.0.1.5'], interfaceIds: ['eni-a', 'eni-a2'] } },
      rows: [at('P1'), at('P2'), at('P3'), at('P4', { ...REJECT, interface_id: 'eni-a2' })],
      logs: new Map([...BOTH_LOGGED, ['eni-a2', WHOLE]]),
    },
  ],
  [
    'source-rejects-some-replies',
    'one reply is accepted, the next is rejected',
    { rows: [at('P1'), at('P4'), at('P1', NEXT), at('P4', { ...REJECT, ...NEXT_BACK })] },
  ],
  ['transit-gateway-no-route', 'the transit gateway has no route', lossOf('no_route')],
  ['transit-gateway-blackhole', 'the route is a blackhole', lossOf('blackhole')],
  ['transit-gateway-mtu-exceeded', 'the packets are too large', lossOf('mtu_exceeded')],
  ['transit-gateway-ttl-expired', 'the packets go in circles', lossOf('ttl_expired')],
  ...['no_route', 'blackhole', 'mtu_exceeded', 'ttl_expired'].map(
    (counter) =>
      [
        `transit-gateway-may-${counter.replace('_', '-')}`,
        'three packets of a million are lost, and only the source has a log',
        { ...lossOf(counter, 1_000_000), logs: ONLY_A_LOGGED },
      ] as const,
  ),
  [
    'transit-gateway-some-no-route',
    'connections work, but at times the route is missing',
    { ...lossOf('no_route'), rows: WORKING },
  ],
  [
    'transit-gateway-some-blackhole',
    'one of two attachments is gone',
    { ...lossOf('blackhole'), rows: WORKING },
  ],
  [
    'transit-gateway-some-mtu-exceeded',
    'the handshake passes, large packets do not',
    { ...lossOf('mtu_exceeded'), rows: WORKING },
  ],
  [
    'transit-gateway-some-ttl-expired',
    'some packets go in circles',
    { ...lossOf('ttl_expired'), rows: WORKING },
  ],
  [
    'target-silent',
    'the transit gateway lost some SYNs, but others reach the target',
    { ...lossOf('no_route'), rows: [at('P1'), at('P2')] },
  ],
  [
    'middlebox-reset',
    'a RST reaches the source, and the target logs nothing',
    { rows: [at('P1'), at('P4', REFUSAL)] },
  ],
  [
    'middlebox-reset',
    'a RST reaches the source in the middle of a connection, but did not leave the target',
    {
      rows: [
        at('P1', SERVED),
        at('P2', SERVED),
        at('P3', SERVED_BACK),
        at('P4', { ...SERVED_BACK, tcp_flags: 23 }),
      ],
    },
  ],
  [
    'some-unanswered',
    'the first connection is answered, the next is not',
    { rows: [at('P1'), at('P2'), at('P3'), at('P4'), at('P1', NEXT), at('P2', NEXT)] },
  ],
  [
    'perhaps-some-unanswered',
    'a client uses its port again at once, and times may be a minute off',
    {
      rows: [
        ...[at('P1', SERVED), at('P2', SERVED), at('P3', SERVED_BACK), at('P4', SERVED_BACK)],
        ...[at('P1', { start: NOON + 40, end: NOON + 45 }), at('P2', { start: NOON + 40, end: NOON + 45 })],
      ],
    },
  ],
  [
    'perhaps-some-unanswered',
    'without flags, the replies to another connection are as short as a RST',
    {
      rows: [
        ...[at('P1', { ...SERVED, ...NO_FLAGS }), at('P4', { ...SERVED_BACK, ...NO_FLAGS })],
        at('P1', { ...NEXT, ...NO_FLAGS, packets: 1, bytes: 60 }),
        at('P4', { ...NEXT_BACK, ...NO_FLAGS, packets: 1, bytes: 40 }),
      ],
      logs: ONLY_A_LOGGED,
    },
  ],
  [
    'refused',
    'the target answers SYN with RST',
    { rows: [at('P1'), at('P2'), at('P3', REFUSAL), at('P4', REFUSAL)] },
  ],
  [
    'refused-by-someone',
    'a RST comes back, and only the source has a log',
    { rows: [at('P1'), at('P4', REFUSAL)], logs: ONLY_A_LOGGED },
  ],
  [
    'reply-lost',
    'a RST leaves the target and does not come back',
    { rows: [at('P1'), at('P2'), at('P3', REFUSAL)] },
  ],
  [
    'answered-by-another',
    'SYN-ACK reaches the source, and the target logs nothing',
    { rows: [at('P1'), at('P4')] },
  ],
  [
    'answered-by-another',
    'DNS is answered, and the resolver logs nothing',
    { question: udp, rows: [at('P1', UDP), at('P4', UDP)] },
  ],
  [
    'late-packets',
    'a RST comes after the close',
    {
      rows: [
        at('P2', SERVED),
        at('P3', SERVED_BACK),
        at('P2', { ...REJECT, ...REFUSAL, start: NOON + 9, end: NOON + 9 }),
      ],
    },
  ],
  [
    'answered-then-rejected',
    'without flags, accepted packets are followed by a rejected one',
    {
      rows: [
        at('P2', { ...SERVED, ...NO_FLAGS }),
        at('P3', { ...SERVED_BACK, ...NO_FLAGS }),
        at('P2', { ...REJECT, ...NO_FLAGS, start: NOON + 9, end: NOON + 9 }),
      ],
    },
  ],
  [
    'aborted',
    'the source resets an established connection',
    {
      rows: [at('P1', { ...SERVED, tcp_flags: 6 }), at('P4', { ...SERVED_BACK, tcp_flags: 18 })],
      logs: ONLY_A_LOGGED,
    },
  ],
  ['handshake-completed', 'SYN-ACK reaches the source', { rows: [at('P1'), at('P2'), at('P3'), at('P4')] }],
  [
    'handshake-completed',
    'only the target has a log, and the source goes on',
    { rows: [at('P2', SERVED), at('P3', SERVED_BACK)], logs: ONLY_B_LOGGED },
  ],
  [
    'handshake-completed',
    'without flags, a download with nothing but acknowledgements in return',
    {
      rows: [
        at('P1', { packets: 60, bytes: 3120, ...NO_FLAGS }),
        at('P4', { packets: 110, bytes: 160_000, ...NO_FLAGS }),
      ],
      logs: ONLY_A_LOGGED,
    },
  ],
  [
    'reply-lost',
    'SYN-ACK leaves the target and does not come back',
    { rows: [at('P1'), at('P2'), at('P3')] },
  ],
  [
    'existing-connection',
    'packets without SYN go both ways',
    { rows: [at('P1', OLDER), at('P2', OLDER), at('P3', OLDER), at('P4', OLDER)] },
  ],
  [
    'answered-by-target',
    'the target sends SYN-ACK, and the source has no log',
    { rows: [at('P2'), at('P3')], logs: ONLY_B_LOGGED },
  ],
  [
    'answered-or-refused',
    'without flags, a lone packet comes back',
    {
      rows: [
        at('P1', { ...NO_FLAGS, packets: 1, bytes: 60 }),
        at('P4', { ...NO_FLAGS, packets: 1, bytes: 40 }),
      ],
      logs: ONLY_A_LOGGED,
    },
  ],
  [
    'pinged',
    'ping is answered',
    {
      question: ping,
      rows: [at('P1', ICMP), at('P4', ICMP)],
      logs: ONLY_A_LOGGED,
    },
  ],
  [
    'datagrams-exchanged',
    'DNS is answered',
    { question: udp, rows: [at('P1', UDP), at('P2', UDP), at('P3', UDP), at('P4', UDP)] },
  ],
  [
    'datagrams-unanswered',
    'syslog is never answered',
    { question: udp, rows: [at('P1', UDP), at('P2', UDP)] },
  ],
  [
    'answer-unseen',
    'a whole connection arrives, but its answers leave by an interface that nobody knows',
    { rows: [at('P1', SERVED), at('P2', SERVED)] },
  ],
  ['request-unseen', 'the target sends UDP unasked', { question: udp, rows: [at('P3', UDP), at('P4', UDP)] }],
  [
    'request-unseen',
    'the target goes on with an older connection, and the source has no log',
    { rows: [at('P3', OLDER)], logs: ONLY_B_LOGGED },
  ],
  ['answer-unseen', 'packets of an older connection are lost on their way', { rows: [at('P1', OLDER)] }],
  ['pings-unanswered', 'the host drops pings', { question: ping, rows: [at('P1', ICMP), at('P2', ICMP)] }],
  ['target-silent', 'the host drops SYNs', { rows: [at('P1'), at('P2')] }],
  ['lost-between', 'SYNs leave and never arrive', { rows: [at('P1')] }],
  ['not-sent', 'there is nothing at all', {}],
  ['sent-no-reply', 'SYNs leave, and the target has no log', { rows: [at('P1')], logs: ONLY_A_LOGGED }],
  [
    'arrived-only',
    'SYNs arrive, and the log of the target has no REJECT',
    { rows: [at('P2')], logs: new Map([['eni-b', { ...WHOLE, actions: new Set(['ACCEPT']) }]]) },
  ],
  ['not-arrived', 'nothing arrives, and the source has no log', { logs: ONLY_B_LOGGED }],
  ['sent-elsewhere', 'the target answers requests that its log alone has', { rows: [at('P2'), at('P3')] }],
  [
    'sent-only',
    'SYNs leave, and AWS lost the rest of both logs',
    {
      rows: [at('P1')],
      logs: new Map([['eni-a', { ...WHOLE, actions: new Set(['ACCEPT']) }]]),
    },
  ],
  ['cannot-tell', 'nobody logs anything', { logs: new Map() }],
];
