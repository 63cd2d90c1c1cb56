import { expect, test } from 'vitest';
import { FIVE_O_CLOCK, flow } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';

const { plant, ask } = lakeForEachTest();
const params = { address: '10.0.0.1' };
const at = (interface_id: string, flow_direction: string) => ({ interface_id, flow_direction });

test('what an address sent and received counts once, although both ends record it, the largest peer first', async () => {
  const there = { srcaddr: '10.0.0.1', dstaddr: '10.0.0.2', bytes: 100, packets: 2 };
  const back = { srcaddr: '10.0.0.2', dstaddr: '10.0.0.1', bytes: 7, packets: 1 };
  await plant([
    flow({ ...there, ...at('eni-1', 'egress') }),
    flow({ ...there, ...at('eni-2', 'ingress') }),
    flow({ ...back, ...at('eni-2', 'egress') }),
    flow({ ...back, ...at('eni-1', 'ingress') }),
    flow({ ...there, ...at('eni-1', 'egress'), dstaddr: '203.0.113.9', bytes: 500 }),
    flow({ ...there, ...at('eni-1', 'egress'), start: FIVE_O_CLOCK + 86_400 }),
    flow({ ...there, ...at('eni-1', 'egress'), action: 'REJECT', bytes: 9000 }),
  ]);
  expect(await ask('bytes-from-address', { params })).toEqual([
    {
      destination: '203.0.113.9',
      bytes: 500,
      packets: 2,
      days: 1,
      first_day: '2026-11-20',
      last_day: '2026-11-20',
    },
    {
      destination: '10.0.0.2',
      bytes: 200,
      packets: 4,
      days: 2,
      first_day: '2026-11-20',
      last_day: '2026-11-21',
    },
  ]);
  expect(await ask('bytes-to-address', { params })).toMatchObject([{ source: '10.0.0.2', bytes: 7 }]);
});

test.each(['bytes-from-address', 'bytes-to-address'])(
  '%s says nothing about an unknown address',
  async (name) => {
    await plant([flow({})]);
    expect(await ask(name, { params: { address: '10.9.9.9' } })).toEqual([]);
  },
);
