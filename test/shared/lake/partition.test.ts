import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Compression } from '../../../shared/lake/layout.ts';
import { RECORD_TABLES } from '../../../shared/lake/layout.ts';
import { partitionFolder, partitionOfKey, recordsKey } from '../../../shared/lake/partition.ts';

const KEY =
  'flow_logs/aws_account_id=123456789010/aws_region=eu-west-1/day=2026-11-20/hour=05/x-0123456789abcdef.json.zst';

/** Hours that a day of four digits can tell. */
const HOURS = { min: Date.UTC(0, 0, 1) / 3_600_000, max: Date.UTC(9999, 11, 31, 23) / 3_600_000 };
const record = fc.record({
  kind: fc.constantFrom('vpc' as const, 'transit-gateway' as const),
  accountId: fc.oneof(fc.stringMatching(/^\d{12}$/), fc.constant('unknown')),
  region: fc.oneof(fc.stringMatching(/^[a-z]{2,4}(-[a-z]+){1,3}-\d{1,2}$/), fc.constant('unknown')),
  hour: fc.integer(HOURS),
  id: fc.stringMatching(/^[A-Za-z0-9-]{1,80}-[0-9a-f]{32}$/),
  compression: fc.constantFrom<Compression>('zstd', 'gzip'),
});

test('the partition of a key is the one that the key was made of', () => {
  fc.assert(
    fc.property(record, ({ kind, accountId, region, hour, id, compression }) => {
      const key = recordsKey(kind, { accountId, region, hour }, id, compression);
      const time = new Date(hour * 3_600_000).toISOString();
      expect(partitionOfKey(key)).toEqual({
        table: RECORD_TABLES[kind],
        accountId,
        region,
        day: time.slice(0, 10),
        hour: time.slice(11, 13),
      });
      expect(key.startsWith(partitionFolder(partitionOfKey(key)!))).toBe(true);
    }),
  );
});

test('a key with anything more, less or else than a records key has none', () => {
  const made = record.map(({ kind, accountId, region, hour, id, compression }) =>
    recordsKey(kind, { accountId, region, hour }, id, compression),
  );
  const changed = fc
    .tuple(made, fc.nat(), fc.nat({ max: 3 }), fc.string({ unit: 'binary', maxLength: 4 }))
    .map(([key, at, cut, put]) => {
      const from = at % (key.length + 1);
      return key.slice(0, from) + put + key.slice(from + cut);
    });
  const rebuilt = (key: string) => {
    const partition = partitionOfKey(key);
    if (partition === undefined) return;
    // What is accepted after all is a records key itself.
    const hour = Date.parse(`${partition.day}T${partition.hour}:00:00Z`) / 3_600_000;
    const kind = partition.table === 'flow_logs' ? 'vpc' : 'transit-gateway';
    const [, id = '', suffix] = /\/([^/.]+)\.json\.(zst|gz)$/.exec(key) ?? [];
    expect(recordsKey(kind, { ...partition, hour }, id, suffix === 'zst' ? 'zstd' : 'gzip')).toBe(key);
  };
  fc.assert(fc.property(changed, rebuilt), { numRuns: 2_000 });
  fc.assert(fc.property(fc.string({ unit: 'binary' }), rebuilt));
});

test.each([
  ['another table', KEY.replace('flow_logs/', 'findings/')],
  ['a day that no calendar has', KEY.replace('2026-11-20', '2026-02-30')],
  ['a month 13', KEY.replace('2026-11-20', '2026-13-01')],
  ['an hour 24', KEY.replace('hour=05', 'hour=24')],
  ['an hour of one digit', KEY.replace('hour=05', 'hour=5')],
  ['an account of 11 digits', KEY.replace('123456789010', '12345678901')],
  ['an account of other digits', KEY.replace('123456789010', '１２３４５６７８９０１０')],
  ['no Region', KEY.replace('eu-west-1', 'nowhere')],
  ['a folder in front', `x/${KEY}`],
  ['a folder more', KEY.replace('hour=05/', 'hour=05/minute=01/')],
  ['a slash in front', `/${KEY}`],
  ['a newline behind', `${KEY}\n`],
  ['a version behind', `${KEY}?versionId=1`],
  ['another codec', KEY.replace('.zst', '.snappy')],
  ['a name that Athena hides', KEY.replace('x-0123', '_x-0123')],
  ['folders in another order', KEY.replace(/(day=[^/]*)\/(hour=\d\d)/, '$2/$1')],
  ['the folder alone', KEY.slice(0, KEY.lastIndexOf('/') + 1)],
  ['nothing', ''],
])('a key with %s has no partition', (_, key) => {
  expect(partitionOfKey(KEY)).toBeDefined();
  expect(partitionOfKey(key)).toBeUndefined();
});
