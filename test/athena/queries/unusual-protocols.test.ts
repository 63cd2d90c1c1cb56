import { expect, test } from 'vitest';
import { FIVE_O_CLOCK, flow } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';

const { plant, ask } = lakeForEachTest();
const portless = { srcport: 0, dstport: 0 };

test('shows protocols besides TCP, UDP and ICMP by pair, those let through first', async () => {
  await plant([
    flow({ ...portless, protocol: 47, bytes: 10, packets: 1 }),
    flow({ ...portless, protocol: 47, bytes: 20, packets: 2, end: FIVE_O_CLOCK + 90 }),
    flow({ ...portless, protocol: 47, bytes: 30, packets: 3, interface_id: 'eni-b' }),
    flow({ ...portless, protocol: 200, action: 'REJECT' }),
    ...[1, 6, 17, 58].map((protocol) => flow({ protocol })),
  ]);
  expect(await ask('unusual-protocols')).toEqual([
    {
      protocol: 47,
      protocol_name: 'gre',
      source: '10.0.0.1',
      destination: '10.0.0.2',
      accepted_records: 2,
      rejected_records: 0,
      packets: 3,
      bytes: 30,
      first_seen: '2026-11-20T05:00:00Z',
      last_seen: '2026-11-20T05:01:30Z',
    },
    expect.objectContaining({
      protocol: 200,
      protocol_name: '200',
      accepted_records: 0,
      rejected_records: 1,
    }),
  ]);
});

test('is empty when all is ordinary', async () => {
  await plant([flow({})]);
  expect(await ask('unusual-protocols')).toEqual([]);
});
