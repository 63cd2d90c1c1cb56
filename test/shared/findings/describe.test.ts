import { describe, expect, test } from 'vitest';
import { describeEvidence } from '../../../shared/findings/describe.ts';
import type { Finding, TopServerPort, TopSource } from '../../../shared/findings/finding.ts';

const REJECT: Finding = {
  kind: 'REJECT',
  aws_account_id: '123456789010',
  aws_region: 'eu-west-1',
  flows: 20,
  source: 's3://raw/x',
};

function port(port: Partial<TopServerPort>): TopServerPort {
  return {
    protocol: 6,
    port: 443,
    side: 'own',
    rejected_flows: 20,
    error: 0,
    accepted_flows: 0,
    refused_requests: 20,
    refused_replies: 0,
    late_packets: 0,
    clients: '1',
    servers: '1',
    ...port,
  };
}

function source(source: Partial<TopSource>): TopSource {
  return {
    address: '203.0.113.9',
    inside: false,
    flows: 20,
    error: 0,
    server_ports: '1',
    destinations: '1',
    ...source,
  };
}

describe('what the evidence of rejected traffic says', () => {
  test.each<[string, Partial<Finding>, string[]]>([
    [
      'a service that nobody reaches',
      { refused_requests: 20, top_server_ports: [port({ server: '10.0.0.5' })] },
      ['to tcp/443 (https) at 10.0.0.5'],
    ],
    [
      'several ports',
      { refused_requests: 9, top_server_ports: [22, 23, 80, 81].map((number) => port({ port: number })) },
      ['to tcp/22 (ssh), tcp/23 (telnet), tcp/80 (http) and more'],
    ],
    [
      'a service that others reach',
      { refused_requests: 20, top_server_ports: [port({ accepted_flows: 7 })] },
      ['tcp/443 (https) is refused to some and accepted from others (7 accepted)'],
    ],
    [
      'a service that others reach, besides many other ports',
      { refused_requests: 40, top_server_ports: [port({ port: 23 }), port({ accepted_flows: 7 })] },
      ['to tcp/23 (telnet), tcp/443 (https); tcp/443 (https) is refused to some and accepted from others'],
    ],
    [
      'a port of a peer, which says nothing of who else reaches it',
      { refused_requests: 20, top_server_ports: [port({ side: 'peer', accepted_flows: 7 })] },
      ['to tcp/443 (https)'],
    ],
    [
      'replies to requests that were let in',
      { refused_replies: 1, top_server_ports: [port({ refused_requests: 0 })] },
      ['1 reply refused whose requests were accepted: look at the network ACL'],
    ],
    [
      'late packets',
      { late_packets: 3 },
      ['3 flows without a request: packets after a close, or of no connection at all'],
    ],
    [
      'nothing but late packets',
      { late_packets: 20 },
      ['all of them without a request: packets after a close, or of no connection at all'],
    ],
    [
      'a scan of ports',
      { top_sources: [source({ server_ports: '64+' })] },
      ['203.0.113.9 tried 64+ ports', 'from 203.0.113.9'],
    ],
    [
      'a sweep of interfaces from inside',
      { top_sources: [source({ inside: true, interfaces: '30' })] },
      ['203.0.113.9 (inside) tried 30 interfaces', 'from 203.0.113.9 (inside)'],
    ],
    [
      'nine ports and nine interfaces, which are no scan',
      { top_sources: [source({ server_ports: '9', interfaces: '9' }), source({ address: '203.0.113.10' })] },
      ['from 203.0.113.9 and at least 1 other'],
    ],
    [
      'Block Public Access',
      { reject_reasons: [{ reason: 'BPA', flows: 1 }] },
      ['refused by VPC Block Public Access'],
    ],
    ['a reason that is not known yet', { reject_reasons: [{ reason: 'ZZ', flows: 1 }] }, ['reason ZZ']],
    ['nothing', {}, []],
  ])('%s', (_, evidence, texts) => {
    expect(describeEvidence({ ...REJECT, ...evidence })).toEqual(texts);
  });
});

test('lost log data and lost packets are told with their amount and cause', () => {
  expect(describeEvidence({ ...REJECT, kind: 'SKIPDATA', flows: 2, skipped_seconds: 118 })).toEqual([
    'AWS lost records of 2 intervals, 118 seconds together',
  ]);
  expect(
    describeEvidence({
      ...REJECT,
      kind: 'PACKET_LOSS',
      cause: 'blackhole',
      packets: 1300,
      top_sources: [source({ address: '10.1.0.5' })],
      top_destinations: [{ address: '10.2.0.9', flows: 1, error: 0 }],
    }),
  ).toEqual([
    '1,300 packets lost: a blackhole route dropped them',
    'most flows from 10.1.0.5',
    'most flows to 10.2.0.9',
  ]);
});
