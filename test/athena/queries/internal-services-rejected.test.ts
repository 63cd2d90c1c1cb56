import { expect, test } from 'vitest';
import { FIVE_O_CLOCK, flow } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';

const { plant, ask } = lakeForEachTest();
const refused = { action: 'REJECT', dstport: 5432 };

test('shows pairs and ports that were refused, and whether they were ever let through', async () => {
  await plant([
    flow(refused),
    flow({ ...refused, srcport: 40_001, interface_id: 'eni-b', start: FIVE_O_CLOCK + 5 }),
    flow({ dstport: 5432, srcport: 40_002 }),
    flow({ ...refused, srcaddr: '10.0.0.3', dstport: 6379 }),
    flow({ dstport: 22 }),
  ]);
  expect(await ask('internal-services-rejected')).toEqual([
    {
      client: '10.0.0.1',
      server: '10.0.0.2',
      port: 5432,
      protocol: 'tcp',
      service: 'postgresql',
      rejected: 2,
      accepted: 1,
      rejected_at: 'eni-a eni-b',
      first_rejected: '2026-11-20T05:00:00Z',
      last_rejected: '2026-11-20T05:01:00Z',
    },
    expect.objectContaining({ client: '10.0.0.3', service: 'redis', rejected: 1, accepted: 0 }),
  ]);
});

test.each([
  ['clients on the internet', { srcaddr: '203.0.113.9' }],
  ['servers on the internet', { dstaddr: '203.0.113.9' }],
  ['late packets', { tcp_flags: 1 }],
  ['refused replies', { srcport: 5432, dstport: 40_000, tcp_flags: 18 }],
])('leaves out %s', async (_, fields) => {
  await plant([flow({ ...refused, ...fields })]);
  expect(await ask('internal-services-rejected')).toEqual([]);
});

test('a network narrows the list', async () => {
  await plant([flow(refused)]);
  expect(await ask('internal-services-rejected', { params: { network: '10.0.0.2/32' } })).toHaveLength(1);
  expect(await ask('internal-services-rejected', { params: { network: '10.0.0.3/32' } })).toEqual([]);
});
