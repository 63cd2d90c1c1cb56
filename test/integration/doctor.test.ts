import {
  CreateFlowLogsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { DeleteTableCommand, UpdateTableCommand } from '@aws-sdk/client-glue';
import { DisableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  DeleteBucketPolicyCommand,
  DeletePublicAccessBlockCommand,
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
} from '@aws-sdk/client-s3';
import { SetTopicAttributesCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import { SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Check } from '../../operate/doctor/check.ts';
import { NAMED_VPC_FORMATS } from '../../shared/flow-log/vpc-format.ts';
import { type Operator, startOperator } from './harness/operator.ts';
import { type Pipeline, startPipeline } from './harness/pipeline.ts';
import { protect } from './harness/protection.ts';

/** Someone asks whether a deployed stack is as it should be. It is; then much is broken, each thing in a part of its own. */

const settings = {
  endpoint: inject('motoUrl'),
  region: 'eu-west-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
};

let pipeline: Pipeline;
let operator: Operator;
let topicKey: string;

beforeAll(async () => {
  pipeline = await startPipeline();
  operator = await startOperator(pipeline, 'everything');
  topicKey = await protect(pipeline);
  for (const topic of ['AlertsTopic', 'OperationsTopic']) {
    const Endpoint = 'arn:aws:sqs:eu-west-1:123456789012:inbox';
    await pipeline.sns.send(
      new SubscribeCommand({ TopicArn: pipeline.names[topic], Protocol: 'sqs', Endpoint }),
    );
  }
  await createFlowLog('VPC', 'standard');
  await plantAnswer('5');
});

afterAll(() => pipeline?.dispose());

async function createFlowLog(type: 'VPC' | 'Subnet', format: string): Promise<void> {
  const ec2 = new EC2Client(settings);
  const [{ Vpcs }, { Subnets }] = await Promise.all([
    ec2.send(new DescribeVpcsCommand({})),
    ec2.send(new DescribeSubnetsCommand({})),
  ]);
  const LogFormat = NAMED_VPC_FORMATS[format]!.map((field) => `\${${field}}`).join(' ');
  await ec2.send(
    new CreateFlowLogsCommand({
      ResourceIds: [type === 'VPC' ? Vpcs![0]!.VpcId! : Subnets![0]!.SubnetId!],
      ResourceType: type,
      TrafficType: 'ALL',
      LogDestinationType: 's3',
      LogDestination: `arn:aws:s3:::${pipeline.names.RawBucket}`,
      LogFormat,
    }),
  );
  ec2.destroy();
}

/** moto runs no SQL: it gives what it was told before. */
async function plantAnswer(objects: string): Promise<void> {
  const rows = ['objects', objects].map((text) => ({ Data: [{ VarCharValue: text }] }));
  await fetch(`${settings.endpoint}/moto-api/static/athena/query-results`, {
    method: 'POST',
    body: JSON.stringify({
      region: 'eu-west-1',
      results: [{ rows, column_info: [{ Name: 'objects', Type: 'bigint' }] }],
    }),
    headers: { 'content-type': 'application/json' },
  });
}

async function examined(): Promise<{ status: number; checks: (Check & { check: string })[] }> {
  const { status, stdout } = await operator.flowlogs('doctor', '-o', 'json');
  return { status, checks: JSON.parse(stdout) };
}

test('a stack as it was deployed is sound', async () => {
  const { status, checks } = await examined();
  expect(checks.filter((check) => check.status !== 'ok')).toEqual([]);
  expect(status).toBe(0);
  expect(checks.map(({ check }) => check)).toEqual([
    ...['stack', 'alarms', 'flow logs', 'raw objects are announced', 'AWS may deliver', "raw bucket's key"],
    ...['queue ingest', 'queue partition', 'queue finding', 'queue delivery', 'lake objects are announced'],
    ...['lake bucket is closed', "lake bucket's key", 'tables and views', 'a query', 'topic of alerts'],
    'topic of operations',
  ]);
});

const send = (command: unknown) => pipeline.s3.send(command as never);

type Expected = Partial<Record<keyof Check | 'check', unknown>>;

/** What is broken, and what is found then. */
const INJURIES: readonly (readonly [string, () => Promise<unknown>, Expected])[] = [
  [
    'the raw bucket does not announce its objects',
    () =>
      send(
        new PutBucketNotificationConfigurationCommand({
          Bucket: pipeline.names.RawBucket,
          NotificationConfiguration: {},
        }),
      ),
    { check: 'raw objects are announced', status: 'fail', found: /nothing is ingested but by reconcile/ },
  ],
  [
    'the policy of the raw bucket is gone',
    () => send(new DeleteBucketPolicyCommand({ Bucket: pipeline.names.RawBucket })),
    { check: 'AWS may deliver', status: 'fail', found: /not there|does not let AWS/ },
  ],
  [
    'the lake announces no findings',
    async () => {
      const Bucket = pipeline.names.LakeBucket;
      const { QueueConfigurations } = await pipeline.s3.send(
        new GetBucketNotificationConfigurationCommand({ Bucket }),
      );
      const left = QueueConfigurations!.filter(
        ({ Filter }) => Filter?.Key?.FilterRules?.[0]?.Value !== 'findings/',
      );
      await send(
        new PutBucketNotificationConfigurationCommand({
          Bucket,
          NotificationConfiguration: { QueueConfigurations: left },
        }),
      );
    },
    { check: 'lake objects are announced', status: 'fail', found: /findings\/ .*nobody is told of anything/ },
  ],
  [
    'the lake may be made public',
    () => send(new DeletePublicAccessBlockCommand({ Bucket: pipeline.names.LakeBucket })),
    { check: 'lake bucket is closed', status: 'fail', found: /public|not there/ },
  ],
  [
    'a queue admits nobody',
    () =>
      pipeline.sqs.send(
        new SetQueueAttributesCommand({ QueueUrl: pipeline.names.FindingQueue, Attributes: { Policy: '' } }),
      ),
    { check: 'queue finding', status: 'fail', found: /does not let the lake bucket send/ },
  ],
  [
    'a queue admits everybody',
    () => {
      const Statement = [{ Effect: 'Allow', Principal: '*', Action: 'sqs:*', Resource: '*' }];
      const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
      return pipeline.sqs.send(
        new SetQueueAttributesCommand({ QueueUrl: pipeline.names.IngestQueue, Attributes: { Policy } }),
      );
    },
    { check: 'queue ingest', status: 'fail', found: /lets everybody send/ },
  ],
  [
    'failures of a queue go nowhere',
    () =>
      pipeline.sqs.send(
        new SetQueueAttributesCommand({
          QueueUrl: pipeline.names.PartitionQueue,
          Attributes: {
            RedrivePolicy: JSON.stringify({
              deadLetterTargetArn: 'arn:aws:sqs:eu-west-1:123456789012:inbox',
              maxReceiveCount: 5,
            }),
          },
        }),
      ),
    { check: 'queue partition', status: 'fail', found: /lost after four days/ },
  ],
  [
    'there are dead letters',
    () => pipeline.send('DeliveryDeadLetterQueue', 'hello'),
    { check: 'queue delivery', status: 'warn', found: /1 dead letter/, todo: /flowlogs dlq list/ },
  ],
  [
    'a table is gone',
    () =>
      pipeline.glue.send(
        new DeleteTableCommand({ DatabaseName: pipeline.names.GlueDatabase, Name: 'receipts' }),
      ),
    { check: 'tables and views', status: 'fail', found: /The table receipts is missing/ },
  ],
  [
    'a table is that of another release',
    () =>
      pipeline.glue.send(
        new UpdateTableCommand({
          DatabaseName: pipeline.names.GlueDatabase,
          TableInput: {
            Name: 'alerts',
            PartitionKeys: [{ Name: 'day', Type: 'string' }],
            StorageDescriptor: { Columns: [], Location: `s3://${pipeline.names.LakeBucket}/alerts/` },
          },
        }),
      ),
    { check: 'tables and views', status: 'warn', found: /alerts was made by another release/ },
  ],
  [
    'the key of the topics is disabled',
    () => new KMSClient(settings).send(new DisableKeyCommand({ KeyId: topicKey })),
    { check: 'topic of alerts', status: 'fail', found: /is Disabled/, todo: /enable-key/ },
  ],
  [
    'alarms may not be published',
    () =>
      pipeline.sns.send(
        new SetTopicAttributesCommand({
          TopicArn: pipeline.names.OperationsTopic,
          AttributeName: 'Policy',
          AttributeValue: JSON.stringify({ Version: '2012-10-17', Statement: [] }),
        }),
      ),
    { check: 'topic of operations', status: 'fail', found: /no alarm reaches anybody/ },
  ],
  [
    'a flow log has few fields',
    () => createFlowLog('Subnet', 'default'),
    { check: /^flow logs fl-/, status: 'warn', found: /lacks vpc-id, subnet-id, instance-id and \d+ more/ },
  ],
];

describe('the doctor sees that', () => {
  let found: Awaited<ReturnType<typeof examined>>;

  beforeAll(async () => {
    for (const [, injure] of INJURIES) await injure();
    await plantAnswer('5');
    found = await examined();
  });

  test.each(INJURIES.map(([what, , expected]) => [what, expected] as const))('%s', (_, expected) => {
    const wanted = Object.fromEntries(
      Object.entries(expected).map(([name, value]) => [
        name,
        value instanceof RegExp ? expect.stringMatching(value) : value,
      ]),
    );
    expect(found.checks).toContainEqual(expect.objectContaining(wanted));
  });

  test('something fails, which is the status of the command, and what to do about it', () => {
    expect(found.status).toBe(1);
    for (const check of found.checks) expect(check.todo === null).toBe(check.status === 'ok');
  });

  test('what was not broken is sound', () => {
    const sound = found.checks.filter(({ status }) => status === 'ok').map(({ check }) => check);
    expect(sound).toEqual([
      ...['stack', 'alarms', 'flow logs', "raw bucket's key", 'queue delivery'],
      ...["lake bucket's key", 'a query'],
    ]);
  });

  test('one folder announced is less than all', async () => {
    const Bucket = pipeline.names.RawBucket;
    const Filter = { Key: { FilterRules: [{ Name: 'prefix' as const, Value: 'other/' }] } };
    const QueueArn = `arn:aws:sqs:eu-west-1:123456789012:flowlogs-integration-ingest`;
    await send(
      new PutBucketNotificationConfigurationCommand({
        Bucket,
        NotificationConfiguration: {
          QueueConfigurations: [{ QueueArn, Events: ['s3:ObjectCreated:*'], Filter }],
        },
      }),
    );
    const { checks } = await examined();
    expect(checks).toContainEqual(
      expect.objectContaining({
        ...{ check: 'raw objects are announced', status: 'fail' },
        found: expect.stringContaining('some of its new objects only'),
      }),
    );
  });
});
