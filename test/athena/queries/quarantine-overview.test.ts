import { expect, test } from 'vitest';
import { FIVE_O_CLOCK } from '../../local/lake-fixture.ts';
import { objectLakeForEachTest, receipt } from './object-lake.ts';

const { plant, plantReceipts, ask } = objectLakeForEachTest();

test('counts lines by reason, the most frequent first, and shows one of them', async () => {
  const times = [FIVE_O_CLOCK, FIVE_O_CLOCK + 3600];
  await plantReceipts([
    receipt({
      source: 's3://raw/1',
      quarantined: 5,
      quarantine_reasons: [
        { reason: 'column-count', lines: 4 },
        { reason: 'not-a-number', lines: 1 },
      ],
    }),
    receipt({
      source: 's3://raw/2',
      object_time: times[1],
      quarantined: 2,
      quarantine_reasons: [{ reason: 'not-a-number', lines: 2 }],
    }),
    receipt({ source: 's3://raw/3', quarantine_reasons: [] }),
  ]);
  await plant('quarantine', FIVE_O_CLOCK, [
    { source: 's3://raw/1', line_number: 7, reason: 'column-count', line: 'later' },
    { source: 's3://raw/1', line_number: 3, reason: 'column-count', line: 'too short' },
  ]);
  expect(await ask('quarantine-overview')).toEqual([
    {
      reason: 'column-count',
      aws_account_id: '123456789010',
      aws_region: 'eu-west-1',
      flow_log_id: 'fl-0a',
      lines: 4,
      objects: 1,
      first_object: '2026-11-20T05:00:00Z',
      last_object: '2026-11-20T05:00:00Z',
      one_object: 's3://raw/1',
      its_first_line: 'too short',
    },
    expect.objectContaining({
      reason: 'not-a-number',
      lines: 3,
      objects: 2,
      last_object: '2026-11-20T06:00:00Z',
      its_first_line: null,
    }),
  ]);
});

test('a time range is that of the objects, whose lines are shown', async () => {
  const reasons = { quarantined: 1, quarantine_reasons: [{ reason: 'column-count', lines: 1 }] };
  const line = { source: 's3://raw/object.log.gz', line_number: 1, reason: 'column-count' };
  for (const [hours, text] of [
    [0, 'early'],
    [24, 'late'],
  ] as const) {
    const time = FIVE_O_CLOCK + hours * 3600;
    await plantReceipts([receipt({ ...reasons, object_time: time })]);
    await plant('quarantine', time, [{ ...line, line: text }]);
  }
  expect(
    await ask('quarantine-overview', { since: '2026-11-21T04:00', until: '2026-11-21T05:30' }),
  ).toMatchObject([{ lines: 1, objects: 1, its_first_line: 'late' }]);
});

test('is empty when nothing is in quarantine', async () => {
  await plantReceipts([receipt({ quarantine_reasons: [] })]);
  expect(await ask('quarantine-overview')).toEqual([]);
});
