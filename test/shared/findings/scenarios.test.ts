/** What the evidence says in situations that people need to tell apart. */
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../shared/findings/finding.ts';
import { observeText } from './observe-text.ts';

const WITH_FLAGS =
  'interface-id srcaddr dstaddr srcport dstport protocol tcp-flags packets bytes start end action';
const SERVER = '10.0.0.10';

interface FlowLine {
  eni?: string;
  from: string;
  to: string;
  ports: readonly [number, number];
  protocol?: number;
  flags?: number | '-';
  action?: 'ACCEPT' | 'REJECT';
}

function line({
  eni = 'eni-a',
  from,
  to,
  ports,
  protocol = 6,
  flags = '-',
  action = 'REJECT',
}: FlowLine): string {
  return `${eni} ${from} ${to} ${ports[0]} ${ports[1]} ${protocol} ${flags} 1 60 1000 1060 ${action}`;
}

function findingsOf(flows: readonly FlowLine[]): Finding[] {
  return observeText([WITH_FLAGS, ...flows.map(line)].join('\n')).findings;
}

function onlyFinding(flows: readonly FlowLine[]): Finding {
  const findings = findingsOf(flows);
  expect(findings).toHaveLength(1);
  return findings[0]!;
}

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

describe.each([
  { format: 'with flags', syn: 2, synAck: 18, fin: 1 } as const,
  { format: 'without flags', syn: '-', synAck: '-', fin: '-' } as const,
])('$format', ({ syn, synAck, fin }) => {
  test('one source that tries many ports differs from many sources that try one', () => {
    const scan = onlyFinding(
      times(100, (i) => ({ from: '198.51.100.1', to: SERVER, ports: [54321, 1 + i * 320], flags: syn })),
    );
    expect(scan.top_sources).toMatchObject([{ address: '198.51.100.1', flows: 100, server_ports: '64+' }]);
    const crowd = onlyFinding(
      times(100, (i) => ({ from: `198.51.100.${i}`, to: SERVER, ports: [40000 + i, 443], flags: syn })),
    );
    expect(crowd.top_sources?.every(({ server_ports }) => server_ports === '1')).toBe(true);
    expect(crowd.top_server_ports).toMatchObject([
      { port: 443, rejected_flows: 100, clients: '64+', servers: '1', server: SERVER },
    ]);
  });

  test('packets of a server on a client’s port to its clients are no tried ports', () => {
    const late = onlyFinding(
      times(30, (i) => ({ from: SERVER, to: '10.0.0.99', ports: [60000, 33000 + i], flags: fin })),
    );
    expect(late.top_sources).toMatchObject([{ address: SERVER, server_ports: '0', interfaces: '0' }]);
  });

  test('one source at one port of many interfaces shows in each of their findings', () => {
    const findings = findingsOf(
      times(30, (i) => ({
        eni: `eni-${i}`,
        from: '10.9.9.9',
        to: `10.0.1.${i}`,
        ports: [50000, 22],
        flags: syn,
      })),
    );
    expect(findings).toHaveLength(30);
    for (const { top_sources } of findings) {
      expect(top_sources).toMatchObject([
        { address: '10.9.9.9', inside: true, server_ports: '1', interfaces: '30' },
      ]);
    }
  });

  test('a refused reply is told from a request, and its path is that of the connection', () => {
    const reply = onlyFinding([
      ...times(
        3,
        (i) =>
          ({ from: '10.1.0.5', to: SERVER, ports: [41000 + i, 8443], flags: syn, action: 'ACCEPT' }) as const,
      ),
      ...times(
        3,
        (i) => ({ from: SERVER, to: '10.1.0.5', ports: [8443, 41000 + i], flags: synAck }) as const,
      ),
      { from: '198.51.100.1', to: SERVER, ports: [41000, 443], flags: syn, action: 'ACCEPT' },
    ]);
    expect(reply).toMatchObject({
      path: 'subnet-to-subnet',
      flows: 3,
      refused_requests: 0,
      refused_replies: 3,
      late_packets: 0,
      reply_like: 3,
      request_accepted: 3,
      top_server_ports: [{ port: 8443, side: 'own', accepted_flows: 3, refused_replies: 3, server: SERVER }],
    });
  });

  test('a busy server’s late packets are no scan and no dark service', () => {
    const late = onlyFinding(
      times(80, (i) => {
        const client = `198.51.100.${i}`;
        const port = 33000 + i;
        return [
          { from: client, to: SERVER, ports: [port, 443], flags: syn, action: 'ACCEPT' },
          { from: SERVER, to: client, ports: [443, port], flags: synAck, action: 'ACCEPT' },
          { from: SERVER, to: client, ports: [443, port], flags: fin },
        ] as const satisfies FlowLine[];
      }).flat(),
    );
    expect(late).toMatchObject({
      path: 'internet-to-subnet',
      flows: 80,
      refused_requests: 0,
      refused_replies: 0,
      late_packets: 80,
      also_accepted: 80,
      top_sources: [{ address: SERVER, server_ports: '0', destinations: '0', interfaces: '0' }],
      top_server_ports: [{ port: 443, late_packets: 80, refused_requests: 0, accepted_flows: 160 }],
    });
  });

  test('a public service that goes dark is refused to some while others were accepted', () => {
    const dark = onlyFinding([
      ...times(
        40,
        (i) =>
          ({
            from: `198.51.100.${i}`,
            to: SERVER,
            ports: [40000, 443],
            flags: syn,
            action: 'ACCEPT',
          }) as const,
      ),
      ...times(90, (i) => ({ from: `203.0.113.${i}`, to: SERVER, ports: [40000, 443], flags: syn }) as const),
    ]);
    expect(dark).toMatchObject({
      path: 'internet-to-subnet',
      refused_requests: 90,
      top_server_ports: [{ port: 443, side: 'own', rejected_flows: 90, accepted_flows: 40, clients: '64+' }],
    });
  });

  test('a port that the interface only uses at others is not one that it serves', () => {
    const refused = onlyFinding([
      { from: SERVER, to: '198.51.100.5', ports: [40000, 443], flags: syn, action: 'ACCEPT' },
      { from: '198.51.100.5', to: SERVER, ports: [443, 40000], flags: synAck, action: 'ACCEPT' },
      { from: '203.0.113.9', to: SERVER, ports: [50000, 443], flags: syn },
    ]);
    expect(refused.top_server_ports).toMatchObject([{ port: 443, side: 'own', accepted_flows: 0 }]);
  });

  test('blocked egress is a connection from inside to the internet, at a peer’s port', () => {
    const blocked = onlyFinding(
      times(5, (i) => ({ from: SERVER, to: '203.0.113.7', ports: [40000 + i, 8883], flags: syn })),
    );
    expect(blocked).toMatchObject({
      path: 'subnet-to-internet',
      top_server_ports: [{ port: 8883, side: 'peer', server: '203.0.113.7' }],
    });
  });
});

