import { SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dynamoDbDeliveries } from '../../shared/aws/dynamodb-deliveries.ts';
import { type ReceivedAlert, receivedAlert } from './harness/alerts.ts';
import { type NotifiedObject, s3Notification } from './harness/notifications.ts';
import { type Pipeline, startPipeline } from './harness/pipeline.ts';

/**
 * What people are told of rejected traffic, by the stage `everything`: its policy ignores 10.9.0.0/24, and it has a topic
 * for chats.
 */

const HEADER =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status';
const HOUR = 3600;
const now = () => Math.floor(Date.now() / 1000);

let pipeline: Pipeline;
let chatQueue: string;
let objects = 0;

beforeAll(async () => {
  pipeline = await startPipeline({ stage: 'everything' });
  const { sqs, sns, names } = pipeline;
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'chat' }));
  chatQueue = QueueUrl!;
  await sns.send(
    new SubscribeCommand({
      TopicArn: names.AlertsChatTopic,
      Protocol: 'sqs',
      Endpoint: 'arn:aws:sqs:eu-west-1:123456789012:chat',
      Attributes: { RawMessageDelivery: 'true' },
    }),
  );
  await pipeline.pumpWithoutFailures();
});

afterAll(() => pipeline?.dispose());

interface Traffic {
  readonly account?: string;
  readonly client?: string;
  readonly server?: string;
  readonly port?: number;
  /** Unix seconds. */
  readonly end?: number;
}

/** Ingests an object of ten requests that a server's interface refused, and tells people. */
async function refuse(traffic: Traffic = {}): Promise<NotifiedObject> {
  const { account = '111122223333', client = '10.0.1.5', server = '10.0.2.7' } = traffic;
  const { port = 5432, end = now() - 300 } = traffic;
  const times = `${end - 60} ${end}`;
  const lines = Array.from(
    { length: 10 },
    (_, flow) =>
      `2 ${account} eni-0123456789abcdef0 ${client} ${server} ${40_000 + flow} ${port} 6 1 60 ${times} REJECT OK`,
  );
  const stamp = new Date(end * 1000).toISOString().replaceAll(/[-:]|:?\d\d\.\d+/g, '');
  const [year, month, day] = new Date(end * 1000).toISOString().slice(0, 10).split('-');
  const object = await pipeline.put(
    `network/AWSLogs/${account}/vpcflowlogs/eu-west-1/${year}/${month}/${day}/` +
      `${account}_vpcflowlogs_eu-west-1_fl-1234abcd_${stamp}_${objects++}.log.gz`,
    `${[HEADER, ...lines].join('\n')}\n`,
  );
  // moto's own notifications tell no version.
  await pipeline.take('IngestQueue');
  await pipeline.send('IngestQueue', s3Notification(object));
  await pipeline.pumpWithoutFailures();
  return object;
}

/** Runs what the clock runs every five minutes, after so many seconds more. */
async function runSchedule(afterSeconds = 0): Promise<void> {
  const fn = pipeline.fn('alert-schedule');
  if (afterSeconds > 0) await fn.letTimePass(afterSeconds);
  const { error, output } = await fn.invoke({ 'detail-type': 'Scheduled Event' });
  if (error !== undefined) throw new Error(`The schedule failed: ${error.errorMessage}\n${output}`);
}

async function told(): Promise<ReceivedAlert[]> {
  return (await pipeline.take('Inbox')).map(receivedAlert);
}

async function toldInChat(): Promise<unknown[]> {
  const { Messages = [] } = await pipeline.sqs.send(
    // What was seen once is not seen again while the tests run.
    new ReceiveMessageCommand({ QueueUrl: chatQueue, MaxNumberOfMessages: 10, VisibilityTimeout: HOUR }),
  );
  return Messages.map(({ Body }) => JSON.parse(Body!));
}

