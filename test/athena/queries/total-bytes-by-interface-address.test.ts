import { expect, test } from 'vitest';
import { FIVE_O_CLOCK, flow, type LakeRecord } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';
import { objectOf } from './flow-log-object.ts';

const { plant, ask } = lakeForEachTest();

/** `source > destination: bytes` of each row. */
async function pairs(params: Record<string, string> = {}): Promise<string[]> {
  const rows = await ask('total-bytes-by-interface-address', { params });
  return rows.map((row) => `${row.srcaddr} > ${row.dstaddr}: ${row.bytes}`);
}

test('adds up each direction over days, the most first', async () => {
  await plant([
    flow({ bytes: 10, packets: 2 }),
    flow({ bytes: 5, start: FIVE_O_CLOCK + 86_400 }),
    flow({ srcaddr: '10.0.0.2', dstaddr: '10.0.0.1', bytes: 70 }),
    flow({ bytes: 9000, action: 'REJECT' }),
  ]);
  expect(await ask('total-bytes-by-interface-address')).toEqual([
    { srcaddr: '10.0.0.2', dstaddr: '10.0.0.1', bytes: 70, packets: 1, days: 1 },
    { srcaddr: '10.0.0.1', dstaddr: '10.0.0.2', bytes: 15, packets: 3, days: 2 },
  ]);
});

test('the records of a NAT gateway are a row to it and one from it, whatever the true ends are', async () => {
  const far = '203.0.113.5';
  const nat = { interface_id: 'eni-nat', interface_type: 'nat_gateway', srcaddr: far };
  await plant([
    flow({ ...nat, dstaddr: '10.0.0.220', pkt_srcaddr: far, pkt_dstaddr: '10.0.0.220', bytes: 500 }),
    flow({
      ...nat,
      srcaddr: '10.0.0.220',
      dstaddr: '10.0.0.1',
      pkt_srcaddr: far,
      pkt_dstaddr: '10.0.0.1',
      bytes: 499,
    }),
  ]);
  expect(await pairs()).toEqual([`${far} > 10.0.0.220: 500`, '10.0.0.220 > 10.0.0.1: 499']);
});

test.each<[string, LakeRecord, LakeRecord]>([
  ['with flow-direction', { flow_direction: 'egress' }, { flow_direction: 'ingress' }],
  ['in the default format', {}, {}],
])('what both ends and two flow logs record counts once %s, hour by hour', async (_, egress, ingress) => {
  const nextHour = { start: FIVE_O_CLOCK + 3600, bytes: 11 };
  const records = [
    flow({ interface_id: 'eni-1', ...egress }),
    flow({ interface_id: 'eni-1', ...egress, ...nextHour }),
    flow({ interface_id: 'eni-2', ...ingress }),
    flow({ interface_id: 'eni-2', ...ingress, ...nextHour }),
  ];
  await plant(records, objectOf('fl-0a'));
  await plant(records, objectOf('fl-0b'));
  expect(await pairs()).toEqual(['10.0.0.1 > 10.0.0.2: 111']);
});

test('equal addresses in two VPCs add up', async () => {
  await plant([
    flow({ interface_id: 'eni-1', flow_direction: 'egress' }),
    flow({ interface_id: 'eni-other-vpc', flow_direction: 'egress' }),
  ]);
  expect(await pairs()).toEqual(['10.0.0.1 > 10.0.0.2: 200']);
});

test('a network narrows it to pairs with an end in it, and without traffic there is no row', async () => {
  await plant([flow({}), flow({ action: 'REJECT', dstaddr: '203.0.113.9' })]);
  expect(await pairs({ network: '10.0.0.2/32' })).toHaveLength(1);
  expect(await pairs({ network: '203.0.113.0/24' })).toEqual([]);
});
