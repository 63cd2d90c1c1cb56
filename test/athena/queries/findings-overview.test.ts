import { expect, test } from 'vitest';
import { FIVE_O_CLOCK } from '../../local/lake-fixture.ts';
import { type ObjectRow, objectLakeForEachTest } from './object-lake.ts';

const { plant, ask } = objectLakeForEachTest();

function finding(fields: ObjectRow = {}): ObjectRow {
  return {
    kind: 'REJECT',
    path: 'internet-to-subnet',
    aws_account_id: '123456789010',
    resource_id: 'eni-1',
    first_time: FIVE_O_CLOCK,
    last_time: FIVE_O_CLOCK + 60,
    flows: 3,
    packets: 4,
    refused_requests: 3,
    refused_replies: 0,
    late_packets: 0,
    ...fields,
  };
}

test('adds findings up by kind and path or cause, the most flows first', async () => {
  await plant('findings', FIVE_O_CLOCK, [
    finding(),
    finding({ resource_id: 'eni-2', last_time: FIVE_O_CLOCK + 600 }),
    finding({ path: 'subnet-to-subnet', flows: 50 }),
    { kind: 'PACKET_LOSS', cause: 'blackhole', flows: 2, packets: 9, first_time: FIVE_O_CLOCK },
    { kind: 'SKIPDATA', flows: 1, skipped_seconds: 600, first_time: FIVE_O_CLOCK },
  ]);
  const rows = await ask('findings-overview');
  expect(rows.map((row) => [row.kind, row.path_or_cause, row.findings, row.flows, row.packets])).toEqual([
    ['REJECT', 'subnet-to-subnet', 1, 50, 4],
    ['REJECT', 'internet-to-subnet', 2, 6, 8],
    ['PACKET_LOSS', 'blackhole', 1, 2, 9],
    ['SKIPDATA', null, 1, 1, null],
  ]);
  expect(rows[1]).toMatchObject({
    resources: 2,
    accounts: 1,
    refused_requests: 6,
    first_seen: '2026-11-20T05:00:00Z',
    last_seen: '2026-11-20T05:10:00Z',
  });
  expect(rows[3]).toMatchObject({ skipped_seconds: 600 });
});

test('a time range is that of the flows, although the object came after midnight', async () => {
  const beforeMidnight = Date.UTC(2026, 10, 20, 23, 58) / 1000;
  await plant('findings', beforeMidnight + 420, [finding({ first_time: beforeMidnight })]);
  expect(await ask('findings-overview', { since: '2026-11-20T23:55', until: '2026-11-21' })).toHaveLength(1);
  expect(await ask('findings-overview', { since: '2026-11-21' })).toEqual([]);
});

test('two flow logs over one resource count its flows once', async () => {
  const source = (flowLog: string) =>
    `s3://raw/123456789010_vpcflowlogs_eu-west-1_${flowLog}_20261120T0500Z_fe.log.gz`;
  const rows = (flowLog: string) => [
    finding({ source: source(flowLog) }),
    finding({ source: source(flowLog), resource_id: 'eni-2' }),
    finding({ source: source(flowLog), resource_id: undefined, flows: 10 }),
  ];
  await plant('findings', FIVE_O_CLOCK, rows('fl-0a'));
  await plant('findings', FIVE_O_CLOCK, rows('fl-0b').slice(0, 2));
  expect(await ask('findings-overview')).toMatchObject([
    { findings: 5, resources: 2, flows: 16, packets: 12 },
  ]);
});
