import { CreateBucketCommand, DeleteBucketCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { logLines } from './harness/output.ts';
import { type Pipeline, startPipeline } from './harness/pipeline.ts';

/** What fails now may succeed later: the lake is out of reach for a while. */

const KEY =
  'AWSLogs/123456789010/vpcflowlogs/eu-west-1/2014/12/14/' +
  '123456789010_vpcflowlogs_eu-west-1_fl-1234abcd_20141214T0405Z_fe123456.log.gz';
const LOG = `version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status
2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK
`;

let pipeline: Pipeline;

beforeEach(async () => {
  pipeline = await startPipeline();
  await pipeline.pumpWithoutFailures();
  await pipeline.s3.send(new DeleteBucketCommand({ Bucket: pipeline.names.LakeBucket }));
  await pipeline.put(KEY, LOG);
});

afterEach(() => pipeline?.dispose());

async function restoreLake(): Promise<void> {
  const CreateBucketConfiguration = { LocationConstraint: 'eu-west-1' as const };
  await pipeline.s3.send(
    new CreateBucketCommand({ Bucket: pipeline.names.LakeBucket, CreateBucketConfiguration }),
  );
}

test('an object stays in its queue while the lake is out of reach, and is ingested afterwards', async () => {
  const [failure, ...others] = await pipeline.pump();
  expect(others).toEqual([]);
  expect(failure!.invocation.error).toBeUndefined();
  expect(failure!.failed).toEqual([failure!.event.Records[0]!.messageId]);
  expect(logLines(failure!.invocation.output)).toContainEqual(
    expect.objectContaining({
      level: 'WARN',
      message: 'message failed; it will be delivered again',
      receiveCount: 1,
    }),
  );
  expect(await pipeline.take('IngestDeadLetterQueue')).toEqual([]);

  await restoreLake();
  await pipeline.source('ingest').letTimePass();
  await pipeline.pumpWithoutFailures();
  expect((await pipeline.lake()).receipts).toMatchObject([{ key: KEY, records: 1 }]);
});

test('after five failures the message is in the dead-letter queue, from where it can be sent again', async () => {
  let failures = 0;
  for (; failures < 10; failures++) {
    if ((await pipeline.pump()).length === 0) break;
    await pipeline.source('ingest').letTimePass();
  }
  expect(failures).toBe(5);
  const dead = await pipeline.take('IngestDeadLetterQueue');
  expect(dead).toHaveLength(1);

  await restoreLake();
  await pipeline.send('IngestQueue', dead[0]!.Body!);
  await pipeline.pumpWithoutFailures();
  expect((await pipeline.lake()).receipts).toMatchObject([{ key: KEY, records: 1 }]);
});
