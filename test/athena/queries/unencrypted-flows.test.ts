import { expect, test } from 'vitest';
import { FIVE_O_CLOCK, flow } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';

const { plant, ask } = lakeForEachTest();
const plain = { dstport: 80, encryption_status: 0 };
const back = { srcaddr: '10.0.0.2', dstaddr: '10.0.0.1', srcport: 80, dstport: 40_000, encryption_status: 0 };

test('adds up both directions of a connection, the largest first, what both ends record once', async () => {
  await plant([
    flow({ ...plain, bytes: 10 }),
    flow({ ...back, bytes: 90, packets: 2, end: FIVE_O_CLOCK + 90 }),
    flow({ ...plain, bytes: 10, interface_id: 'eni-b' }),
    flow({ ...back, bytes: 90, packets: 2, interface_id: 'eni-b' }),
    flow({ ...plain, dstport: 389, bytes: 500 }),
  ]);
  expect(await ask('unencrypted-flows')).toEqual([
    expect.objectContaining({ port: 389, service: 'ldap', bytes: 500 }),
    {
      client: '10.0.0.1',
      server: '10.0.0.2',
      port: 80,
      protocol: 'tcp',
      service: 'http',
      path: 'subnet-to-subnet',
      bytes: 100,
      packets: 3,
      first_seen: '2026-11-20T05:00:00Z',
      last_seen: '2026-11-20T05:01:30Z',
    },
  ]);
});

test.each([1, 2, 3])('leaves out encryption status %i', async (encryption_status) => {
  await plant([
    flow({ ...plain, encryption_status }),
    flow({ ...plain, action: 'REJECT' }),
    flow({ dstport: 80 }),
  ]);
  expect(await ask('unencrypted-flows')).toEqual([]);
});
