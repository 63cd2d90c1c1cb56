/** What evidence means, and how much that matters: the rules one by one, and what holds for all of them. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CONNECTION_PATHS,
  type Finding,
  LOSS_CAUSES,
  MEANINGS,
  SEVERITIES,
  type TopServerPort,
  type TopSource,
} from '../../../shared/findings/finding.ts';
import { byWeight, meaningsOf, ruleOf, severityOf, signalsOf } from '../../../shared/findings/meaning.ts';
import { MEANING_RULES } from '../../../shared/findings/meaning-rules.ts';
import { destination, finding, port, source } from './finding-parts.ts';

/** A row: the case in words, the evidence, and what it means, as `severity meaning flows`. */
type Row = readonly [why: string, evidence: Partial<Finding>, ...meanings: string[]];
type Path = NonNullable<Finding['path']>;

function expectMeanings(rows: readonly Row[], kind: Finding['kind'] = 'REJECT'): void {
  test.each([...rows])('%s', (_, evidence, ...meanings) => {
    const signals = signalsOf(finding({ kind, ...(evidence as Partial<Finding>) }));
    expect(signals.map(({ severity, meaning, flows }) => `${severity} ${meaning} ${flows}`)).toEqual(
      meanings,
    );
  });
}

/** Ten internal clients ask a service 100 times; all of it is SYN. */
const asked = (more: Partial<TopServerPort> = {}): Partial<Finding> => ({
  refused_requests: 100,
  tcp_with_syn: 100,
  top_server_ports: [port(more)],
});
const INTERNAL = 'subnet-to-subnet';
const PUBLIC = 'internet-to-subnet';
const EGRESS = 'subnet-to-internet';

