import { expect, test } from 'vitest';
import { describeEvidence } from '../../../shared/findings/describe.ts';
import type { Finding } from '../../../shared/findings/finding.ts';
import { type MergedFinding, mergeInto } from '../../../shared/findings/merge.ts';

const FIRST: Finding = {
  kind: 'REJECT',
  path: 'internet-to-subnet',
  aws_account_id: '123456789010',
  aws_region: 'eu-west-1',
  resource_id: 'eni-1',
  first_time: 100,
  last_time: 200,
  flows: 3,
  packets: 30,
  refused_requests: 3,
  top_sources: [
    { address: 'a', flows: 2, error: 0, server_ports: '2', destinations: '1', interfaces: '64+' },
    { address: 'b', flows: 1, error: 0, server_ports: '1', destinations: '1', interfaces: '1' },
  ],
  top_destinations: [{ address: 'x', flows: 3, error: 0 }],
  top_server_ports: [
    {
      protocol: 6,
      port: 22,
      side: 'own',
      rejected_flows: 3,
      error: 0,
      accepted_flows: 1,
      refused_requests: 3,
      refused_replies: 0,
      late_packets: 0,
      clients: '2',
      servers: '1',
      server: 'x',
    },
  ],
  samples: ['one'],
  source: 's3://raw/1',
};

const SECOND: Finding = {
  ...FIRST,
  first_time: 50,
  last_time: 150,
  flows: 4,
  packets: 5,
  top_sources: [
    { address: 'b', flows: 4, error: 1, server_ports: '64+', destinations: '3', interfaces: '9' },
  ],
  top_server_ports: [{ ...FIRST.top_server_ports![0]!, server: 'y', clients: '64+' }],
  samples: ['two'],
  source: 's3://raw/2',
};

function merged(...findings: Finding[]): MergedFinding[] {
  const all = new Map<string, MergedFinding>();
  for (const finding of findings) mergeInto(all, finding);
  return [...all.values()];
}

test('findings of the same resource and path in two objects are added up', () => {
  const [sum, ...others] = merged(FIRST, SECOND);
  expect(others).toEqual([]);
  expect(sum).toMatchObject({ first_time: 50, last_time: 200, flows: 7, packets: 35, refused_requests: 6 });
  expect(sum?.top_sources).toEqual([
    { address: 'b', flows: 5, error: 1, server_ports: '64+', destinations: '3', interfaces: '9' },
    { address: 'a', flows: 2, error: 0, server_ports: '2', destinations: '1', interfaces: '64+' },
  ]);
  expect(sum?.top_destinations).toEqual([{ address: 'x', flows: 6, error: 0 }]);
  const { server, ...port } = sum!.top_server_ports![0]!;
  expect(server).toBeUndefined();
  expect(port).toMatchObject({ rejected_flows: 6, accepted_flows: 2, clients: '64+' });
});

test.each<[string, Partial<Finding>]>([
  ['resource', { resource_id: 'eni-2' }],
  ['path', { path: 'subnet-to-subnet' }],
  ['account', { aws_account_id: '210987654321' }],
  ['Region', { aws_region: 'us-east-1' }],
  ['kind', { kind: 'SKIPDATA' }],
])('another %s is another finding', (_, other) => {
  expect(merged(FIRST, { ...FIRST, ...other })).toHaveLength(2);
});

test('counts by protocol, direction and reason are added up', () => {
  const a = {
    ...FIRST,
    reject_reasons: [{ reason: 'BPA', flows: 2 }],
    protocols: [{ protocol: 6, flows: 3 }],
  };
  const b = {
    ...SECOND,
    reject_reasons: [{ reason: 'EC', flows: 1 }],
    protocols: [{ protocol: 6, flows: 4 }],
  };
  expect(merged(a, b, b)[0]).toMatchObject({
    reject_reasons: [
      { reason: 'BPA', flows: 2 },
      { reason: 'EC', flows: 2 },
    ],
    protocols: [{ protocol: 6, flows: 11 }],
  });
});

test('what one object showed is told although the evidence of all together would not show it', () => {
  const scan = {
    ...FIRST,
    top_sources: [{ ...FIRST.top_sources![0]!, inside: true, flows: 20, server_ports: '20' }],
  };
  const [sum] = merged(...Array.from({ length: 6 }, () => scan), FIRST);
  expect(sum).toMatchObject({ severity: 'critical' });
  expect(sum?.meanings?.[0]).toBe('port-scan');
  expect(describeEvidence(sum!, sum!.told)[0]).toBe('port scan (critical): a (inside) tried 20 ports');
});

test('of a meaning that is more severe in one object than in another the severe one counts', () => {
  const tries = (inside: boolean, flows: number): Finding => ({
    ...FIRST,
    top_sources: [{ ...FIRST.top_sources![0]!, inside, flows, server_ports: '64+' }],
  });
  const one = merged(tries(false, 90), tries(true, 20))[0];
  const other = merged(tries(true, 20), tries(false, 90))[0];
  expect([one?.severity, other?.severity]).toEqual(['critical', 'critical']);
  expect(one?.meanings).toEqual(other?.meanings);
});

test('counters that neither has stay away', () => {
  expect(merged(FIRST, SECOND)[0]).not.toHaveProperty('bytes');
  expect(merged(FIRST, { ...SECOND, bytes: 9 })[0]).toMatchObject({ bytes: 9 });
});
