import { expect, test } from 'vitest';
import { FIVE_O_CLOCK, flow } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';
import { objectOf } from './flow-log-object.ts';

const { plant, ask } = lakeForEachTest();

const refused = { action: 'REJECT', packets: 3 };
const upload = { dstaddr: '203.0.113.9', bytes: 200_000_000, packets: 7 };

test.each([
  ['rejected-traffic', refused, { flows: 4, packets: 12 }],
  ['rejected-tcp', refused, { flows: 4, packets: 12 }],
  ['top-rejected-ports', refused, { flows: 4, packets: 12, sources: 1, targets: 1 }],
  ['reject-reasons', refused, { flows: 4, packets: 12, sources: 1, interfaces: 1 }],
  ['internal-services-rejected', refused, { rejected: 4, accepted: 0, rejected_at: 'eni-a' }],
  ['large-egress', upload, { bytes: 800_000_000, packets: 28 }],
])('%s counts once what two flow logs over one interface record', async (name, record, counts) => {
  const inHour = (hour: number) =>
    [0, 1].map((client) =>
      flow({ ...record, srcport: 40_000 + client, start: FIVE_O_CLOCK + hour * 3600 + client }),
    );
  await plant([...inHour(0), ...inHour(1)], objectOf('fl-0a'));
  await plant(inHour(0), objectOf('fl-0b'));
  expect(await ask(name)).toMatchObject([counts]);
});

test.each([
  ['rejected-traffic', refused, { flows: 2 }],
  ['rejected-tcp', refused, { flows: 2 }],
  ['top-rejected-ports', refused, { flows: 2 }],
  ['reject-reasons', refused, { flows: 2 }],
  ['internal-services-rejected', refused, { rejected: 2 }],
  ['large-egress', upload, { bytes: 400_000_000 }],
])('%s adds up two flow logs that replace each other', async (name, record, counts) => {
  await plant([flow(record)], objectOf('fl-0a'));
  await plant([flow({ ...record, start: FIVE_O_CLOCK + 3600 })], objectOf('fl-0b'));
  expect(await ask(name)).toMatchObject([counts]);
});

test('internal-services-rejected counts once what both ends let through', async () => {
  const elsewhere = { srcport: 40_002, interface_id: 'eni-b' };
  await plant([flow({}), flow({ interface_id: 'eni-b' }), flow({ ...refused, ...elsewhere })]);
  expect(await ask('internal-services-rejected')).toMatchObject([{ rejected: 1, accepted: 1 }]);
});

test('first-and-last-seen and replies-dropped count once what two flow logs record', async () => {
  const refusedReply = {
    srcaddr: '10.0.0.2',
    dstaddr: '10.0.0.1',
    srcport: 443,
    dstport: 40_000,
    ...refused,
  };
  const records = [flow({}), flow(refusedReply)];
  await plant(records, objectOf('fl-0a'));
  await plant(records, objectOf('fl-0b'));
  expect(await ask('first-and-last-seen', { params: { address: '10.0.0.1' } })).toMatchObject([
    { role: 'receives', accepted: 0, rejected: 1 },
    { role: 'sends', accepted: 1, rejected: 0 },
  ]);
  expect(await ask('replies-dropped')).toMatchObject([{ connections: 1, packets: 3 }]);
});