describe('sources that try things', () => {
  const tries = (more: Partial<TopSource>, rest: Partial<Finding> = {}): Partial<Finding> => ({
    path: INTERNAL,
    top_sources: [source(more)],
    ...rest,
  });
  /** An inside source asks four times for each of 50 ports; the list has ten of them. */
  const stubborn = (requests: number): Partial<Finding> => ({
    path: INTERNAL,
    flows: requests,
    refused_requests: requests,
    tcp_with_syn: requests,
    top_sources: [source({ inside: true, flows: 200, server_ports: '50' })],
    top_server_ports: Array.from({ length: 10 }, (_, i) => port({ port: 1 + i, refused_requests: 4 })),
  });
  expectMeanings([
    [
      'many ports, from inside: whoever it is is already in',
      tries({ inside: true, flows: 100, server_ports: '64+' }),
      'critical port-scan 100',
    ],
    [
      'many ports, from outside: everyone who has a public address sees that',
      tries({ inside: false, flows: 100, server_ports: '64+' }, { path: PUBLIC }),
      'info port-scan 100',
    ],
    [
      'many ports, from who knows where: nobody is accused',
      tries({ flows: 100, server_ports: '64+' }, { path: 'unknown' }),
      'info port-scan 100',
    ],
    [
      'ten ports',
      tries({ inside: true, flows: 10, server_ports: '10' }),
      'critical port-scan 10',
      'info background 90',
    ],
    ['nine ports', tries({ inside: true, flows: 9, server_ports: '9' }), 'info background 100'],
    [
      'a retry or two of each port',
      tries({ inside: true, flows: 39, server_ports: '10' }),
      'critical port-scan 39',
      'info background 61',
    ],
    [
      'what asks ten ports of a host each minute collects metrics',
      tries({ inside: true, flows: 50, server_ports: '10' }),
      'info background 100',
    ],
    [
      '… and twenty ports, too',
      tries({ inside: true, flows: 400, server_ports: '20' }, { flows: 400 }),
      'info background 400',
    ],
    [
      'more of one host than anyone wants are a scan, however often each is tried',
      tries({ inside: true, flows: 400, server_ports: '21' }, { flows: 400 }),
      'critical port-scan 400',
    ],
    [
      'what asks each of many hosts for a few ports again and again collects metrics',
      tries({ inside: true, flows: 400, server_ports: '60', destinations: '12' }, { flows: 400 }),
      'info background 400',
    ],
    [
      'what asks one port of each of many hosts looks for peers',
      tries({ inside: true, flows: 40, server_ports: '40', destinations: '40' }),
      'info background 100',
    ],
    [
      'a crowd of ports of a crowd of hosts is a scan all the same',
      tries({ inside: true, flows: 100, server_ports: '64+', destinations: '64+' }),
      'critical port-scan 100',
    ],
    [
      'only what certainly is of this source counts',
      tries({ inside: true, flows: 90, error: 20, server_ports: '64+' }),
      'critical port-scan 70',
      'info background 30',
    ],
    [
      'many interfaces, from inside',
      tries({ inside: true, flows: 1, interfaces: '10' }),
      'critical host-sweep 1',
      'info background 99',
    ],
    [
      'many interfaces, from outside',
      tries({ inside: false, interfaces: '64+' }, { path: PUBLIC }),
      'info host-sweep 1',
      'info background 99',
    ],
    ['nine interfaces', tries({ inside: true, interfaces: '9' }), 'info background 100'],
    [
      'health checks ask each of many targets again and again',
      tries({ inside: true, flows: 10, interfaces: '64+' }),
      'info background 100',
    ],
    [
      'metrics are collected each minute, of which an object may lack the last',
      tries({ inside: true, flows: 4, interfaces: '64+' }),
      'info background 100',
    ],
    [
      'the retries of one attempt take up to three minutes',
      tries({ inside: true, flows: 3, interfaces: '64+' }),
      'critical host-sweep 3',
      'info background 97',
    ],
    [
      'a server is no source that tries: its late packets and replies ask for nothing',
      tries({ inside: true, flows: 100, server_ports: '0', destinations: '0', interfaces: '0' }),
      'info background 100',
    ],
    [
      'many interfaces, but not this one: here it only answered',
      tries({ inside: true, server_ports: '0', destinations: '0', interfaces: '64+' }),
      'info background 100',
    ],
    [
      'what a scanner asks for is no internal service',
      {
        ...asked({ refused_requests: 12 }),
        ...tries({ inside: true, flows: 100, server_ports: '64+' }),
      },
      'critical port-scan 100',
    ],
    [
      'nor what a scanner asks for again and again, in the list or beyond',
      stubborn(200),
      'critical port-scan 200',
    ],
    [
      '… even if others ask for services beyond the list',
      stubborn(220),
      'critical port-scan 200',
      'warning internal-service-rejected 20',
    ],
    [
      'a service that others ask for besides the scanner is one',
      {
        ...asked({ refused_requests: 42 }),
        ...tries({ inside: true, flows: 60, server_ports: '60' }),
      },
      'critical port-scan 60',
      'warning internal-service-rejected 40',
    ],
  ]);
});

