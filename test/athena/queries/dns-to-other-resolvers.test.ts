import { expect, test } from 'vitest';
import { flow, type LakeRecord } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';
import { objectOf } from './flow-log-object.ts';

const { plant, ask } = lakeForEachTest();

function dns(resolver: string, fields: LakeRecord = {}): LakeRecord {
  return flow({ dstaddr: resolver, dstport: 53, protocol: 17, bytes: 70, ...fields });
}

test('shows who asks which resolver, what was sent and answered, the most sent first', async () => {
  const reply = { dstaddr: '10.0.0.1', srcaddr: '8.8.8.8', srcport: 53, dstport: 40_000 };
  await plant([
    dns('8.8.8.8'),
    dns('8.8.8.8', { srcport: 40_001 }),
    dns('10.0.0.1', { ...reply, bytes: 300 }),
    dns('10.9.0.2', { bytes: 500, interface_id: 'eni-1' }),
    dns('10.9.0.2', { bytes: 500, interface_id: 'eni-2' }),
    dns('1.1.1.1', { dstport: 853, protocol: 6, action: 'REJECT', bytes: 40 }),
    dns('1.1.1.1', { dstport: 443 }),
  ]);
  const rows = await ask('dns-to-other-resolvers');
  expect(rows.map((row) => [row.server, row.port, row.bytes_to_server, row.bytes_to_client])).toEqual([
    ['10.9.0.2', 53, 500, 0],
    ['8.8.8.8', 53, 140, 300],
    ['1.1.1.1', 853, 40, 0],
  ]);
  expect(rows[1]).toMatchObject({
    client: '10.0.0.1',
    protocol: 'udp',
    path: 'subnet-to-internet',
    request_records: 2,
    rejected_records: 0,
    first_seen: '2026-11-20T05:00:00Z',
    last_seen: '2026-11-20T05:01:00Z',
  });
  expect(rows[2]).toMatchObject({ protocol: 'tcp', rejected_records: 1 });
});

test('what two flow logs over one interface record counts once', async () => {
  const reply = dns('10.0.0.1', { srcaddr: '8.8.8.8', srcport: 53, dstport: 40_000, bytes: 300 });
  await plant([dns('8.8.8.8'), reply], objectOf('fl-0a'));
  await plant([dns('8.8.8.8'), reply], objectOf('fl-0b'));
  expect(await ask('dns-to-other-resolvers')).toMatchObject([
    { request_records: 1, bytes_to_server: 70, bytes_to_client: 300 },
  ]);
});

test('approved resolvers are left out, and nothing is left when all are approved', async () => {
  await plant([dns('8.8.8.8'), dns('8.8.4.4')]);
  expect(await ask('dns-to-other-resolvers', { params: { approved: '8.8.4.4' } })).toMatchObject([
    { server: '8.8.8.8' },
  ]);
  expect(await ask('dns-to-other-resolvers', { params: { approved: '8.8.8.8,8.8.4.4' } })).toEqual([]);
});
