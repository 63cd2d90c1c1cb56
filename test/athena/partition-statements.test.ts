import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addPartitionsStatement, MAX_PARTITIONS_OF_STATEMENT } from '../../athena/partition-statements.ts';
import { splitSql } from '../../athena/sql-text.ts';
import { TABLES } from '../../athena/tables.ts';
import { type Partition, partitionFolder, partitionOfKey } from '../../shared/lake/partition.ts';

const PARTITION: Partition = {
  table: 'flow_logs',
  accountId: '123456789010',
  region: 'eu-west-1',
  day: '2026-11-20',
  hour: '05',
};

const BUCKET = 'flowlogs-test-lake-123456789012-eu-west-1';

const partition: fc.Arbitrary<Partition> = fc.record({
  table: fc.constant('flow_logs' as const),
  accountId: fc.oneof(fc.stringMatching(/^\d{12}$/), fc.constant('unknown')),
  region: fc.oneof(fc.stringMatching(/^[a-z]{2,4}(-[a-z]+){1,3}-\d{1,2}$/), fc.constant('unknown')),
  day: fc.constantFrom('2026-11-20', '2024-02-29'),
  hour: fc.constantFrom('00', '23'),
});

test('a statement says which partitions there are and where they lie', () => {
  expect(addPartitionsStatement('lake', 'flow_logs', [PARTITION, { ...PARTITION, hour: '06' }])).toBe(
    `ALTER TABLE flow_logs ADD IF NOT EXISTS
  PARTITION (aws_account_id='123456789010', aws_region='eu-west-1', day='2026-11-20', hour='05') LOCATION 's3://lake/flow_logs/aws_account_id=123456789010/aws_region=eu-west-1/day=2026-11-20/hour=05/'
  PARTITION (aws_account_id='123456789010', aws_region='eu-west-1', day='2026-11-20', hour='06') LOCATION 's3://lake/flow_logs/aws_account_id=123456789010/aws_region=eu-west-1/day=2026-11-20/hour=06/'`,
  );
});

test('a statement read back gives the partitions that went in, each value in quotes', () => {
  fc.assert(
    fc.property(fc.array(partition, { minLength: 1, maxLength: 100 }), (partitions) => {
      const parts = splitSql(addPartitionsStatement(BUCKET, 'flow_logs', partitions));
      const quoted = parts.filter(({ kind }) => kind === 'quoted').map(({ text }) => text.slice(1, -1));
      expect(quoted).toEqual(
        partitions.flatMap((each) => [
          each.accountId,
          each.region,
          each.day,
          each.hour,
          `s3://${BUCKET}/${partitionFolder(each)}`,
        ]),
      );
      // Between the quotes there is nothing that came from a key.
      const code = parts.map(({ kind, text }) => (kind === 'code' ? text : '?')).join('');
      const clause = '\n  PARTITION (aws_account_id=?, aws_region=?, day=?, hour=?) LOCATION ?'.repeat(
        partitions.length,
      );
      expect(code).toBe(`ALTER TABLE flow_logs ADD IF NOT EXISTS${clause}`);
    }),
  );
});

test('the columns of a statement are those that its table is partitioned by', () => {
  for (const { name, partitions } of TABLES.filter(({ partitions: { length } }) => length > 1)) {
    const table = name as Partition['table'];
    const sql = addPartitionsStatement('lake', table, [{ ...PARTITION, table }]);
    expect([...sql.matchAll(/(\w+)='/g)].map(([, column]) => column)).toEqual(
      partitions.map((column) => column.name),
    );
  }
});

describe('nothing that could change a statement gets into it', () => {
  const evil = ["' OR '1'='1", "x'); DROP TABLE t; --", 'a b', 'a\nb', 'a`b', 'a"b', 'a\\b', '%27', 'é', ''];
  const fields = ['accountId', 'region', 'day', 'hour'] as const;
  test.each(fields.flatMap((field) => evil.map((value) => [field, value] as const)))(
    '%s %j',
    (field, value) => {
      expect(() => addPartitionsStatement('lake', 'flow_logs', [{ ...PARTITION, [field]: value }])).toThrow(
        /no value of a partition/,
      );
    },
  );

  test.each(["lake'", 'lake/x', 'LAKE', ''])('the bucket %j', (bucket) => {
    expect(() => addPartitionsStatement(bucket, 'flow_logs', [PARTITION])).toThrow(/no name of a bucket/);
  });

  test('any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        fc.pre(!/^[A-Za-z0-9-]+$/.test(value));
        expect(() =>
          addPartitionsStatement('lake', 'flow_logs', [{ ...PARTITION, region: value }]),
        ).toThrow();
      }),
    );
  });
});

test('the longest keys that S3 has make a statement that Athena takes', () => {
  const length = 1024 - partitionFolder({ ...PARTITION, region: '' }).length - 'x-1.json.gz'.length;
  const region = `eu-${'a'.repeat(length - 5)}-1`;
  const key = `${partitionFolder({ ...PARTITION, region })}x-1.json.gz`;
  expect(key.length).toBe(1024);
  const longest = partitionOfKey(key)!;
  const full = Array.from({ length: MAX_PARTITIONS_OF_STATEMENT }, () => longest);
  expect(Buffer.byteLength(addPartitionsStatement('b'.repeat(63), 'flow_logs', full))).toBeLessThan(262_144);
});
