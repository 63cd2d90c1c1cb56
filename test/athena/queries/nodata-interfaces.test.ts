import { expect, test } from 'vitest';
import { FIVE_O_CLOCK, flow, type LakeRecord } from '../../local/lake-fixture.ts';
import { lakeForEachTest } from './ask.ts';
import { objectOf } from './flow-log-object.ts';

const { plant, ask } = lakeForEachTest();

function status(log_status: string, interface_id: string, start = FIVE_O_CLOCK): LakeRecord {
  return { version: 2, account_id: '123456789010', interface_id, start, end: start + 600, log_status };
}

test('lists interfaces without any traffic, the longest idle first', async () => {
  await plant([
    status('NODATA', 'eni-short'),
    status('NODATA', 'eni-long'),
    status('NODATA', 'eni-long', FIVE_O_CLOCK + 600),
    status('NODATA', 'eni-long', FIVE_O_CLOCK + 3600),
    status('NODATA', 'eni-busy-later'),
    flow({ interface_id: 'eni-busy-later', start: FIVE_O_CLOCK + 700 }),
    status('NODATA', 'eni-lost'),
    status('SKIPDATA', 'eni-lost'),
  ]);
  expect(await ask('nodata-interfaces')).toEqual([
    {
      aws_account_id: '123456789010',
      aws_region: 'eu-west-1',
      interface_id: 'eni-long',
      nodata_records: 3,
      idle_hours: 2,
      idle_since: '2026-11-20T05:00:00Z',
      idle_until: '2026-11-20T06:10:00Z',
    },
    expect.objectContaining({ interface_id: 'eni-short', nodata_records: 1, idle_hours: 1 }),
  ]);
});

test('two flow logs over one interface count once, and one that has traffic is enough', async () => {
  await plant([status('NODATA', 'eni-1'), status('NODATA', 'eni-2')], objectOf('fl-0a'));
  await plant([status('NODATA', 'eni-1'), flow({ interface_id: 'eni-2' })], objectOf('fl-0b'));
  expect(await ask('nodata-interfaces')).toMatchObject([
    { interface_id: 'eni-1', nodata_records: 1, idle_hours: 1 },
  ]);
});

test('a format without log-status says nothing, and neither does a busy network', async () => {
  const { log_status: _, ...record } = flow({});
  await plant([record, flow({ interface_id: 'eni-b' })]);
  expect(await ask('nodata-interfaces')).toEqual([]);
});
