import { expect, test } from 'vitest';
import { FIVE_O_CLOCK, flow, type LakeRecord } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';
import { objectOf } from './flow-log-object.ts';

const { plant, ask } = lakeForEachTest();

/** An interface's flows in an hour, counted from five o'clock. */
function hourOf(hours: number, accepted: number, rejected: number, fields: LakeRecord = {}): LakeRecord[] {
  return Array.from({ length: accepted + rejected }, (_, index) =>
    flow({
      srcport: 40_000 + index,
      start: FIVE_O_CLOCK + hours * 3600,
      end: FIVE_O_CLOCK + hours * 3600 + 60,
      action: index < accepted ? 'ACCEPT' : 'REJECT',
      ...fields,
    }),
  );
}

const params = { min_flows: '10' };

test('finds the hour in which an interface refused more than it usually does', async () => {
  await plant([
    ...hourOf(0, 9, 1),
    ...hourOf(1, 10, 0),
    ...hourOf(2, 8, 2),
    ...hourOf(3, 4, 16),
    ...hourOf(4, 9, 1),
  ]);
  // The other hours' ratios are 0, 0.1, 0.1 and 0.2.
  expect(await ask('reject-ratio', { params })).toEqual([
    {
      aws_account_id: '123456789010',
      aws_region: 'eu-west-1',
      interface_id: 'eni-a',
      day: '2026-11-20',
      hour: '08',
      flows: 20,
      rejected: 16,
      ratio: 0.8,
      usual_ratio: 0.1,
      difference: expect.closeTo(0.7, 10),
      other_hours: 4,
    },
    expect.objectContaining({ hour: '07', ratio: 0.2, usual_ratio: 0.1 }),
  ]);
  expect(await ask('reject-ratio', { params: { ...params, min_difference: '0.5' } })).toHaveLength(1);
});

test('the history is the own one, and the widest difference comes first', async () => {
  const ofB = { interface_id: 'eni-b' };
  await plant([0, 1, 2].flatMap((hours) => [...hourOf(hours, 10, 0), ...hourOf(hours, 2, 8, ofB)]));
  await plant([...hourOf(3, 4, 6), ...hourOf(3, 0, 10, ofB)]);
  const rows = await ask('reject-ratio', { params });
  expect(rows.map((row) => [row.interface_id, row.hour, row.ratio, row.usual_ratio])).toEqual([
    ['eni-a', '08', 0.6, 0],
    ['eni-b', '08', 1, 0.8],
  ]);
});

test('a second bad hour does not hide the first', async () => {
  await plant([0, 1, 2, 3].flatMap((hours) => hourOf(hours, 10, 0)));
  await plant([4, 5].flatMap((hours) => hourOf(hours, 0, 10)));
  const rows = await ask('reject-ratio', { params });
  expect(rows.map((row) => [row.hour, row.usual_ratio])).toEqual([
    ['09', 0],
    ['10', 0],
  ]);
});

test('two flow logs over one interface count once, and one for each action adds up', async () => {
  const quiet = [0, 1, 2].flatMap((hours) => hourOf(hours, 10, 0));
  const loud = hourOf(3, 5, 5);
  await plant([...quiet, ...loud], objectOf('fl-0a'));
  await plant(loud, objectOf('fl-0b'));
  const ofB = { interface_id: 'eni-b' };
  await plant(
    [0, 1, 2, 3].flatMap((hours) => hourOf(hours, 10, 0, ofB)),
    objectOf('fl-0c'),
  );
  await plant(hourOf(3, 0, 10, ofB), objectOf('fl-0d'));
  expect(await ask('reject-ratio', { params })).toMatchObject([
    { interface_id: 'eni-b', flows: 20, rejected: 10, ratio: 0.5 },
    { interface_id: 'eni-a', flows: 10, rejected: 5, ratio: 0.5 },
  ]);
});

test.each([
  ['a ratio that is always high', [0, 1, 2, 3].flatMap((hours) => hourOf(hours, 2, 8))],
  ['a ratio that falls', [...[0, 1, 2].flatMap((hours) => hourOf(hours, 0, 10)), ...hourOf(3, 10, 0)]],
  ['an hour with few flows', [...[0, 1, 2].flatMap((hours) => hourOf(hours, 10, 0)), ...hourOf(3, 0, 9)]],
  ['an interface with hardly a history', [...hourOf(0, 10, 0), ...hourOf(1, 10, 0), ...hourOf(2, 0, 10)]],
  [
    'a history of hours with few flows',
    [...[0, 1, 2].flatMap((hours) => hourOf(hours, 5, 0)), ...hourOf(3, 0, 10)],
  ],
])('leaves out %s', async (_, records) => {
  await plant(records);
  expect(await ask('reject-ratio', { params })).toEqual([]);
});
