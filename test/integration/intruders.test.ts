import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { statementsOf } from './harness/athena.ts';
import { type Pipeline, startPipeline } from './harness/pipeline.ts';

/** Somebody who may write to the lake chooses names and contents that the pipeline never would. */

const GOOD =
  'flow_logs/aws_account_id=123456789010/aws_region=eu-west-1/day=2026-11-20/hour=05/copied.json.zst';
const HOSTILE = [
  "flow_logs/aws_account_id=123456789010/aws_region=eu-west-1/day=2026-11-20/hour=05') LOCATION 's3://elsewhere/'/a.json.zst",
  "flow_logs/aws_account_id=1' OR '1'='1/aws_region=eu-west-1/day=2026-11-20/hour=05/a.json.zst",
  'flow_logs/aws_account_id=123456789010/aws_region=eu-west-1/day=2026-11-20/hour=99/a.json.zst',
  'transit_gateway_flow_logs/aws_account_id=123456789010/../../etc/a.json.zst',
];
const NO_FINDING = 'findings/day=2026-11-20/prose.json';

let pipeline: Pipeline;

beforeAll(async () => {
  pipeline = await startPipeline();
  for (const Key of [...HOSTILE, GOOD, NO_FINDING]) {
    await pipeline.s3.send(
      new PutObjectCommand({ Bucket: pipeline.names.LakeBucket, Key, Body: 'This is no JSON.\n' }),
    );
  }
  await pipeline.pumpWithoutFailures();
});

afterAll(() => pipeline?.dispose());

test('a key that is no partition of ours never gets into SQL, and the partition beside it is registered', async () => {
  const statements = await statementsOf(pipeline);
  expect(statements.flatMap(({ partitions }) => partitions)).toEqual([
    {
      table: 'flow_logs',
      values: { aws_account_id: '123456789010', aws_region: 'eu-west-1', day: '2026-11-20', hour: '05' },
      location: `s3://${pipeline.names.LakeBucket}/${GOOD.slice(0, GOOD.lastIndexOf('/') + 1)}`,
    },
  ]);
  const dead = await pipeline.take('PartitionDeadLetterQueue');
  expect(dead.map(({ MessageAttributes }) => MessageAttributes?.reason?.StringValue)).toEqual(
    HOSTILE.map(() => 'not-a-partition'),
  );
});

test('what is no finding alerts nobody', async () => {
  expect(await pipeline.take('Inbox')).toEqual([]);
  const dead = await pipeline.take('FindingDeadLetterQueue');
  expect(dead.map(({ MessageAttributes }) => MessageAttributes?.reason?.StringValue)).toEqual([
    'not-a-finding',
  ]);
});
