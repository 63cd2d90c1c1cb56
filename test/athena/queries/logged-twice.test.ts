import { expect, test } from 'vitest';
import { FIVE_O_CLOCK, flow, type LakeRecord } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';
import { objectOf } from './flow-log-object.ts';

const { plant, ask } = lakeForEachTest();

/** Records of an interface, one a minute. */
const minutes = (from: number, to: number, record: LakeRecord = {}): LakeRecord[] =>
  Array.from({ length: to - from }, (_, index) =>
    flow({ ...record, start: FIVE_O_CLOCK + (from + index) * 60 }),
  );

test('an interface under two flow logs is shown with what is too much', async () => {
  await plant(minutes(0, 90), objectOf('fl-0b'));
  // The other one has long intervals.
  await plant(
    [5, 15, 25].flatMap((at) => minutes(at, at + 1, { bytes: 1000 })),
    objectOf('fl-0a'),
  );
  await plant(minutes(0, 90, { interface_id: 'eni-b' }), objectOf('fl-0b', '1'));
  expect(await ask('logged-twice')).toEqual([
    {
      interface_id: 'eni-a',
      flow_logs: 'fl-0a fl-0b',
      hours: 1,
      records_too_many: 3,
      bytes_too_many: 3000,
      first_seen: '2026-11-20T05:00:00Z',
      last_seen: '2026-11-20T05:59:00Z',
    },
  ]);
});

test('three flow logs, two hours, and a regional NAT gateway', async () => {
  const { interface_id: _, ...nat } = flow({ resource_id: 'nat-1', bytes: 10 });
  const hours = [nat, { ...nat, start: FIVE_O_CLOCK + 3600 }];
  for (const id of ['fl-0c', 'fl-0a', 'fl-0b']) await plant(hours, objectOf(id));
  expect(await ask('logged-twice')).toMatchObject([
    {
      interface_id: 'nat-1',
      flow_logs: 'fl-0a fl-0b fl-0c',
      hours: 2,
      records_too_many: 4,
      bytes_too_many: 40,
    },
  ]);
});

test('the most bytes come first, up to the limit', async () => {
  for (const id of ['fl-0a', 'fl-0b']) {
    await plant([flow({ bytes: 1 }), flow({ interface_id: 'eni-b', bytes: 2 })], objectOf(id));
  }
  const order = async (params = {}) => (await ask('logged-twice', { params })).map((row) => row.interface_id);
  expect(await order()).toEqual(['eni-b', 'eni-a']);
  expect(await order({ limit: '1' })).toEqual(['eni-b']);
});

test('a flow log that replaced another logs nothing twice', async () => {
  await plant(minutes(0, 30), objectOf('fl-0a'));
  await plant(minutes(30, 90), objectOf('fl-0b'));
  expect(await ask('logged-twice')).toEqual([]);
});

test('flow logs of accepted and of rejected traffic complete each other', async () => {
  // Both say so when there was no traffic.
  const { action: _, ...idle } = flow({ log_status: 'NODATA' });
  await plant([...minutes(0, 30), idle], objectOf('fl-0a'));
  await plant([...minutes(0, 30, { action: 'REJECT' }), idle], objectOf('fl-0b'));
  expect(await ask('logged-twice')).toEqual([]);
});

test('several objects of one flow log, and objects of unknown ones, prove nothing', async () => {
  await plant(minutes(0, 10), objectOf('fl-0a', '1'));
  await plant(minutes(0, 10), objectOf('fl-0a', '2'));
  await plant(minutes(0, 10));
  expect(await ask('logged-twice')).toEqual([]);
});
