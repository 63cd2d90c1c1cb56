import { expect, test } from 'vitest';
import { flow } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';

const { plant, ask } = lakeForEachTest();
const refused = { action: 'REJECT' };
const back = { ...refused, srcaddr: '10.0.0.2', dstaddr: '10.0.0.1', srcport: 443, dstport: 40_000 };

test('tells requests, replies and late packets apart, the most frequent first', async () => {
  await plant([
    flow({ ...refused, tcp_flags: 2 }),
    flow({ ...refused, tcp_flags: 2, srcport: 40_001, packets: 3 }),
    flow({ ...back, tcp_flags: 18, packets: 2 }),
    flow({ ...back, tcp_flags: 1 }),
    flow({ ...refused, protocol: 17 }),
    flow({ dstport: 22 }),
  ]);
  expect(await ask('rejected-tcp')).toEqual([
    {
      client: '10.0.0.1',
      server: '10.0.0.2',
      port: 443,
      service: 'https',
      refused: 'request',
      interface_id: 'eni-a',
      flows: 2,
      packets: 4,
      first_seen: '2026-11-20T05:00:00Z',
      last_seen: '2026-11-20T05:01:00Z',
    },
    expect.objectContaining({ client: '10.0.0.1', port: 443, refused: 'reply', packets: 2 }),
    expect.objectContaining({ client: '10.0.0.1', port: 443, refused: 'late packets', packets: 1 }),
  ]);
});

test('without TCP flags the ports tell requests from replies', async () => {
  await plant([flow({ ...refused, packets: 2 }), flow(back)]);
  expect((await ask('rejected-tcp')).map((row) => row.refused)).toEqual(['request', 'reply']);
});

test('a port narrows it, and nothing refused is no row', async () => {
  await plant([flow({ ...refused, dstport: 22 }), flow({})]);
  expect(await ask('rejected-tcp', { params: { port: '22' } })).toMatchObject([{ service: 'ssh' }]);
  expect(await ask('rejected-tcp', { params: { port: '443' } })).toEqual([]);
});
