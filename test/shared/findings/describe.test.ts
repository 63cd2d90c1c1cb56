import { describe, expect, test } from 'vitest';
import { describeEvidence } from '../../../shared/findings/describe.ts';
import type { Finding } from '../../../shared/findings/finding.ts';
import { destination, finding, port, source } from './finding-parts.ts';

const PUBLIC = 'internet-to-subnet';
const INTERNAL = 'subnet-to-subnet';

describe('what the evidence of rejected traffic says', () => {
  test.each<[string, Partial<Finding>, string[]]>([
    [
      'an internal service that nobody reaches',
      { path: INTERNAL, refused_requests: 100, top_server_ports: [port({ server: '10.0.0.5' })] },
      ['internal service rejected (warning): 100 requests to tcp/443 (https) at 10.0.0.5'],
    ],
    [
      'several services of one server, which is named once',
      {
        path: INTERNAL,
        refused_requests: 100,
        top_server_ports: [22, 23, 80, 81].map((number) =>
          port({ port: number, refused_requests: 25, server: '10.0.0.5' }),
        ),
      },
      [
        'internal service rejected (warning): 100 requests to tcp/22 (ssh), tcp/23 (telnet), tcp/80 (http) and 1 more at 10.0.0.5',
      ],
    ],
    [
      'services of several servers',
      {
        path: 'subnet-to-internet',
        refused_requests: 100,
        top_server_ports: [
          port({ side: 'peer', refused_requests: 60, server: '198.51.100.40' }),
          port({ side: 'peer', port: 4317, refused_requests: 40 }),
        ],
      },
      ['blocked egress (warning): 100 requests to tcp/443 (https) at 198.51.100.40, tcp/4317'],
    ],
    [
      'a public service that goes dark for some',
      {
        path: PUBLIC,
        refused_requests: 100,
        top_server_ports: [port({ clients: '64+', accepted_flows: 7 })],
      },
      [
        'public service rejected (warning): tcp/443 (https) is refused to 64+ clients and accepted from others (7 flows)',
      ],
    ],
    [
      '… and for all',
      {
        path: PUBLIC,
        refused_requests: 100,
        top_server_ports: [port({ clients: '64', server: '10.0.0.5' })],
      },
      ['public service rejected (warning): tcp/443 (https) at 10.0.0.5 is refused to 64 clients'],
    ],
    [
      'probes, each told once',
      {
        path: PUBLIC,
        refused_requests: 100,
        top_server_ports: [
          port({ port: 22, refused_requests: 30 }),
          port({ port: 6379, refused_requests: 40 }),
        ],
        top_sources: [source(), source({ address: '203.0.113.10' })],
      },
      [
        'admin port probe (info): 30 requests to tcp/22 (ssh)',
        'background (info): 70 flows, to tcp/6379 (redis)',
        'from 203.0.113.9 and at least 1 other',
      ],
    ],
    [
      'replies to requests that were let in',
      {
        flows: 1,
        refused_replies: 1,
        top_server_ports: [port({ refused_requests: 0, refused_replies: 1, server: '10.0.0.5' })],
      },
      [
        'reply rejected (warning): 1 reply refused whose requests were accepted by tcp/443 (https) at 10.0.0.5: look at the network ACL',
      ],
    ],
    [
      'late packets among others',
      { late_packets: 3 },
      [
        'late packets (info): 3 flows without a request: packets after a close, or of no connection at all',
        'background (info): 97 flows',
      ],
    ],
    [
      'nothing but late packets',
      { late_packets: 100 },
      ['late packets (info): all flows without a request: packets after a close, or of no connection at all'],
    ],
    [
      'a scan, whose source is named once',
      { path: PUBLIC, top_sources: [source({ flows: 100, server_ports: '64+' })] },
      ['port scan (info): 203.0.113.9 tried 64+ ports'],
    ],
    [
      'a sweep from inside',
      {
        flows: 1,
        path: INTERNAL,
        top_sources: [source({ address: '10.0.9.9', inside: true, interfaces: '30' })],
      },
      ['host sweep (critical): 10.0.9.9 (inside) tried 30 interfaces'],
    ],
    [
      'Block Public Access, and what it keeps from whom',
      {
        path: 'subnet-to-internet',
        refused_requests: 100,
        reject_reasons: [{ reason: 'BPA', flows: 100 }],
        top_server_ports: [port({ side: 'peer', server: '198.51.100.88' })],
      },
      ['VPC Block Public Access (warning): 100 flows refused, to tcp/443 (https) at 198.51.100.88'],
    ],
    [
      'a reason that is not known yet',
      { reject_reasons: [{ reason: 'ZZ', flows: 1 }] },
      ['background (info): 100 flows', '1 flow with reject reason ZZ'],
    ],
    ['nothing', {}, ['background (info): 100 flows']],
  ])('%s', (_, evidence, texts) => {
    expect(describeEvidence(finding(evidence))).toEqual(texts);
  });
});

test('lost log data and lost packets are told with their amount and cause', () => {
  expect(describeEvidence(finding({ kind: 'SKIPDATA', flows: 2, skipped_seconds: 118 }))).toEqual([
    'log data lost (info): AWS lost records of 2 intervals, 118 seconds together',
  ]);
  expect(
    describeEvidence(
      finding({
        kind: 'PACKET_LOSS',
        cause: 'blackhole',
        packets: 1300,
        top_sources: [source({ address: '10.1.0.5' })],
        top_destinations: [destination('10.2.0.9')],
      }),
    ),
  ).toEqual([
    'blackhole route (warning): 1,300 packets lost: a blackhole route dropped them',
    'most flows from 10.1.0.5',
    'most flows to 10.2.0.9',
  ]);
});
