import { expect, test } from 'vitest';
import { FIVE_O_CLOCK, flow, type LakeRecord } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';

const { plant, ask } = lakeForEachTest();

function ports(count: number, record: (index: number) => LakeRecord): LakeRecord[] {
  return Array.from({ length: count }, (_, index) => flow(record(index)));
}

test('finds a source that tries many ports of one target, and which of them were refused', async () => {
  await plant([
    ...ports(12, (index) => ({
      srcaddr: '203.0.113.7',
      dstaddr: '10.0.0.2',
      dstport: 20 + index,
      action: index === 2 ? 'ACCEPT' : 'REJECT',
      start: FIVE_O_CLOCK + index,
    })),
    ...ports(9, (index) => ({ srcaddr: '203.0.113.8', dstport: 100 + index })),
  ]);
  expect(await ask('port-scan')).toEqual([
    {
      source: '203.0.113.7',
      target: '10.0.0.2',
      ports_in_an_hour: 12,
      rejected_ports: 11,
      lowest_ports: '20 21 22 23 24 25 26 27 28 29',
      hours: 1,
      first_seen: '2026-11-20T05:00:00Z',
      last_seen: '2026-11-20T05:01:00Z',
    },
  ]);
  expect(await ask('port-scan', { params: { min_ports: '9' } })).toHaveLength(2);
});

test('the widest scan comes first, with its busiest hour', async () => {
  await plant([
    ...ports(10, (index) => ({ srcaddr: '203.0.113.1', dstport: index + 1 })),
    ...ports(15, (index) => ({ srcaddr: '203.0.113.2', dstport: index + 1 })),
    ...ports(11, (index) => ({ srcaddr: '203.0.113.2', dstport: index + 100, start: FIVE_O_CLOCK + 7200 })),
  ]);
  expect(await ask('port-scan')).toMatchObject([
    { source: '203.0.113.2', ports_in_an_hour: 15, hours: 2, lowest_ports: '1 2 3 4 5 6 7 8 9 10' },
    { source: '203.0.113.1', ports_in_an_hour: 10, hours: 1 },
  ]);
});

test.each<[string, (index: number) => LakeRecord]>([
  ['the replies of a web server to its client', (index) => ({ srcport: 443, dstport: 2000 + index })],
  ['the replies of a database to its client', (index) => ({ srcport: 5432, dstport: 40_000 + index })],
  ['replies with SYN-ACK', (index) => ({ srcport: 50_000, dstport: 2000 + index, tcp_flags: 18 })],
  ['connections that were open already', (index) => ({ dstport: 2000 + index, tcp_flags: 0 })],
  ['long transfers without TCP flags', (index) => ({ dstport: 2000 + index, packets: 500 })],
  ['many connections to one port', (index) => ({ srcport: 40_000 + index, dstport: 443 })],
  ['many targets with one port each', (index) => ({ dstaddr: `10.0.1.${index}`, dstport: 2000 + index })],
  ['pings', () => ({ srcport: 0, dstport: 0, protocol: 1 })],
  ['ports over several hours', (index) => ({ dstport: index + 1, start: FIVE_O_CLOCK + index * 900 })],
])('does not take %s for a scan', async (_, record) => {
  await plant(ports(30, record));
  expect(await ask('port-scan')).toEqual([]);
});

test('finds SYN scans to high ports from a low one, over IPv6, and UDP scans', async () => {
  await plant([
    ...ports(10, (index) => ({
      srcaddr: '2001:db8::9',
      dstaddr: '2001:db8::1',
      srcport: 53,
      dstport: 40_000 + index,
      tcp_flags: 2,
    })),
    ...ports(10, (index) => ({
      srcaddr: '203.0.113.2',
      srcport: 51_000,
      dstport: 100 + index,
      protocol: 17,
    })),
  ]);
  expect(await ask('port-scan')).toMatchObject([{ source: '2001:db8::9' }, { source: '203.0.113.2' }]);
});
