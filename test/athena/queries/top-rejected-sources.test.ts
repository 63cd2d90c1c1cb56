import { expect, test } from 'vitest';
import { FIVE_O_CLOCK, flow, type LakeRecord } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';
import { objectOf } from './flow-log-object.ts';

const { plant, ask } = lakeForEachTest();

const refused = (fields: LakeRecord = {}) =>
  flow({ srcaddr: '203.0.113.9', dstaddr: '10.0.0.2', dstport: 22, action: 'REJECT', ...fields });

test('finds who is refused most, with targets, ports and times', async () => {
  await plant([
    refused({ dstport: 3389, packets: 5 }),
    refused({ srcport: 40_001 }),
    refused({ srcport: 40_002, dstaddr: '10.0.0.3', start: FIVE_O_CLOCK + 3600, end: FIVE_O_CLOCK + 3700 }),
    refused({ srcaddr: '10.0.0.7', dstport: 5432, packets: 9 }),
    refused({ srcaddr: '10.0.0.7', srcport: 40_001, dstport: 5432, packets: 9 }),
    refused({ srcaddr: '10.0.0.8', dstaddr: '198.51.100.1' }),
  ]);
  expect(await ask('top-rejected-sources')).toEqual([
    {
      source: '203.0.113.9',
      source_place: 'internet',
      flows: 3,
      packets: 7,
      targets: 2,
      ports: 2,
      lowest_ports: '22 3389',
      first_seen: '2026-11-20T05:00:00Z',
      last_seen: '2026-11-20T06:01:40Z',
    },
    expect.objectContaining({ source: '10.0.0.7', source_place: 'inside', flows: 2, packets: 18, ports: 1 }),
    expect.objectContaining({ source: '10.0.0.8', source_place: 'inside', flows: 1 }),
  ]);
});

test('a refusal that two flow logs, or two interfaces, record counts once', async () => {
  const twice = [refused({ packets: 3 }), refused({ srcport: 40_001, packets: 3 })];
  await plant(twice, objectOf('fl-0a'));
  await plant(twice, objectOf('fl-0b'));
  await plant([refused({ interface_id: 'eni-b', packets: 3 })], objectOf('fl-0a', '2'));
  expect(await ask('top-rejected-sources')).toMatchObject([{ flows: 2, packets: 6, targets: 1, ports: 1 }]);
});

test('refusals of ICMP count, though they have no port', async () => {
  await plant([refused({ protocol: 1, srcport: 0, dstport: 0 })]);
  expect(await ask('top-rejected-sources')).toMatchObject([{ flows: 1, ports: 0, lowest_ports: null }]);
});

test('the true sender counts, not the NAT gateway between', async () => {
  await plant([refused({ srcaddr: '10.0.0.220', pkt_srcaddr: '203.0.113.9', pkt_dstaddr: '10.0.0.2' })]);
  expect(await ask('top-rejected-sources')).toMatchObject([{ source: '203.0.113.9' }]);
});

test.each([
  ['what was let through', flow({})],
  ['the refused reply of a service', refused({ srcport: 443, dstport: 40_000 })],
  ['a refused SYN-ACK', refused({ srcport: 40_000, dstport: 8080, tcp_flags: 18 })],
  ['an interface without traffic', flow({ action: '-', log_status: 'NODATA' })],
])('leaves out %s', async (_, record) => {
  await plant([record]);
  expect(await ask('top-rejected-sources')).toEqual([]);
});

test('a network and a time range narrow it', async () => {
  await plant([refused(), refused({ srcaddr: '10.0.0.7', start: FIVE_O_CLOCK + 7200 })]);
  const sources = async (question: Parameters<typeof ask>[1]) =>
    (await ask('top-rejected-sources', question)).map(({ source }) => source);
  expect(await sources({ params: { network: '10.0.0.0/8' } })).toEqual(['10.0.0.7']);
  expect(await sources({ until: '2026-11-20T06' })).toEqual(['203.0.113.9']);
});
