import {
  type NotificationConfiguration,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
} from '@aws-sdk/client-s3';
import { CreateTopicCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventBridgeNotification, s3Notification } from './harness/notifications.ts';
import { type Pipeline, startPipeline } from './harness/pipeline.ts';

/** The ways in which objects and their versions are announced. */

const LOG = `version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status
2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK
`;
const FOLDER = 'AWSLogs/123456789010/vpcflowlogs/eu-west-1/2014/12/14';

let pipeline: Pipeline;

beforeAll(async () => {
  pipeline = await startPipeline();
});

afterAll(() => pipeline?.dispose());

/** Keys of the source objects that have a receipt, with their records. */
async function ingested(): Promise<Record<string, number>> {
  const { receipts } = await pipeline.lake();
  return Object.fromEntries(receipts.map(({ key, records }) => [key, records]));
}

/** Lets the pipeline do its work, in which nothing may fail. */
async function pump(): Promise<void> {
  await pipeline.pumpWithoutFailures();
  expect(await pipeline.take('IngestDeadLetterQueue')).toEqual([]);
}

test.each([
  'plain.log.gz',
  'with space and  two.log.gz',
  'plus+sign.log.gz',
  'percent%20sign%.log.gz',
  'ünïcode 日本語 🙂.log.gz',
  "quote'd & <tagged>; a=b?c#d.log.gz",
])('an object named %s is found by its notification', async (name) => {
  const { key } = await pipeline.put(`${FOLDER}/${name}`, LOG);
  await pump();
  expect(await ingested()).toMatchObject({ [key]: 1 });
});

test('an object in the Hive layout is found, and its account and Region are read from the folders', async () => {
  const key =
    'AWSLogs/aws-account-id=210987654321/aws-service=vpcflowlogs/aws-region=ap-south-1/year=2014/month=12/day=14/hour=04/' +
    '210987654321_vpcflowlogs_ap-south-1_fl-1234abcd_20141214T0405Z_fe123456.log.gz';
  await pipeline.put(key, LOG);
  await pump();
  const { receipts } = await pipeline.lake();
  expect(receipts.find((receipt) => receipt.key === key)).toMatchObject({
    aws_account_id: '210987654321',
    aws_region: 'ap-south-1',
    records: 1,
  });
});

test.each([
  ['raw', 'true'],
  ['wrapped', 'false'],
])('an object that its bucket announces through SNS (%s) is ingested', async (form, RawMessageDelivery) => {
  const { sns, names } = pipeline;
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: `objects-${form}` }));
  const Endpoint = queueArn(names.IngestQueue!);
  await sns.send(
    new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint, Attributes: { RawMessageDelivery } }),
  );
  await notify({ TopicConfigurations: [{ TopicArn, Events: ['s3:ObjectCreated:*'] }] });
  const { key } = await pipeline.put(`${FOLDER}/through SNS, ${form}.log.gz`, LOG);
  await pump();
  expect(await ingested()).toMatchObject({ [key]: 1 });
});

test('an object that EventBridge announces is ingested', async () => {
  const object = await pipeline.put(`${FOLDER}/through EventBridge +.log.gz`, LOG);
  // Only EventBridge's message is to be seen.
  await pipeline.take('IngestQueue');
  await pipeline.send('IngestQueue', eventBridgeNotification(object));
  await pump();
  expect(await ingested()).toMatchObject({ [object.key]: 1 });
});

test('a notification that S3 tries out is acknowledged', async () => {
  await pipeline.take('IngestQueue');
  const QueueArn = queueArn(pipeline.names.IngestQueue!);
  await notify({ QueueConfigurations: [{ QueueArn, Events: ['s3:ObjectCreated:*'] }] });
  const [delivery, ...others] = await pipeline.pump();
  expect(delivery!.event.Records[0]!.body).toContain('s3:TestEvent');
  expect(delivery!.failed).toEqual([]);
  expect(others).toEqual([]);
  expect(await pipeline.take('IngestDeadLetterQueue')).toEqual([]);
});

test('of a versioned object the version that was announced is read, even after it was overwritten', async () => {
  const { s3, names } = pipeline;
  const VersioningConfiguration = { Status: 'Enabled' as const };
  await s3.send(new PutBucketVersioningCommand({ Bucket: names.RawBucket, VersioningConfiguration }));
  const key = `${FOLDER}/versioned.log.gz`;
  const [header, record] = LOG.split('\n');
  const first = await pipeline.put(key, LOG);
  const second = await pipeline.put(key, [header, record, record, record, ''].join('\n'));
  expect(first.versionId).not.toBe(second.versionId);
  // moto's own notifications tell no version.
  await pipeline.take('IngestQueue');

  await pipeline.send('IngestQueue', s3Notification(first));
  await pump();
  const ofKey = async () =>
    (await pipeline.lake()).receipts
      .filter((receipt) => receipt.key === key)
      .map(({ etag, records }) => [etag, records]);
  expect(await ofKey()).toEqual([[first.etag, 1]]);

  await pipeline.send('IngestQueue', eventBridgeNotification(second));
  await pump();
  expect((await ofKey()).toSorted()).toEqual(
    [
      [first.etag, 1],
      [second.etag, 3],
    ].toSorted(),
  );
});

/** Lets the raw bucket announce its objects in another way. */
async function notify(NotificationConfiguration: NotificationConfiguration): Promise<void> {
  const { s3, names } = pipeline;
  const input = { Bucket: names.RawBucket, NotificationConfiguration };
  await s3.send(new PutBucketNotificationConfigurationCommand(input));
}

function queueArn(url: string): string {
  const [name, accountId] = url.split('/').toReversed();
  return `arn:aws:sqs:eu-west-1:${accountId}:${name}`;
}
