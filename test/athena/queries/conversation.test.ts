import { expect, test } from 'vitest';
import { FIVE_O_CLOCK, flow } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';

const { plant, ask } = lakeForEachTest();
const ends = { source: '10.0.0.1', destination: '10.0.0.2' };

test('shows both directions in order of time, and nobody else', async () => {
  await plant([
    flow({
      srcaddr: '10.0.0.2',
      dstaddr: '10.0.0.1',
      srcport: 443,
      dstport: 40_000,
      start: FIVE_O_CLOCK + 5,
      bytes: 9,
    }),
    flow({ srcaddr: '10.0.0.1', dstaddr: '10.0.0.2', start: FIVE_O_CLOCK + 1, tcp_flags: 2 }),
    flow({ srcaddr: '10.0.0.1', dstaddr: '10.0.0.3' }),
    flow({ srcaddr: '10.0.0.1', dstaddr: '10.0.0.1' }),
  ]);
  expect(await ask('conversation', { params: ends })).toEqual([
    {
      start_time: '2026-11-20T05:00:01Z',
      end_time: '2026-11-20T05:01:00Z',
      interface_id: 'eni-a',
      source: '10.0.0.1',
      srcport: 40_000,
      destination: '10.0.0.2',
      dstport: 443,
      protocol: 6,
      action: 'ACCEPT',
      tcp_flags: 2,
      packets: 1,
      bytes: 100,
    },
    expect.objectContaining({ source: '10.0.0.2', srcport: 443, bytes: 9 }),
  ]);
});

test('finds the true ends behind a NAT gateway', async () => {
  await plant([
    flow({ srcaddr: '10.0.0.1', dstaddr: '10.0.0.220', pkt_srcaddr: '10.0.0.1', pkt_dstaddr: '10.0.0.2' }),
  ]);
  expect(await ask('conversation', { params: ends })).toMatchObject([
    { source: '10.0.0.1', destination: '10.0.0.2' },
  ]);
});

test('takes IPv6 addresses in any spelling', async () => {
  await plant([flow({ srcaddr: '2001:db8::1', dstaddr: '2001:db8::2' })]);
  const params = { source: '2001:0DB8:0::0002', destination: '2001:db8:0:0:0:0:0:1' };
  expect(await ask('conversation', { params })).toHaveLength(1);
});

test('a port narrows to records that have it at either end', async () => {
  await plant([
    flow({ dstport: 22 }),
    flow({ dstport: 443, start: FIVE_O_CLOCK + 1 }),
    flow({
      srcaddr: '10.0.0.2',
      dstaddr: '10.0.0.1',
      srcport: 443,
      dstport: 40_000,
      start: FIVE_O_CLOCK + 2,
    }),
  ]);
  const rows = await ask('conversation', { params: { ...ends, port: '443' } });
  expect(rows.map((row) => [row.srcport, row.dstport])).toEqual([
    [40_000, 443],
    [443, 40_000],
  ]);
});

test('a time range is exact to the second, also across midnight', async () => {
  const midnight = Date.UTC(2026, 10, 21) / 1000;
  await plant(
    [-7200, -61, -60, 0, 59, 60, 7200].map((offset) => flow({ start: midnight + offset, bytes: offset })),
  );
  const rows = await ask('conversation', {
    params: ends,
    since: '2026-11-20T23:59',
    until: '2026-11-21T00:01',
  });
  expect(rows.map((row) => row.bytes)).toEqual([-60, 0, 59]);
});

test('says nothing about addresses that never spoke', async () => {
  await plant([flow({})]);
  expect(await ask('conversation', { params: { ...ends, destination: '10.9.9.9' } })).toEqual([]);
});
