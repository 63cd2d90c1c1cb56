import { expect, test } from 'vitest';
import { FIVE_O_CLOCK, flow } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';

const { plant, ask } = lakeForEachTest();

const UPLOAD = { srcaddr: '10.0.0.1', dstaddr: '203.0.113.9', bytes: 80_000_000, packets: 60_000 };

test('finds who sent how much to whom, the largest first', async () => {
  await plant([
    flow(UPLOAD),
    flow({ ...UPLOAD, start: FIVE_O_CLOCK + 60, end: FIVE_O_CLOCK + 120 }),
    flow({ srcaddr: '10.0.0.3', dstaddr: '198.51.100.7', bytes: 900_000_000 }),
    flow({ srcaddr: '10.0.0.4', dstaddr: '198.51.100.8', bytes: 99_999_999 }),
  ]);
  expect(await ask('large-egress')).toEqual([
    {
      source: '10.0.0.3',
      destination: '198.51.100.7',
      bytes: 900_000_000,
      packets: 1,
      first_seen: '2026-11-20T05:00:00Z',
      last_seen: '2026-11-20T05:01:00Z',
    },
    {
      source: '10.0.0.1',
      destination: '203.0.113.9',
      bytes: 160_000_000,
      packets: 120_000,
      first_seen: '2026-11-20T05:00:00Z',
      last_seen: '2026-11-20T05:02:00Z',
    },
  ]);
  expect(await ask('large-egress', { params: { min_megabytes: '500' } })).toHaveLength(1);
  // Beyond 32 and 64 bits.
  expect(await ask('large-egress', { params: { min_megabytes: '3000' } })).toEqual([]);
  expect(await ask('large-egress', { params: { min_megabytes: '9007199254740991' } })).toEqual([]);
});

test('a transfer through a NAT gateway counts once, for the instance', async () => {
  const ends = { pkt_srcaddr: '10.0.0.1', pkt_dstaddr: '203.0.113.9' };
  await plant([
    flow({ ...UPLOAD, ...ends, bytes: 200_000_000, traffic_path: 1 }),
    flow({ ...UPLOAD, ...ends, bytes: 200_000_000, interface_id: 'eni-nat', dstaddr: '10.0.0.220' }),
    flow({
      ...UPLOAD,
      srcaddr: '10.0.0.220',
      pkt_srcaddr: '10.0.0.220',
      pkt_dstaddr: '203.0.113.9',
      bytes: 200_000_000,
      interface_id: 'eni-nat',
      interface_type: 'nat_gateway',
    }),
  ]);
  expect(await ask('large-egress')).toMatchObject([{ source: '10.0.0.1', bytes: 200_000_000 }]);
});

test.each([
  ['what was refused', { action: 'REJECT' }],
  ['a download', { srcaddr: '203.0.113.9', dstaddr: '10.0.0.1' }],
  ['a private destination', { dstaddr: '192.168.4.4' }],
  ['a unique local IPv6 destination', { srcaddr: '2001:db8::1', dstaddr: 'fd00::1' }],
  ['traffic to a peered VPC', { traffic_path: 4 }],
  ['IPv6 that stays in the VPC', { srcaddr: '2001:db8::1', dstaddr: '2001:db8::2', traffic_path: 1 }],
])('leaves out %s', async (_, record) => {
  await plant([flow({ ...UPLOAD, bytes: 900_000_000, ...record })]);
  expect(await ask('large-egress')).toEqual([]);
});

test('IPv6 leaves the network, too', async () => {
  await plant([flow({ srcaddr: '2001:db8::1', dstaddr: '2600::9', bytes: 900_000_000, traffic_path: 8 })]);
  expect(await ask('large-egress')).toMatchObject([{ source: '2001:db8::1', destination: '2600::9' }]);
});
