import { expect, test } from 'vitest';
import { FIVE_O_CLOCK, flow, type LakeRecord } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';
import { objectOf } from './flow-log-object.ts';

const { plant, ask } = lakeForEachTest();

function status(log_status: string, interface_id: string, start: number, seconds: number): LakeRecord {
  return { version: 2, account_id: '123456789010', interface_id, start, end: start + seconds, log_status };
}

test('shows for each interface and day how often and how long data was lost, the longest first', async () => {
  await plant([
    status('SKIPDATA', 'eni-short', FIVE_O_CLOCK, 60),
    status('SKIPDATA', 'eni-long', FIVE_O_CLOCK, 600),
    status('SKIPDATA', 'eni-long', FIVE_O_CLOCK + 3600, 600),
    status('NODATA', 'eni-idle', FIVE_O_CLOCK, 600),
    flow({ interface_id: 'eni-long' }),
    flow({ interface_id: 'eni-fine' }),
  ]);
  expect(await ask('skipdata-by-interface')).toEqual([
    {
      aws_account_id: '123456789010',
      aws_region: 'eu-west-1',
      interface_id: 'eni-long',
      day: '2026-11-20',
      skipdata_records: 2,
      affected_seconds: 1200,
      share_of_day: 1200 / 86_400,
      first_lost: '2026-11-20T05:00:00Z',
      last_lost: '2026-11-20T06:10:00Z',
      ok_records: 1,
    },
    expect.objectContaining({
      interface_id: 'eni-short',
      skipdata_records: 1,
      affected_seconds: 60,
      ok_records: 0,
    }),
  ]);
});

test('two flow logs over one interface lose its data once, and days stay apart', async () => {
  const lost = [status('SKIPDATA', 'eni-1', FIVE_O_CLOCK, 600), flow({ interface_id: 'eni-1' })];
  const tomorrow = status('SKIPDATA', 'eni-1', FIVE_O_CLOCK + 86_400, 60);
  await plant([...lost, tomorrow], objectOf('fl-0a'));
  await plant(lost, objectOf('fl-0b'));
  expect(await ask('skipdata-by-interface')).toMatchObject([
    { day: '2026-11-20', skipdata_records: 1, affected_seconds: 600, ok_records: 1 },
    { day: '2026-11-21', skipdata_records: 1, affected_seconds: 60, ok_records: 0 },
  ]);
});

test('keeps accounts and Regions apart', async () => {
  await plant([status('SKIPDATA', 'eni-1', FIVE_O_CLOCK, 60)]);
  await plant([status('SKIPDATA', 'eni-1', FIVE_O_CLOCK, 60)], { account: 'unknown', region: 'us-east-1' });
  const rows = await ask('skipdata-by-interface');
  expect(rows.map((row) => [row.aws_account_id, row.aws_region])).toEqual(
    expect.arrayContaining([
      ['123456789010', 'eu-west-1'],
      ['unknown', 'us-east-1'],
    ]),
  );
});

test('is empty when nothing was lost', async () => {
  await plant([flow({}), status('NODATA', 'eni-idle', FIVE_O_CLOCK, 600)]);
  expect(await ask('skipdata-by-interface')).toEqual([]);
});
