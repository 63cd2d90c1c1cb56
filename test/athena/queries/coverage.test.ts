import { expect, test } from 'vitest';
import { FIVE_O_CLOCK } from '../../local/lake-fixture.ts';
import { type ObjectRow, objectLakeForEachTest, receipt } from './object-lake.ts';

const { plantReceipts, ask } = objectLakeForEachTest();

function objectAt(hours: number, flow_log_id: string, fields: ObjectRow = {}): ObjectRow {
  return receipt({ object_time: FIVE_O_CLOCK + hours * 3600 + 300, flow_log_id, ...fields });
}
const nodataOnly = { records: 10, nodata: 10 };

test('a silent, a patchy, an idle and a complete flow log differ, the worst first', async () => {
  await plantReceipts([
    ...[0, 1, 2, 3].map((hour) => objectAt(hour, 'fl-complete')),
    ...[0, 1, 2, 3].map((hour) => objectAt(hour, 'fl-idle', nodataOnly)),
    ...[0, 3].map((hour) => objectAt(hour, 'fl-patchy')),
    objectAt(0, 'fl-silent'),
  ]);
  const rows = await ask('coverage');
  expect(
    rows.map((row) => [row.flow_log_id, row.state, row.silent_hours, row.missing_hours, row.idle_hours]),
  ).toEqual([
    ['fl-silent', 'silent', 3, 0, 0],
    ['fl-patchy', 'missing hours', 0, 2, 0],
    ['fl-idle', 'idle', 0, 0, 4],
    ['fl-complete', 'complete', 0, 0, 0],
  ]);
  expect(rows[1]).toMatchObject({
    first_missing_hour: '2026-11-20T06:00:00Z',
    newest_object: '2026-11-20T08:05:00Z',
    hours_with_objects: 2,
    records: 20,
  });
  expect(rows[0]?.first_missing_hour).toBeNull();
});

test('an idle hour of a busy flow log is none of its faults', async () => {
  await plantReceipts([objectAt(0, 'fl-1'), objectAt(1, 'fl-1', nodataOnly)]);
  expect(await ask('coverage')).toMatchObject([{ state: 'complete', idle_hours: 1, hours_with_objects: 2 }]);
});

test('accounts and Regions are told apart', async () => {
  await plantReceipts([
    objectAt(0, 'fl-1', { aws_account_id: '111111111111' }),
    objectAt(1, 'fl-1', { aws_account_id: '222222222222', aws_region: 'us-east-1' }),
  ]);
  const rows = await ask('coverage');
  expect(rows.map((row) => [row.aws_account_id, row.aws_region, row.state])).toEqual([
    ['111111111111', 'eu-west-1', 'silent'],
    ['222222222222', 'us-east-1', 'complete'],
  ]);
});

test('a time range is that of the objects, also across midnight', async () => {
  await plantReceipts([0, 18, 19, 20, 23].map((hour) => objectAt(hour, 'fl-1')));
  expect(await ask('coverage', { since: '2026-11-20T23:00', until: '2026-11-21T01:00' })).toMatchObject([
    { hours_with_objects: 2, newest_object: '2026-11-21T00:05:00Z' },
  ]);
});

test('says nothing where there are no receipts', async () => {
  await plantReceipts([objectAt(0, 'fl-1')]);
  expect(await ask('coverage', { since: '2026-12-01' })).toEqual([]);
});
