import { expect, test } from 'vitest';
import { FIVE_O_CLOCK } from '../../local/lake-fixture.ts';
import { objectLakeForEachTest, receipt } from './object-lake.ts';

const { plantReceipts, ask } = objectLakeForEachTest();

const iso = (seconds: number) => new Date(seconds * 1000).toISOString();

/** A receipt of an object that waited, and then took two seconds. */
function ready(lag: number, fields: Parameters<typeof receipt>[0] = {}) {
  const time = Number(fields?.object_time ?? FIVE_O_CLOCK);
  return receipt({
    source: `s3://raw/${lag}`,
    last_time: time - 300,
    started: iso(time + lag - 2),
    finished: iso(time + lag),
    ...fields,
  });
}

test('shows how long objects took by day, the slowest day first', async () => {
  await plantReceipts([
    ...[10, 20, 30, 40].map((lag) => ready(lag)),
    ready(500, { object_time: FIVE_O_CLOCK + 86_400 }),
  ]);
  expect(await ask('ingest-lag')).toEqual([
    expect.objectContaining({ day: '2026-11-21', objects: 1, p95_lag_seconds: 500 }),
    {
      day: '2026-11-20',
      aws_account_id: '123456789010',
      aws_region: 'eu-west-1',
      objects: 4,
      median_lag_seconds: 20,
      p95_lag_seconds: 40,
      longest_lag_seconds: 40,
      slowest_object: 's3://raw/40',
      longest_work_seconds: 2,
      median_seconds_after_last_packet: 320,
    },
  ]);
});

test('says nothing about a time without objects', async () => {
  await plantReceipts([ready(10)]);
  expect(await ask('ingest-lag', { until: '2026-11-20T05:00' })).toEqual([]);
});
