import { expect, test } from 'vitest';
import { FIVE_O_CLOCK } from '../../local/lake-fixture.ts';
import { objectLakeForEachTest, receipt } from './object-lake.ts';

const { plantReceipts, ask } = objectLakeForEachTest();

test('adds up the lines of a day and shows that none is lost', async () => {
  await plantReceipts([
    receipt({ lines: 10, records: 7, quarantined: 3 }),
    receipt({ lines: 5, records: 5, mixed_builds: 1 }),
  ]);
  expect(await ask('conservation')).toEqual([
    {
      day: '2026-11-20',
      aws_account_id: '123456789010',
      aws_region: 'eu-west-1',
      objects: 2,
      lines: 15,
      records: 12,
      quarantined: 3,
      lost: 0,
      objects_that_differ: 0,
      one_of_them: null,
      mixed_builds: 1,
    },
  ]);
});

test('what one object lost is not hidden by what another has too much, and comes first', async () => {
  await plantReceipts([
    receipt({ object_time: FIVE_O_CLOCK - 86_400 }),
    receipt({ lines: 10, records: 8, quarantined: 0, source: 's3://raw/too-few' }),
    receipt({ lines: 10, records: 12, quarantined: 0, source: 's3://raw/too-many' }),
  ]);
  expect(await ask('conservation')).toMatchObject([
    {
      day: '2026-11-20',
      lines: 20,
      records: 20,
      lost: 4,
      objects_that_differ: 2,
      one_of_them: 's3://raw/too-few',
    },
    { day: '2026-11-19', lost: 0 },
  ]);
});

test('says nothing about a time without objects', async () => {
  await plantReceipts([receipt()]);
  expect(await ask('conservation', { since: '2026-11-20T05:01' })).toEqual([]);
});
