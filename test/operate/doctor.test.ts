import { DescribeFlowLogsCommand, EC2Client, type FlowLog } from '@aws-sdk/client-ec2';
import {
  DescribeRuleCommand,
  EventBridgeClient,
  ListTargetsByRuleCommand,
} from '@aws-sdk/client-eventbridge';
import { DescribeKeyCommand, GetKeyPolicyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  GetBucketEncryptionCommand,
  GetBucketNotificationConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetSubscriptionAttributesCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { examine, type Patient } from '../../operate/doctor/check.ts';
import { openClients } from '../../operate/doctor/clients.ts';
import { FLOW_LOGS } from '../../operate/doctor/flow-logs.ts';
import { QUEUE_CHECKS } from '../../operate/doctor/queues.ts';
import { RAW_BUCKET } from '../../operate/doctor/raw-bucket.ts';
import { STACK } from '../../operate/doctor/stack.ts';
import type { DeployedStack } from '../../operate/stack.ts';
import { NAMED_VPC_FORMATS } from '../../shared/flow-log/vpc-format.ts';

/** What moto has not: existing buckets with rules and topics, keys of others, flow logs that fail. */

const QUEUE_ARN = 'arn:aws:sqs:eu-west-1:111111111111:flowlogs-prod-ingest';
const KEY_ARN = 'arn:aws:kms:eu-central-1:222222222222:key/1a2b';
const BUCKET = 'central-flow-logs';

const mocks = {
  ec2: mockClient(EC2Client),
  events: mockClient(EventBridgeClient),
  kms: mockClient(KMSClient),
  s3: mockClient(S3Client),
  sns: mockClient(SNSClient),
  sqs: mockClient(SQSClient),
};

const urls = (queue: string) => ({ queue: `https://sqs/${queue}`, deadLetters: `https://sqs/${queue}-dlq` });
const stack: DeployedStack = {
  ...{
    stage: 'prod',
    name: 'flowlogs-prod',
    status: 'UPDATE_COMPLETE',
    rawBucket: BUCKET,
    rawPrefix: 'network/',
  },
  ...{
    lakeBucket: 'lake',
    database: 'flowlogs_prod',
    workgroup: 'flowlogs-prod',
    situationTable: 'situations',
  },
  queues: {
    ingest: urls('ingest'),
    partition: urls('partition'),
    finding: urls('finding'),
    delivery: urls('delivery'),
  },
  alertsTopicArn: 'arn:aws:sns:eu-west-1:111111111111:alerts',
  operationsTopicArn: 'arn:aws:sns:eu-west-1:111111111111:operations',
};

let resources: Map<string, string>;

beforeEach(() => {
  for (const mock of Object.values(mocks)) mock.reset();
  resources = new Map();
  mocks.sqs.on(GetQueueAttributesCommand).resolves({ Attributes: { QueueArn: QUEUE_ARN } });
});

afterEach(() => {
  for (const mock of Object.values(mocks)) mock.reset();
});

const CHECKS = [...RAW_BUCKET, ...FLOW_LOGS, ...QUEUE_CHECKS, ...STACK];

async function look(name: string, changes: Partial<DeployedStack> = {}) {
  const patient: Patient = {
    ...{ stack: { ...stack, ...changes }, resources, now: 1_795_000_000 },
    aws: openClients({ region: 'eu-west-1' }),
    signal: new AbortController().signal,
  };
  return examine(CHECKS.find((check) => check.name === name)!, patient);
}

describe('a bucket that exists, announced by EventBridge,', () => {
  const pattern = JSON.stringify({ detail: { bucket: { name: [BUCKET] } } });

  beforeEach(() => {
    resources.set('RawObjectsRule', 'flowlogs-prod|flowlogs-prod-RawObjectsRule-X');
    mocks.events.on(DescribeRuleCommand).resolves({ State: 'ENABLED', EventPattern: pattern });
    mocks.events.on(ListTargetsByRuleCommand).resolves({ Targets: [{ Id: 'q', Arn: QUEUE_ARN }] });
    mocks.s3.on(GetBucketNotificationConfigurationCommand).resolves({ EventBridgeConfiguration: {} });
  });

  test('is sound when the rule is on and the bucket sends its events', async () => {
    expect((await look('raw objects are announced')).map(({ status }) => status)).toEqual(['ok', 'ok']);
    // The rule is on a bus of its own.
    expect(mocks.events.commandCalls(DescribeRuleCommand)[0]!.args[0].input).toEqual({
      EventBusName: 'flowlogs-prod',
      Name: 'flowlogs-prod-RawObjectsRule-X',
    });
  });

  test.each([
    ['is off', { State: 'DISABLED', EventPattern: pattern }, /is DISABLED: nothing is ingested/],
    ['is about another bucket', { State: 'ENABLED', EventPattern: '{}' }, /is not about central-flow-logs/],
  ] as const)('fails when the rule %s', async (_, rule, found) => {
    mocks.events.on(DescribeRuleCommand).resolves(rule);
    expect((await look('raw objects are announced'))[0]).toMatchObject({
      status: 'fail',
      found: expect.stringMatching(found),
    });
  });

  test('fails when the bucket keeps its events', async () => {
    mocks.s3.on(GetBucketNotificationConfigurationCommand).resolves({});
    expect((await look('raw objects are announced'))[1]).toMatchObject({
      status: 'fail',
      todo: expect.stringContaining('RawBucketNotification'),
    });
  });

  test('is to be asked about where its owner does not show it', async () => {
    const refusal = Object.assign(new Error('Access Denied'), { name: 'AccessDenied' });
    mocks.s3.on(GetBucketNotificationConfigurationCommand).rejects(refusal);
    expect(await look('raw objects are announced')).toMatchObject([
      { status: 'warn', todo: expect.stringContaining('ask its owner') },
    ]);
  });

  test('sends to a queue that admits the rule', async () => {
    const allow = (source: string) =>
      JSON.stringify({
        Statement: {
          ...{ Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sqs:SendMessage' },
          Condition: { ArnEquals: { 'aws:SourceArn': source } },
        },
      });
    const attributes = (Policy: string) => ({
      Attributes: { QueueArn: QUEUE_ARN, Policy, RedrivePolicy: `{"deadLetterTargetArn":"${QUEUE_ARN}"}` },
    });
    const rule = 'arn:aws:events:eu-west-1:111111111111:rule/flowlogs-prod/';
    mocks.sqs
      .on(GetQueueAttributesCommand)
      .resolves(attributes(allow(`${rule}flowlogs-prod-RawObjectsRule-X`)));
    expect(await look('queue ingest')).toMatchObject([{ status: 'ok' }]);
    mocks.sqs.on(GetQueueAttributesCommand).resolves(attributes(allow(`${rule}other`)));
    expect(await look('queue ingest')).toMatchObject([{ status: 'fail' }]);
  });
});

test.each([
  ['confirmed', 'false', 'ok'],
  ['not confirmed', 'true', 'fail'],
])('a topic whose subscription is %s', async (_, PendingConfirmation, status) => {
  const TopicArn = 'arn:aws:sns:eu-west-1:222222222222:objects';
  resources.set('RawTopicSubscription', `${TopicArn}:1`);
  mocks.sns.on(GetSubscriptionAttributesCommand).resolves({ Attributes: { PendingConfirmation, TopicArn } });
  mocks.s3
    .on(GetBucketNotificationConfigurationCommand)
    .resolves({ TopicConfigurations: [{ TopicArn, Events: ['s3:ObjectCreated:*'] }] });
  expect(await look('raw objects are announced')).toMatchObject([{ status }, { status: 'ok' }]);
});

describe("the raw bucket's key", () => {
  const delivery = (Action: string) =>
    JSON.stringify({
      Statement: [{ Effect: 'Allow', Principal: { Service: 'delivery.logs.amazonaws.com' }, Action }],
    });

  test.each([
    ['can be used', 'Enabled', delivery('kms:GenerateDataKey*'), 'ok', /can be used/],
    ['is about to be deleted', 'PendingDeletion', delivery('kms:*'), 'fail', /PendingDeletion/],
    ['does not admit log delivery', 'Enabled', delivery('kms:DescribeKey'), 'fail', /AWS delivers nothing/],
  ] as const)('%s', async (_, KeyState, Policy, status, found) => {
    const rule = {
      ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: KEY_ARN },
    } as const;
    mocks.s3
      .on(GetBucketEncryptionCommand)
      .resolves({ ServerSideEncryptionConfiguration: { Rules: [rule] } });
    mocks.kms.on(DescribeKeyCommand).resolves({ KeyMetadata: { KeyId: KEY_ARN, KeyState } });
    mocks.kms.on(GetKeyPolicyCommand).resolves({ Policy });
    expect(await look("raw bucket's key")).toMatchObject([{ status, found: expect.stringMatching(found) }]);
    // It is asked about in its own Region, not in that of the stack.
    expect(await mocks.kms.commandCalls(DescribeKeyCommand)[0]!.thisValue.config.region()).toBe(
      'eu-central-1',
    );
  });
});

describe('a flow log', () => {
  const flowLog = (changes: Partial<FlowLog>): FlowLog => ({
    FlowLogId: 'fl-1',
    ResourceId: 'vpc-1',
    FlowLogStatus: 'ACTIVE',
    DeliverLogsStatus: 'SUCCESS',
    LogDestination: `arn:aws:s3:::${BUCKET}/network/`,
    LogFormat: NAMED_VPC_FORMATS.standard!.map((field) => `\${${field}}`).join(' '),
    ...changes,
  });

  test.each<[string, FlowLog[], readonly [string, string, RegExp][]]>([
    ['that delivers', [flowLog({})], [['flow logs', 'ok', /^1 flow log without a problem/]]],
    [
      'of another bucket',
      [flowLog({ LogDestination: 'arn:aws:s3:::other' })],
      [['flow logs', 'warn', /^No flow log/]],
    ],
    [
      'that AWS can not deliver, beside one that is sound',
      [
        flowLog({}),
        flowLog({
          FlowLogId: 'fl-2',
          ResourceId: 'vpc-2',
          DeliverLogsStatus: 'FAILED',
          DeliverLogsErrorMessage: 'Access error',
        }),
      ],
      [
        ['flow logs', 'ok', /^1 flow log/],
        ['flow logs fl-2', 'fail', /of vpc-2: Access error\./],
      ],
    ],
    [
      'in Parquet',
      [flowLog({ DestinationOptions: { FileFormat: 'parquet' } })],
      [['flow logs fl-1', 'fail', /Parquet, which is not read/]],
    ],
    [
      'with a field that this release does not know',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: AWS's notation
      [flowLog({ LogFormat: '${version} ${quantum-state}' })],
      [['flow logs fl-1', 'warn', /quantum-state/]],
    ],
    [
      'of a transit gateway, whose fields are others',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: AWS's notation
      [flowLog({ ResourceId: 'tgw-1', LogFormat: '${version} ${tgw-id}' })],
      [['flow logs', 'ok', /^1 flow log/]],
    ],
    [
      'of what another one logs as well',
      [flowLog({}), flowLog({ FlowLogId: 'fl-2' })],
      [
        ['flow logs', 'ok', /./],
        ['flow logs fl-1', 'warn', /vpc-1 has 2 flow logs .*\(fl-1, fl-2\)/],
      ],
    ],
  ])('%s', async (_, FlowLogs, expected) => {
    mocks.ec2.on(DescribeFlowLogsCommand).resolves({ FlowLogs });
    expect(await look('flow logs')).toEqual(
      expected.map(([name, status, found]) =>
        expect.objectContaining({ name, status, found: expect.stringMatching(found) }),
      ),
    );
  });
});

test.each([
  ['UPDATE_COMPLETE', 'ok'],
  ['UPDATE_ROLLBACK_COMPLETE', 'warn'],
  ['UPDATE_IN_PROGRESS', 'warn'],
  ['UPDATE_ROLLBACK_FAILED', 'fail'],
  ['ROLLBACK_COMPLETE', 'fail'],
])('a stack that is %s: %s', async (status, expected) => {
  expect(await look('stack', { status })).toMatchObject([{ status: expected }]);
});

test('a queue that is gone fails, and says so', async () => {
  mocks.sqs
    .on(GetQueueAttributesCommand)
    .rejects(Object.assign(new Error('The specified queue does not exist.'), { name: 'QueueDoesNotExist' }));
  expect(await look('queue finding')).toMatchObject([
    { status: 'fail', found: expect.stringContaining('not there') },
  ]);
});