describe('public services', () => {
  /** Of each service 1,000 requests are refused beside 2,000 accepted flows. */
  const manyRefused = (ports: readonly number[], all: number): Partial<Finding> => ({
    path: PUBLIC,
    flows: all,
    refused_requests: all,
    tcp_with_syn: all,
    top_server_ports: ports.map((number) =>
      port({ port: number, refused_requests: 1000, clients: '64+', accepted_flows: 2000 }),
    ),
  });
  const dark = (more: Partial<TopServerPort>, rest: Partial<Finding> = {}): Partial<Finding> => ({
    path: PUBLIC,
    ...asked(more),
    ...rest,
  });
  expectMeanings([
    [
      'many are refused where others are accepted',
      dark({ port: 8883, clients: '10', accepted_flows: 200 }),
      'warning public-service-rejected 100',
    ],
    [
      'a CDN or health checker of AWS is refused',
      dark({ clients: '16', accepted_flows: 20 }, { path: 'aws-service' }),
      'warning public-service-rejected 100',
    ],
    ['a web port that nobody reaches', dark({ clients: '64+' }), 'warning public-service-rejected 100'],
    ['… another port', dark({ port: 8883, clients: '64+' }), 'info background 100'],
    ['… a web port that a few try', dark({ clients: '19' }), 'info background 100'],
    [
      'some strangers try what is for partners',
      dark({ clients: '9', accepted_flows: 200 }),
      'info background 100',
    ],
    [
      'scanners try a port that is for the inside, and others as much',
      dark({ port: 6379, refused_requests: 24, clients: '24', accepted_flows: 100 }),
      'info background 100',
    ],
    [
      'of the requests of thousands, those of blocked strangers are refused',
      dark({ clients: '64+', accepted_flows: 2000 }),
      'info background 100',
    ],
    [
      'SSH is open to some: that is its normal state',
      dark({ port: 22, clients: '64+', accepted_flows: 50 }),
      'info admin-port-probe 100',
    ],
    [
      'several services at once, each little of what is refused',
      manyRefused([25, 465, 587, 993, 143], 5000),
      ...Array<string>(5).fill('warning public-service-rejected 1000'),
    ],
    ['… beside more than three times as much scanning', manyRefused([25, 465], 5001), 'info background 5001'],
    [
      '… beside three times as much scanning as of each',
      manyRefused([25, 465], 5000),
      ...Array<string>(2).fill('warning public-service-rejected 1000'),
      'info background 3000',
    ],
    [
      'scanning of SSH is no other service going dark',
      manyRefused([25, 22, 23, 3389, 5900], 5000),
      ...Array<string>(4).fill('info admin-port-probe 1000'),
      'info background 1000',
    ],
    ['the port is at the peer', dark({ side: 'peer', clients: '64+' }), 'info background 100'],
    [
      'Block Public Access darkens a service',
      dark({ clients: '64+' }, { reject_reasons: [{ reason: 'BPA', flows: 100 }] }),
      'warning public-service-rejected 100',
      'info block-public-access 100',
    ],
    [
      'probes of administration',
      dark(
        {},
        {
          top_server_ports: [22, 3389, 5985, 5986, 8080].map((number) =>
            port({ port: number, refused_requests: 20 }),
          ),
        },
      ),
      ...Array<string>(4).fill('info admin-port-probe 20'),
      'info background 20',
    ],
  ]);
});

describe('internal services and egress', () => {
  expectMeanings([
    ['own networks', { path: INTERNAL, ...asked() }, 'warning internal-service-rejected 100'],
    ['own premises', { path: 'on-premises', ...asked() }, 'warning internal-service-rejected 100'],
    ['the internet', { path: EGRESS, ...asked({ side: 'peer' }) }, 'warning blocked-egress 100'],
    ['S3', { path: 'aws-service', ...asked({ side: 'peer' }) }, 'warning blocked-egress 100'],
    ['an AWS service that asks', { path: 'aws-service', ...asked({ port: 8883 }) }, 'info background 100'],
    ['an unknown place', { path: 'unknown', ...asked() }, 'info background 100'],
    [
      'one request, if it certainly is one',
      {
        path: INTERNAL,
        flows: 1,
        tcp_with_syn: 1,
        refused_requests: 1,
        top_server_ports: [port({ refused_requests: 1 })],
      },
      'warning internal-service-rejected 1',
    ],
    [
      'one client of a name server that answers all others',
      {
        path: INTERNAL,
        refused_requests: 3,
        flows: 3,
        top_server_ports: [port({ protocol: 17, port: 53, refused_requests: 3, accepted_flows: 9000 })],
      },
      'warning internal-service-rejected 3',
    ],
    [
      'more services than the list has are told without a service',
      { path: INTERNAL, ...asked({ refused_requests: 70 }) },
      'warning internal-service-rejected 70',
      'warning internal-service-rejected 30',
    ],
  ]);
});