test('IPv6 inside the VPC is inside: its addresses are global, but share a /56 with an own one', () => {
  const [own, neighbour] = ['2001:db8:1234:a100::10', '2001:db8:1234:a1ff::20'];
  const findings = findingsOf([
    { from: own, to: '2600:9000::1', ports: [40000, 443], action: 'ACCEPT' },
    { from: own, to: '2600:9000::2', ports: [40000, 443], action: 'ACCEPT' },
    { from: neighbour, to: own, ports: [40000, 5432] },
    { from: '2600:9000::3', to: own, ports: [40000, 5432] },
  ]);
  expect(findings.map(({ path, flows }) => [path, flows])).toEqual([
    ['internet-to-subnet', 1],
    ['subnet-to-subnet', 1],
  ]);
});

test('flow-direction tells the own IPv6 address from a single record', () => {
  const { findings } =
    observeText(`interface-id srcaddr dstaddr srcport dstport protocol flow-direction action
    eni-a 2600:9000::1 2001:db8:1234:a100::10 40000 22 6 ingress REJECT`);
  expect(findings).toMatchObject([
    {
      path: 'internet-to-subnet',
      directions: [{ direction: 'ingress', flows: 1 }],
      top_server_ports: [{ side: 'own' }],
    },
  ]);
});

test('an own address that later records refute is not claimed', () => {
  const findings = findingsOf([
    { from: '2600::1', to: '2600::2', ports: [40000, 443], action: 'ACCEPT' },
    { from: '2600::3', to: '2600::4', ports: [40000, 443], action: 'ACCEPT' },
    { from: '2600::1', to: '2600:0:0:ff00::2', ports: [40000, 22] },
  ]);
  expect(findings).toMatchObject([
    { path: 'unknown', top_server_ports: [{ side: 'unknown', accepted_flows: 0 }] },
  ]);
});

test('a NAT gateway passes packets on: the service is its peer’s, the path that of the packets', () => {
  const { findings } =
    observeText(`interface-id srcaddr dstaddr pkt-srcaddr pkt-dstaddr srcport dstport protocol action
    eni-nat 10.0.1.5 10.0.0.220 10.0.1.5 203.0.113.5 40000 443 6 ACCEPT
    eni-nat 10.0.0.220 203.0.113.5 10.0.0.220 203.0.113.5 40000 443 6 ACCEPT
    eni-nat 10.0.1.5 10.0.0.220 10.0.1.5 203.0.113.5 40001 8883 6 REJECT`);
  expect(findings).toMatchObject([
    {
      path: 'subnet-to-internet',
      top_destinations: [{ address: '203.0.113.5', inside: false }],
      top_server_ports: [{ port: 8883, side: 'peer' }],
    },
  ]);
});