test('rejected traffic is told once, by mail and in chat, whatever comes twice', async () => {
  const object = await refuse();
  const [alert, ...more] = await told();
  expect(more).toEqual([]);
  expect(alert).toMatchObject({
    message: { kind: 'alert', alerts: [{ meaning: 'internal-service-rejected', reason: 'opens' }] },
    attributes: { kind: 'REJECT', severity: 'warning', accountId: '111122223333', region: 'eu-west-1' },
  });
  expect(await toldInChat()).toMatchObject([
    { version: '1.0', source: 'custom', metadata: { threadId: alert!.message.alerts[0]!.id } },
  ]);

  const { etags } = await pipeline.lake();
  const [key] = Object.keys(etags).filter((each) => each.startsWith('findings/'));
  const bucket = pipeline.names.LakeBucket!;
  const announced = { bucket, key: key!, etag: JSON.parse(etags[key!]!), size: 1 };
  for (let time = 0; time < 2; time++) await pipeline.send('FindingQueue', s3Notification(announced));
  await pipeline.send('IngestQueue', s3Notification(object));
  await pipeline.pumpWithoutFailures();
  await runSchedule();
  expect(await told()).toEqual([]);
  expect(await toldInChat()).toEqual([]);
  expect((await pipeline.lake()).alerts).toMatchObject([{ subject: alert!.message.subject, flows: 10 }]);
});

test('nobody is told of what the policy ignores; it is in the lake all the same', async () => {
  await refuse({ client: '10.9.0.7', port: 3306 });
  expect(await told()).toEqual([]);
  const { findings } = await pipeline.lake();
  expect(findings.filter(({ top_sources }) => top_sources?.[0]?.address === '10.9.0.7')).toHaveLength(1);
});

test('an account that delivered every hour and then nothing for an hour is told of, once', async () => {
  const { names, dynamoDb } = pipeline;
  const client = DynamoDBDocumentClient.from(dynamoDb);
  const { signal } = new AbortController();
  const deliveries = dynamoDbDeliveries(client, names.SituationTable!, now, signal);
  for (let hour = 0; hour < 24; hour++) {
    await deliveries.note('333333333333', 'us-east-1', now() - hour * HOUR);
  }
  await runSchedule();
  expect(await told()).toEqual([]);
  await runSchedule(HOUR + 60);
  expect(await told()).toMatchObject([
    {
      message: { alerts: [{ kind: 'NO_DELIVERY', reason: 'opens', severity: 'warning' }] },
      attributes: { kind: 'NO_DELIVERY', accountId: '333333333333', region: 'us-east-1' },
    },
  ]);
  await runSchedule(600);
  expect(await told()).toEqual([]);
});

test('probes from outside go into a digest, but for the first of an account', async () => {
  const probe = { account: '222233334444', client: '203.0.113.77' };
  await refuse({ ...probe, port: 22 });
  expect(await told()).toMatchObject([{ message: { alerts: [{ reason: 'first', severity: 'info' }] } }]);
  await refuse({ ...probe, port: 3389 });
  await refuse({ ...probe, port: 5985 });
  expect(await told()).toEqual([]);
  await runSchedule(6 * HOUR);
  const [digest, ...more] = await told();
  expect(more).toEqual([]);
  expect(digest).toMatchObject({
    message: { kind: 'digest' },
    attributes: { severity: ['info'], accountId: ['222233334444'], meaning: ['admin-port-probe'] },
  });
  expect(digest!.message.alerts.map(({ service }) => service?.port).sort()).toEqual([3389, 5985]);
  await runSchedule(6 * HOUR);
  expect(await told()).toEqual([]);
});

test('old data is no news: one message says that there was some', async () => {
  await refuse({ account: '444455556666', end: now() - 30 * HOUR });
  await refuse({ account: '444455556666', end: now() - 40 * HOUR, port: 3306 });
  expect(await told()).toEqual([]);
  await runSchedule(6 * HOUR);
  expect(await told()).toMatchObject([
    { message: { alerts: [{ kind: 'OLD_DATA' }] }, attributes: { accountId: '444455556666' } },
  ]);
});

test('no message is left anywhere', async () => {
  for (const queue of ['Ingest', 'Partition', 'Finding', 'Delivery'] as const) {
    expect(await pipeline.take(`${queue}Queue`)).toEqual([]);
    expect(await pipeline.take(`${queue}DeadLetterQueue`)).toEqual([]);
  }
});
