import { expect, test } from 'vitest';
import { FIVE_O_CLOCK, flow } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';

const { plant, ask } = lakeForEachTest();

test('adds up both families by day, the latest first, what both ends record once', async () => {
  const six = { srcaddr: '2001:db8::1', dstaddr: '2001:db8::2', bytes: 30, packets: 3 };
  await plant([
    flow({ ...six, interface_id: 'eni-1', flow_direction: 'egress' }),
    flow({ ...six, interface_id: 'eni-2', flow_direction: 'ingress' }),
    flow({ dstaddr: '203.0.113.9', bytes: 100, packets: 4 }),
    flow({ dstaddr: '203.0.113.9', bytes: 7, start: FIVE_O_CLOCK + 86_400 }),
    flow({ ...six, action: 'REJECT', bytes: 9000 }),
  ]);
  expect(await ask('ipv6-bytes')).toEqual([
    { day: '2026-11-21', ipv4_bytes: 7, ipv6_bytes: 0, ipv4_packets: 1, ipv6_packets: 0 },
    { day: '2026-11-20', ipv4_bytes: 100, ipv6_bytes: 30, ipv4_packets: 4, ipv6_packets: 3 },
  ]);
});

test('says nothing when nothing got through', async () => {
  await plant([flow({ action: 'REJECT' })]);
  expect(await ask('ipv6-bytes')).toEqual([]);
});
