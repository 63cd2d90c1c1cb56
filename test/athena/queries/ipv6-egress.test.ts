import { expect, test } from 'vitest';
import { FIVE_O_CLOCK, flow } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';
import { objectOf } from './flow-log-object.ts';

const { plant, ask } = lakeForEachTest();
const out = {
  srcaddr: '2001:db8:1:1::5',
  dstaddr: '2600:9000::1',
  flow_direction: 'egress',
  traffic_path: 8,
};
const back = {
  srcaddr: out.dstaddr,
  dstaddr: out.srcaddr,
  srcport: 443,
  dstport: 40_000,
  flow_direction: 'ingress',
};

test('shows hosts that leave over IPv6 with what they sent and got, the most sent first', async () => {
  await plant([
    flow({ ...out, bytes: 100 }),
    flow({ ...back, bytes: 900 }),
    flow({ ...out, dstaddr: '2600:9000::2', bytes: 300, end: FIVE_O_CLOCK + 90 }),
    flow({ ...out, srcaddr: '2001:db8:1:1::6', bytes: 1000 }),
    flow({ ...out, srcaddr: '2001:db8:1:1::7', action: 'REJECT' }),
  ]);
  expect(await ask('ipv6-egress')).toEqual([
    expect.objectContaining({ client: '2001:db8:1:1::6', servers: 1, bytes_sent: 1000, bytes_received: 0 }),
    {
      client: '2001:db8:1:1::5',
      servers: 2,
      bytes_sent: 400,
      bytes_received: 900,
      largest_server: '2600:9000::2',
      first_seen: '2026-11-20T05:00:00Z',
      last_seen: '2026-11-20T05:01:30Z',
    },
  ]);
});

test('two flow logs over one interface count once', async () => {
  const both = [flow(out), flow({ ...back, bytes: 900 })];
  await plant(both, objectOf('fl-0a'));
  await plant(both, objectOf('fl-0b'));
  expect(await ask('ipv6-egress')).toMatchObject([{ bytes_sent: 100, bytes_received: 900 }]);
});

test.each([
  ['IPv4', { srcaddr: '10.0.0.1', dstaddr: '203.0.113.9' }],
  ['IPv6 inside the VPC', { dstaddr: '2001:db8:1:2::9', traffic_path: 1 }],
  ['what the internet asked for', { srcport: 443, dstport: 50_000, tcp_flags: 18 }],
])('leaves out %s', async (_, fields) => {
  await plant([flow({ ...out, ...fields })]);
  expect(await ask('ipv6-egress')).toEqual([]);
});
