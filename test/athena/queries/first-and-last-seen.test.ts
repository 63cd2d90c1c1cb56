import { expect, test } from 'vitest';
import { FIVE_O_CLOCK, flow } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';

const { plant, ask } = lakeForEachTest();
const params = { address: '10.0.0.1' };

test('shows when an address was seen by role and interface, the earliest first', async () => {
  await plant([
    flow({ srcaddr: '10.0.0.2', dstaddr: '10.0.0.1', start: FIVE_O_CLOCK + 30 }),
    flow({}),
    flow({ dstaddr: '10.0.0.9', action: 'REJECT', start: FIVE_O_CLOCK + 86_400, end: FIVE_O_CLOCK + 86_460 }),
    flow({ srcaddr: '10.0.0.2', dstaddr: '10.0.0.3', start: FIVE_O_CLOCK - 60 }),
  ]);
  expect(await ask('first-and-last-seen', { params })).toEqual([
    {
      role: 'sends',
      aws_account_id: '123456789010',
      aws_region: 'eu-west-1',
      interface_id: 'eni-a',
      first_seen: '2026-11-20T05:00:00Z',
      last_seen: '2026-11-21T05:01:00Z',
      days: 2,
      accepted: 1,
      rejected: 1,
      peers: 2,
    },
    expect.objectContaining({
      role: 'receives',
      first_seen: '2026-11-20T05:00:30Z',
      accepted: 1,
      rejected: 0,
      peers: 1,
    }),
  ]);
});

test('finds an address behind a NAT gateway', async () => {
  await plant([
    flow({
      srcaddr: '10.0.0.220',
      pkt_srcaddr: '10.0.0.1',
      pkt_dstaddr: '10.0.0.2',
      interface_id: 'eni-nat',
    }),
  ]);
  expect(await ask('first-and-last-seen', { params })).toMatchObject([
    { role: 'sends', interface_id: 'eni-nat', peers: 1 },
  ]);
});

test('says nothing about an address that never appeared', async () => {
  await plant([flow({})]);
  expect(await ask('first-and-last-seen', { params: { address: '10.0.0.77' } })).toEqual([]);
});
