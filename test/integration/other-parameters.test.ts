import { GetObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { s3Notification } from './harness/notifications.ts';
import { type Lake, type Pipeline, startPipeline } from './harness/pipeline.ts';

/** A stage with everything switched on: a prefix, versions, gzip, columns for objects without a header line. */

const NAME =
  'AWSLogs/123456789010/vpcflowlogs/eu-west-1/2014/12/14/' +
  '123456789010_vpcflowlogs_eu-west-1_fl-1234abcd_20141214T0405Z_fe123456.log.gz';
const HEADERLESS = '2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21\n';

let pipeline: Pipeline;
let lake: Lake;

beforeAll(async () => {
  pipeline = await startPipeline({ stage: 'everything' });
  await pipeline.pumpWithoutFailures();
  const inside = await pipeline.put(`network/${NAME}`, HEADERLESS);
  await pipeline.put(`elsewhere/${NAME}`, HEADERLESS);
  // moto's own notifications tell no version.
  const announced = await pipeline.take('IngestQueue');
  expect(announced).toHaveLength(1);
  await pipeline.send('IngestQueue', s3Notification(inside));
  await pipeline.pumpWithoutFailures();
  lake = await pipeline.lake();
});

afterAll(() => pipeline?.dispose());

test('what lies below the prefix is ingested, and nothing else', () => {
  expect(lake.receipts).toMatchObject([
    { key: `network/${NAME}`, aws_account_id: '123456789010', records: 1 },
  ]);
});

test('a line without a header is read by the columns of the stage file', () => {
  expect([...lake.records.values()].flat()).toEqual([
    {
      version: 2,
      account_id: '123456789010',
      interface_id: 'eni-1235b8ca123456789',
      srcaddr: '172.31.16.139',
      dstaddr: '172.31.16.21',
    },
  ]);
});

test('records are compressed as the stage file says', async () => {
  const [Key] = [...lake.records.keys()];
  expect(Key).toMatch(/\.json\.gz$/);
  const Bucket = pipeline.names.LakeBucket;
  const { Body } = await pipeline.s3.send(new GetObjectCommand({ Bucket, Key }));
  // The first bytes of a gzip file.
  expect((await Body!.transformToByteArray()).subarray(0, 2)).toEqual(Uint8Array.of(0x1f, 0x8b));
});
