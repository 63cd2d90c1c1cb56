import { expect, test } from 'vitest';
import { FIVE_O_CLOCK, flow, type LakeRecord } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';
import { objectOf } from './flow-log-object.ts';

const { plant, ask } = lakeForEachTest();

async function mix(): Promise<unknown[]> {
  return (await ask('protocol-mix')).map((row) => [row.protocol, row.service, row.bytes]);
}

test('adds up bytes by protocol and service with their share, the most first', async () => {
  await plant([
    flow({ bytes: 40 }),
    flow({ srcaddr: '10.0.0.2', dstaddr: '10.0.0.1', srcport: 443, dstport: 40_000, bytes: 20, packets: 2 }),
    flow({ protocol: 17, dstport: 53, bytes: 30 }),
    flow({ protocol: 1, srcport: 0, dstport: 0, bytes: 10 }),
    flow({ bytes: 9000, action: 'REJECT' }),
  ]);
  const rows = await ask('protocol-mix');
  expect(rows[0]).toEqual({
    protocol: 'tcp',
    service: 'https',
    bytes: 60,
    packets: 3,
    sources: 2,
    percent: 60,
  });
  expect(await mix()).toEqual([
    ['tcp', 'https', 60],
    ['udp', 'dns', 30],
    ['icmp', null, 10],
  ]);
});

test.each<[string, LakeRecord, LakeRecord]>([
  ['with flow-direction', { flow_direction: 'egress' }, { flow_direction: 'ingress' }],
  ['in the default format', {}, {}],
])('what both ends record counts once %s, also in two hours', async (_, egress, ingress) => {
  await plant([
    flow({ interface_id: 'eni-1', ...egress, bytes: 100 }),
    flow({ interface_id: 'eni-2', ...ingress, bytes: 60 }),
    flow({ interface_id: 'eni-2', ...ingress, bytes: 40, start: FIVE_O_CLOCK + 3600 }),
  ]);
  expect(await mix()).toEqual([['tcp', 'https', 100]]);
});

test('what only the target records counts there, and two flow logs count once', async () => {
  const record = flow({ srcaddr: '203.0.113.9', bytes: 5 });
  await plant([record], objectOf('fl-0a'));
  await plant([record], objectOf('fl-0b'));
  expect(await mix()).toEqual([['tcp', 'https', 5]]);
});

test('a NAT gateway adds nothing of its own', async () => {
  const nat = { interface_id: 'eni-nat', interface_type: 'nat_gateway' };
  const far = '203.0.113.5';
  await plant([
    flow({ dstaddr: far, pkt_srcaddr: '10.0.0.1', pkt_dstaddr: far, flow_direction: 'egress' }),
    flow({ ...nat, dstaddr: '10.0.0.220', pkt_srcaddr: '10.0.0.1', pkt_dstaddr: far }),
    flow({ ...nat, srcaddr: '10.0.0.220', dstaddr: far, pkt_srcaddr: '10.0.0.220', pkt_dstaddr: far }),
  ]);
  expect(await mix()).toEqual([['tcp', 'https', 100]]);
});

test('is empty when nothing got through', async () => {
  await plant([flow({ action: 'REJECT' })]);
  expect(await ask('protocol-mix')).toEqual([]);
});
