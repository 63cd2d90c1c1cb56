import { expect, test } from 'vitest';
import { flow, type LakeRecord } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';

const { plant, ask } = lakeForEachTest();

function refused(fields: LakeRecord = {}): LakeRecord {
  const record = { srcaddr: '203.0.113.9', action: 'REJECT', vpc_id: 'vpc-1', flow_direction: 'ingress' };
  return flow({ ...record, ...fields });
}

test('counts refused flows by reason, the most frequent first', async () => {
  const { bytes: _, ...blocked } = refused({ reject_reason: 'BPA', packets: 2 });
  await plant([
    blocked,
    { ...blocked, srcaddr: '198.51.100.7' },
    refused({ reject_reason: 'EC', packets: 5 }),
    refused(),
    refused({ action: 'ACCEPT' }),
  ]);
  const rows = await ask('reject-reasons');
  expect(rows[0]).toEqual({
    reason: 'VPC Block Public Access',
    aws_account_id: '123456789010',
    aws_region: 'eu-west-1',
    vpc_id: 'vpc-1',
    path: 'internet-to-subnet',
    direction: 'ingress',
    flows: 2,
    packets: 4,
    sources: 2,
    destinations: 1,
    interfaces: 1,
    first_seen: '2026-11-20T05:00:00Z',
    last_seen: '2026-11-20T05:01:00Z',
  });
  expect(rows.map((row) => [row.reason, row.flows])).toEqual([
    ['VPC Block Public Access', 2],
    ['VPC encryption controls', 1],
    ['not given', 1],
  ]);
});

test('a reason that AWS adds later is shown as it is, and nothing refused is no row', async () => {
  await plant([refused({ reject_reason: 'NEW' }), flow({ vpc_id: 'vpc-1' })]);
  expect(await ask('reject-reasons')).toMatchObject([{ reason: 'NEW', flows: 1 }]);
  expect(await ask('reject-reasons', { since: '2026-12-01' })).toEqual([]);
});