test('reject reasons and interface types are kept; bytes that Block Public Access does not give are absent', () => {
  const { findings } =
    observeText(`interface-id srcaddr dstaddr packets bytes action reject-reason interface-type log-status
    eni-a 203.0.113.5 10.0.0.1 3 - REJECT BPA vpc_endpoint OK
    eni-a 203.0.113.6 10.0.0.1 4 - REJECT BPA vpc_endpoint OK
    eni-a 203.0.113.6 10.0.0.1 4 - REJECT - - OK`);
  expect(findings).toMatchObject([
    {
      path: 'internet-to-subnet',
      interface_type: 'vpc_endpoint',
      flows: 3,
      packets: 11,
      reject_reasons: [{ reason: 'BPA', flows: 2 }],
    },
  ]);
  for (const key of ['bytes', 'first_time', 'protocols', 'top_server_ports'])
    expect(findings[0]).not.toHaveProperty(key);
});

test('packets lost in a transit gateway are told by attachment, cause and path, with the pair', () => {
  const { findings } =
    observeText(`tgw-id tgw-attachment-id tgw-src-vpc-id tgw-dst-vpc-id tgw-pair-attachment-id srcaddr dstaddr srcport dstport protocol packets bytes start end packets-lost-no-route packets-lost-blackhole packets-lost-mtu-exceeded log-status
    tgw-1 tgw-attach-a vpc-a - - 10.20.0.5 10.80.0.9 40000 443 6 9 900 1000 1060 0 7 0 OK
    tgw-1 tgw-attach-a vpc-a - - 10.20.0.6 10.80.0.9 40000 443 6 9 900 1060 1120 0 5 0 OK
    tgw-1 tgw-attach-a vpc-a vpc-b tgw-attach-b 10.20.0.5 10.40.0.9 40000 443 6 9 900 1000 1060 - 0 2 OK
    tgw-1 tgw-attach-b vpc-b vpc-a tgw-attach-a 10.40.0.9 10.20.0.5 443 40000 6 9 900 1000 1060 0 0 0 OK
    tgw-1 tgw-attach-b - - - - - - - - - - 1000 1060 - - - SKIPDATA`);
  expect(findings).toMatchObject([
    {
      kind: 'PACKET_LOSS',
      cause: 'blackhole',
      path: 'on-premises',
      resource_type: 'transit-gateway-attachment',
      resource_id: 'tgw-attach-a',
      tgw_id: 'tgw-1',
      first_time: 1000,
      last_time: 1120,
      flows: 2,
      packets: 12,
      top_sources: [
        { address: '10.20.0.5', packets: 7 },
        { address: '10.20.0.6', packets: 5 },
      ],
      top_destinations: [{ address: '10.80.0.9', inside: true, flows: 2, packets: 12 }],
      top_server_ports: [{ port: 443, rejected_flows: 2 }],
      top_attachment_pairs: [{ source_vpc_id: 'vpc-a', flows: 2, packets: 12 }],
    },
    {
      kind: 'PACKET_LOSS',
      cause: 'mtu-exceeded',
      path: 'subnet-to-subnet',
      packets: 2,
      top_attachment_pairs: [
        { pair_attachment_id: 'tgw-attach-b', source_vpc_id: 'vpc-a', destination_vpc_id: 'vpc-b' },
      ],
    },
    { kind: 'SKIPDATA', resource_id: 'tgw-attach-b', skipped_seconds: 60 },
  ]);
  expect(findings).toHaveLength(3);
});

test('a SKIPDATA finding tells of its interface what only other records say', () => {
  const { findings } = observeText(`interface-id vpc-id subnet-id srcaddr dstaddr start end action log-status
    eni-a - - - - 1000 1060 - SKIPDATA
    eni-a vpc-1 subnet-1 10.0.0.1 10.0.0.2 1000 1060 ACCEPT OK
    eni-a - - - - 1060 1120 - SKIPDATA`);
  expect(findings).toMatchObject([
    {
      kind: 'SKIPDATA',
      vpc_id: 'vpc-1',
      subnet_id: 'subnet-1',
      flows: 2,
      skipped_seconds: 120,
      first_time: 1000,
    },
  ]);
});

test('account and Region come from the records where the object’s key does not tell them', () => {
  const text = `account-id region interface-id action\n111122223333 us-east-2 eni-a REJECT`;
  const unknown = { source: 'some.log', accountId: 'unknown', region: 'unknown' };
  expect(observeText(text, unknown).findings).toMatchObject([
    { aws_account_id: '111122223333', aws_region: 'us-east-2' },
  ]);
  expect(observeText(text).findings).toMatchObject([
    { aws_account_id: '123456789010', aws_region: 'eu-west-1' },
  ]);
  expect(observeText('interface-id action\neni-a REJECT', unknown).findings).toMatchObject([
    { aws_account_id: 'unknown', aws_region: 'unknown' },
  ]);
});