describe('without TCP flags', () => {
  const unsure = (more: Partial<TopServerPort>, rest: Partial<Finding> = {}): Partial<Finding> => ({
    path: INTERNAL,
    tcp_flags_unknown: 100,
    top_server_ports: [port(more)],
    ...rest,
  });
  expectMeanings([
    [
      'enough requests',
      unsure({ refused_requests: 3 }, { flows: 3, refused_requests: 3 }),
      'warning internal-service-rejected 3',
    ],
    [
      'two may be late packets of connections in the object before',
      unsure({ refused_requests: 2 }, { flows: 2, refused_requests: 2 }),
      'info internal-service-rejected 2',
    ],
    [
      'a few among many accepted ones are late packets of a busy server',
      unsure({ refused_requests: 9, accepted_flows: 100 }, { flows: 9, refused_requests: 9 }),
      'info background 9',
    ],
    [
      'UDP has none, and is certain',
      unsure({ protocol: 17, refused_requests: 1 }, { flows: 1, refused_requests: 1 }),
      'warning internal-service-rejected 1',
    ],
    [
      'requests beyond the list may all be late packets',
      unsure({ refused_requests: 60 }, { refused_requests: 100 }),
      'warning internal-service-rejected 60',
      'info internal-service-rejected 40',
    ],
    [
      'a public service of which as much is accepted may have closed all connections at once',
      unsure({ clients: '64+', accepted_flows: 100 }, { path: PUBLIC, refused_requests: 100 }),
      'info background 100',
    ],
    [
      '… and one of which less is accepted goes dark',
      unsure({ clients: '64+', accepted_flows: 99 }, { path: PUBLIC, refused_requests: 100 }),
      'warning public-service-rejected 100',
    ],
    [
      '… as one that nobody reaches',
      unsure({ clients: '64+' }, { path: PUBLIC, refused_requests: 100 }),
      'warning public-service-rejected 100',
    ],
    [
      '… and QUIC, which is UDP and certain',
      unsure({ protocol: 17, clients: '64+', accepted_flows: 200 }, { path: PUBLIC, refused_requests: 100 }),
      'warning public-service-rejected 100',
    ],
    [
      'one reply may be a late packet, too',
      unsure({ refused_requests: 0, refused_replies: 2 }, { flows: 2, refused_replies: 2 }),
      'info reply-rejected 2',
    ],
  ]);
});

describe('replies', () => {
  const replies = (more: Partial<TopServerPort>, rest: Partial<Finding> = {}): Partial<Finding> => ({
    path: PUBLIC,
    refused_replies: 30,
    flows: 30,
    top_server_ports: [port({ refused_requests: 0, refused_replies: 30, ...more })],
    ...rest,
  });
  expectMeanings([
    ['of a service', replies({ accepted_flows: 30 }), 'warning reply-rejected 30'],
    [
      'of a busy one, if SYN-ACK says so',
      replies({ accepted_flows: 900 }, { tcp_with_syn: 30 }),
      'warning reply-rejected 30',
    ],
    [
      'of a busy name server, a few come when the firewall has forgotten the question',
      replies({ protocol: 17, port: 53, accepted_flows: 900 }),
      'info background 30',
    ],
    [
      "one ping's",
      replies(
        { protocol: 1, port: 0, refused_replies: 1, accepted_flows: 1 },
        { flows: 1, refused_replies: 1 },
      ),
      'warning reply-rejected 1',
    ],
    [
      'beyond the list',
      replies({ refused_replies: 20 }),
      'warning reply-rejected 20',
      'warning reply-rejected 10',
    ],
  ]);
});

describe('reject reasons and late packets', () => {
  const refusedFor = (reason: string, path: Path, requests: number): Partial<Finding> => ({
    path,
    refused_requests: requests,
    tcp_with_syn: 100,
    reject_reasons: [{ reason, flows: 100 }],
    top_server_ports: [port({ side: 'peer', refused_requests: requests })],
  });
  expectMeanings([
    [
      'Block Public Access keeps the internet out',
      refusedFor('BPA', PUBLIC, 100),
      'info block-public-access 100',
    ],
    ['… or an own server in', refusedFor('BPA', EGRESS, 100), 'warning block-public-access 100'],
    ['… or out of S3', refusedFor('BPA', 'aws-service', 100), 'warning block-public-access 100'],
    [
      '… or echoes of packets that a stranger forged',
      refusedFor('BPA', EGRESS, 0),
      'info block-public-access 100',
    ],
    [
      'encryption controls refuse own traffic',
      refusedFor('EC', INTERNAL, 100),
      'warning encryption-control 100',
    ],
    ['… or a probe of the internet', refusedFor('EC', PUBLIC, 100), 'info encryption-control 100'],
    ['another reason', refusedFor('ZZ', INTERNAL, 100), 'warning internal-service-rejected 100'],
    [
      'late packets of a busy server',
      { path: PUBLIC, late_packets: 80, tcp_without_syn: 80 },
      'info late-packets 80',
      'info background 20',
    ],
  ]);
});

