import { expect, test } from 'vitest';
import { FIVE_O_CLOCK, flow, type LakeRecord } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';
import { objectOf } from './flow-log-object.ts';

const { plant, ask } = lakeForEachTest();

const four = (fields: LakeRecord = {}) => flow({ dstaddr: '203.0.113.9', ...fields });
const six = (fields: LakeRecord = {}) =>
  flow({ srcaddr: '2001:db8:1::1', dstaddr: '2600:9000::1', flow_direction: 'egress', ...fields });

/** Whether with the internet, flows and bytes of IPv4, flows and bytes of IPv6, of each row. */
async function versions(): Promise<unknown[]> {
  const rows = await ask('ip-versions');
  return rows.map((row) => [
    row.with_internet,
    row.ipv4_flows,
    row.ipv4_bytes,
    row.ipv6_flows,
    row.ipv6_bytes,
  ]);
}

test('counts flows and bytes of both versions, with the internet and elsewhere, the latest day first', async () => {
  await plant([
    four({ bytes: 60 }),
    four({ bytes: 15, srcport: 40_001 }),
    // The same flow in its next interval.
    four({ bytes: 15, start: FIVE_O_CLOCK + 60 }),
    six({ bytes: 30 }),
    flow({ bytes: 1000 }),
    four({ bytes: 7, start: FIVE_O_CLOCK + 86_400 }),
    four({ bytes: 9000, action: 'REJECT' }),
  ]);
  expect(await ask('ip-versions')).toEqual([
    {
      day: '2026-11-21',
      with_internet: true,
      ipv4_flows: 1,
      ipv6_flows: 0,
      ipv4_bytes: 7,
      ipv6_bytes: 0,
      ipv6_percent: 0,
    },
    {
      day: '2026-11-20',
      with_internet: true,
      ipv4_flows: 2,
      ipv6_flows: 1,
      ipv4_bytes: 90,
      ipv6_bytes: 30,
      ipv6_percent: 25,
    },
    {
      day: '2026-11-20',
      with_internet: false,
      ipv4_flows: 1,
      ipv6_flows: 0,
      ipv4_bytes: 1000,
      ipv6_bytes: 0,
      ipv6_percent: 0,
    },
  ]);
});

test('what both ends and two flow logs record counts once', async () => {
  const records = [
    flow({ interface_id: 'eni-1', flow_direction: 'egress' }),
    flow({ interface_id: 'eni-2', flow_direction: 'ingress' }),
  ];
  await plant(records, objectOf('fl-0a'));
  await plant(records, objectOf('fl-0b'));
  expect(await versions()).toEqual([[false, 1, 100, 0, 0]]);
});

test.each<[string, LakeRecord[]]>([
  ['the route', [six({ traffic_path: 1 })]],
  ['being observed at both ends', [six(), six({ interface_id: 'eni-b', flow_direction: 'ingress' })]],
])('%s tells that IPv6 stays inside', async (_, records) => {
  await plant(records);
  expect(await versions()).toEqual([[false, 0, 0, 1, 100]]);
});

test('a NAT gateway adds nothing of its own', async () => {
  const far = '203.0.113.9';
  const nat = { interface_id: 'eni-nat', interface_type: 'nat_gateway' };
  await plant([
    four(),
    four({ ...nat, dstaddr: '10.0.0.220', pkt_srcaddr: '10.0.0.1', pkt_dstaddr: far }),
    four({ ...nat, srcaddr: '10.0.0.220', srcport: 1025 }),
  ]);
  expect(await versions()).toEqual([[true, 1, 100, 0, 0]]);
});

test('is empty when nothing got through', async () => {
  await plant([four({ action: 'REJECT' })]);
  expect(await versions()).toEqual([]);
});
