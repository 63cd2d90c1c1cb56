import { expect, test } from 'vitest';
import { FIVE_O_CLOCK, flow } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';

const { plant, ask } = lakeForEachTest();
const back = {
  srcaddr: '10.0.0.2',
  dstaddr: '10.0.0.1',
  srcport: 443,
  dstport: 40_000,
  action: 'REJECT',
  packets: 3,
};

test('shows connections whose request was accepted and whose reply was not, the most frequent first', async () => {
  await plant([
    flow({}),
    flow({ ...back, end: FIVE_O_CLOCK + 90 }),
    flow({ srcport: 40_001 }),
    flow({ ...back, dstport: 40_001 }),
    flow({ dstport: 22 }),
    flow({ ...back, srcport: 22, packets: 9 }),
  ]);
  expect(await ask('replies-dropped')).toEqual([
    {
      client: '10.0.0.1',
      server: '10.0.0.2',
      port: 443,
      protocol: 'tcp',
      interface_id: 'eni-a',
      reply_direction: null,
      connections: 2,
      packets: 6,
      first_seen: '2026-11-20T05:00:00Z',
      last_seen: '2026-11-20T05:01:30Z',
    },
    expect.objectContaining({ port: 22, connections: 1, packets: 9 }),
  ]);
});

test("AWS's example: a ping comes in, and its reply may not leave", async () => {
  const ping = { protocol: 1, srcport: 0, dstport: 0, interface_id: 'eni-1235b8ca123456789' };
  await plant([
    flow({ ...ping, srcaddr: '203.0.113.12', dstaddr: '172.31.16.139' }),
    flow({ ...ping, srcaddr: '172.31.16.139', dstaddr: '203.0.113.12', action: 'REJECT' }),
  ]);
  expect(await ask('replies-dropped')).toMatchObject([
    {
      client: '203.0.113.12',
      server: '172.31.16.139',
      port: null,
      protocol: 'icmp',
      reply_direction: 'egress',
    },
  ]);
});

test.each([
  ['late packets after a close', [flow({ tcp_flags: 3 }), flow({ ...back, tcp_flags: 4 })]],
  ['replies that were let through, too', [flow({}), flow(back), flow({ ...back, action: 'ACCEPT' })]],
  ['replies at another interface', [flow({}), flow({ ...back, interface_id: 'eni-b' })]],
  ['refused requests', [flow({ action: 'REJECT' })]],
  ['another client port', [flow({}), flow({ ...back, dstport: 40_009 })]],
])('leaves out %s', async (_, records) => {
  await plant(records);
  expect(await ask('replies-dropped')).toEqual([]);
});

test('with TCP flags a refused SYN-ACK is a dropped reply, and a network narrows the list', async () => {
  await plant([flow({ tcp_flags: 2 }), flow({ ...back, tcp_flags: 18 })]);
  expect(await ask('replies-dropped', { params: { network: '10.0.0.0/24' } })).toHaveLength(1);
  expect(await ask('replies-dropped', { params: { network: '10.9.0.0/24' } })).toEqual([]);
});