describe('lost packets', () => {
  const lost = (cause: Finding['cause'], packets: number, rest: Partial<Finding> = {}) =>
    ({ cause, packets, flows: 10, ...rest }) as Partial<Finding>;
  expectMeanings(
    [
      ['a blackhole', lost('blackhole', 1), 'warning blackhole 10'],
      [
        'no route to a private destination',
        lost('no-route', 9, {
          top_destinations: [destination('10.80.0.5', 6, 1), destination('8.8.8.8', 4)],
        }),
        'warning no-route 5',
        'info no-route 5',
      ],
      [
        'no route to the internet, where there is none',
        lost('no-route', 9, { top_destinations: [destination('8.8.8.8', 10)] }),
        'info no-route 10',
      ],
      [
        'no route for chatter to a group',
        lost('no-route', 9, {
          top_destinations: [destination('224.0.0.251', 8), destination('ff02::fb', 2)],
        }),
        'info no-route 10',
      ],
      ['no route to nobody knows where', lost('no-route', 9), 'info no-route 10'],
      ['packets that are too large', lost('mtu-exceeded', 20), 'warning mtu-exceeded 10'],
      ['… a few, as the discovery of the MTU loses', lost('mtu-exceeded', 19), 'info mtu-exceeded 10'],
      ['a routing loop', lost('ttl-expired', 20), 'warning ttl-expired 10'],
      ['… or a traceroute', lost('ttl-expired', 3), 'info ttl-expired 10'],
      ['a cause that nobody knows', lost(undefined, 9), 'info background 10'],
    ],
    'PACKET_LOSS',
  );
});

describe('lost log data', () => {
  expectMeanings([['some is normal', { flows: 4, skipped_seconds: 236 }, 'info data-loss 4']], 'SKIPDATA');
});

test('several things at once are told by severity, then the most telling first', () => {
  const mixed = finding({
    path: PUBLIC,
    ...asked({ clients: '64+', accepted_flows: 40, refused_requests: 60 }),
    late_packets: 10,
    top_sources: [source({ inside: false, flows: 20, server_ports: '20' })],
  });
  expect(meaningsOf(mixed)).toEqual(['public-service-rejected', 'port-scan', 'late-packets', 'background']);
  expect(severityOf(mixed)).toBe('warning');
  expect(signalsOf(mixed)[0]).toMatchObject({ service: { port: 443, side: 'own' } });
  expect(signalsOf(mixed)[1]).toMatchObject({ source: { address: '203.0.113.9' } });
});

test('every meaning has one rule, and every rule words, a reason and a source', () => {
  expect(MEANING_RULES.map(({ meaning }) => meaning).sort()).toEqual([...MEANINGS].sort());
  for (const { words, reason, source: title, severities } of MEANING_RULES) {
    expect([words, reason, title]).not.toContain('');
    expect(severities.map(({ when }) => when === undefined)).toEqual([
      ...Array<boolean>(severities.length - 1).fill(false),
      true,
    ]);
  }
  expect(new Set(MEANING_RULES.map(({ words }) => words)).size).toBe(MEANINGS.length);
});

describe('every finding', () => {
  const counter = fc.oneof(fc.nat(30), fc.constantFrom(100, 5000, Number.MAX_SAFE_INTEGER));
  const distinct = fc.constantFrom('0', '1', '2', '9', '10', '20', '64', '64+');
  const address = fc.constantFrom('10.0.0.1', '203.0.113.9', '224.0.0.251', '2600::1', 'nonsense');
  const anyPort = fc.record({
    protocol: fc.constantFrom(1, 6, 17, 300),
    port: fc.constantFrom(0, 22, 53, 443, 5432, 65535),
    side: fc.constantFrom('own' as const, 'peer' as const, 'unknown' as const),
    rejected_flows: counter,
    error: counter,
    accepted_flows: counter,
    refused_requests: counter,
    refused_replies: counter,
    late_packets: counter,
    clients: distinct,
    servers: distinct,
  });
  const anySource = fc.record(
    {
      address,
      inside: fc.boolean(),
      flows: counter,
      error: fc.constantFrom(0, 0, 0, 1),
      server_ports: distinct,
      destinations: distinct,
      interfaces: distinct,
    },
    { requiredKeys: ['address', 'flows', 'error', 'server_ports', 'destinations'] },
  );
  /** Any part may be missing, as in findings of older versions and of short formats. */
  const anyFinding = fc.record(
    {
      kind: fc.constantFrom(
        'REJECT' as const,
        'REJECT' as const,
        'PACKET_LOSS' as const,
        'SKIPDATA' as const,
      ),
      path: fc.constantFrom(...CONNECTION_PATHS),
      cause: fc.constantFrom(...LOSS_CAUSES),
      aws_account_id: fc.constant('unknown'),
      aws_region: fc.constant('unknown'),
      flows: counter,
      packets: counter,
      refused_requests: counter,
      refused_replies: counter,
      late_packets: counter,
      tcp_flags_unknown: counter,
      reject_reasons: fc.array(fc.record({ reason: fc.constantFrom('BPA', 'EC', 'ZZ'), flows: counter })),
      top_sources: fc.array(anySource, { maxLength: 10 }),
      top_destinations: fc.array(fc.record({ address, flows: counter, error: fc.constant(0) })),
      top_server_ports: fc.array(anyPort, { maxLength: 10 }),
      source: fc.constant('s3://raw/x'),
    },
    { requiredKeys: ['kind', 'aws_account_id', 'aws_region', 'flows', 'source'] },
  );

  test('means something, in order, with a text for each meaning, whatever is missing', () => {
    fc.assert(
      fc.property(anyFinding, (each) => {
        const signals = signalsOf(each);
        expect(signals.length).toBeGreaterThan(0);
        expect(signals.length).toBeLessThan(70);
        expect(signals).toEqual([...signals].sort(byWeight));
        expect(SEVERITIES).toContain(severityOf(each));
        expect(meaningsOf(each)[0]).toBe(signals[0]!.meaning);
        for (const meaning of meaningsOf(each)) {
          const told = ruleOf(meaning).text(
            signals.filter((signal) => signal.meaning === meaning),
            each,
          );
          expect(told).toMatch(/^[^,\s].*\S$/);
          expect(told).not.toMatch(/undefined|NaN/);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('is critical only for what an inside source tries', () => {
    fc.assert(
      fc.property(anyFinding, (each) => {
        const sources = each.top_sources?.map((one) => ({ ...one, inside: false }));
        const outside = sources === undefined ? each : { ...each, top_sources: sources };
        expect(severityOf(outside)).not.toBe('critical');
      }),
    );
  });

  test('means the same however its lists are ordered', () => {
    const shuffled = anyFinding.chain((each) =>
      fc
        .tuple(
          fc.shuffledSubarray([...(each.top_sources ?? [])], { minLength: each.top_sources?.length ?? 0 }),
          fc.shuffledSubarray([...(each.reject_reasons ?? [])], {
            minLength: each.reject_reasons?.length ?? 0,
          }),
        )
        .map(
          ([sources, reasons]) => [each, { ...each, top_sources: sources, reject_reasons: reasons }] as const,
        ),
    );
    fc.assert(
      fc.property(shuffled, ([one, other]) => {
        expect(meaningsOf(other)).toEqual(meaningsOf(one));
        expect(severityOf(other)).toBe(severityOf(one));
      }),
    );
  });
});
