import { Readable } from 'node:stream';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type AwsStub, mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { memorySituations } from '../../shared/alerts/memory-situations.ts';
import { notificationOf } from '../../shared/aws/object-created.ts';
import type { Finding } from '../../shared/findings/finding.ts';
import { finding as findingAt } from '../shared/alerts/findings.ts';
import { type FakeS3, fakeS3, s3Error } from '../shared/aws/fake-s3.ts';
import {
  type CapturedOutput,
  captureOutput,
  failedIds,
  lambdaContext,
  sqsEvent,
  stubEnvironment,
} from './invoke.ts';

const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:flowlogs-test-alerts';
const KEY = 'findings/day=2026-11-20/123456789010-vpcflowlogs-0123456789abcdef0123456789abcdef.json';
const NOW = Math.floor(Date.now() / 1000);

let s3: FakeS3;
// biome-ignore lint/suspicious/noExplicitAny: the stub's own types name every command
let sns: AwsStub<any, any, any>;
// biome-ignore lint/suspicious/noExplicitAny: the stub's own types name every command
let sqs: AwsStub<any, any, any>;
let output: CapturedOutput;

beforeEach(() => {
  stubEnvironment({ ALERT_TOPIC_ARN: TOPIC, SITUATION_TABLE: 'situations', ATHENA_DATABASE: 'flowlogs' });
  const { store } = memorySituations();
  // What the table does is tested against DynamoDB's protocol, in test/integration.
  vi.doMock('../../shared/aws/dynamodb-situations.ts', () => ({ dynamoDbSituations: () => store }));
  s3 = fakeS3();
  sns = mockClient(SNSClient);
  sns.onAnyCommand().resolves({});
  sqs = mockClient(SQSClient);
  sqs.onAnyCommand().resolves({});
  output = captureOutput();
});

afterEach(() => {
  for (const fake of [s3, sns, sqs]) fake.restore();
  vi.doUnmock('../../shared/aws/dynamodb-situations.ts');
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

async function alert(bodies: readonly string[]) {
  vi.resetModules();
  const { handler } = await import('../../functions/alert/handler.ts');
  return handler(sqsEvent(bodies), lambdaContext(60_000));
}

const finding = (more: Partial<Finding> = {}): Finding =>
  findingAt({ first_time: NOW - 600, last_time: NOW - 300, ...more });

function putFindings(findings: readonly object[], key = KEY): string {
  const object = s3.put('lake', key, findings.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return notificationOf({ bucket: 'lake', ...object, versionId: undefined });
}

const published = () => sns.commandCalls(PublishCommand).map(({ args: [{ input }] }) => input);
const reasons = () =>
  sqs
    .commandCalls(SendMessageCommand)
    .map(({ args: [{ input }] }) => input.MessageAttributes?.reason?.StringValue);
/** The rows of the lake's table of alerts. */
const alertRows = () =>
  [...s3.contents('lake')]
    .filter(([key]) => key.startsWith('alerts/day='))
    .flatMap(([, content]) => content.toString().trim().split('\n'))
    .map((line) => JSON.parse(line));

test('a situation that opens is a message in every form, and a row in the lake', async () => {
  expect(await alert([putFindings([finding()])])).toEqual({ batchItemFailures: [] });
  const [message, ...others] = published();
  expect(others).toEqual([]);
  expect(message).toMatchObject({
    TopicArn: TOPIC,
    MessageStructure: 'json',
    MessageAttributes: {
      kind: { DataType: 'String', StringValue: 'REJECT' },
      meaning: { StringValue: 'internal-service-rejected' },
      severity: { StringValue: 'warning' },
      path: { StringValue: 'subnet-to-subnet' },
      accountId: { StringValue: '111122223333' },
      region: { StringValue: 'eu-west-1' },
      vpcId: { StringValue: 'vpc-1' },
      resourceId: { StringValue: 'eni-a' },
    },
  });
  const { default: text, sqs: json } = JSON.parse(message!.Message!);
  expect(text).toContain('tcp/5432');
  expect(JSON.parse(json)).toMatchObject({ version: 1 });
  expect(alertRows()).toMatchObject([
    { reason: 'opens', meaning: 'internal-service-rejected', scope_id: 'eni-a', port: 5432, flows: 4 },
  ]);
  expect(output.metric('AlertsPublished')).toBe(1);
  expect(output.metric('SituationsOpened')).toBe(1);
  expect(output.metric('FindingsCounted')).toBe(1);
});

test('what people know is counted and not told again, nor is an object that is delivered twice', async () => {
  const [first, second] = [putFindings([finding()]), putFindings([finding()], KEY.replace('0123', '3210'))];
  await alert([first]);
  await alert([second]);
  await alert([first, second]);
  expect(published()).toHaveLength(1);
  expect(output.metric('FindingsCounted')).toBe(2);
});

test('findings older than six hours are counted and not told', async () => {
  const old = finding({ resource_id: 'eni-b', first_time: NOW - 90_000, last_time: NOW - 6 * 3600 - 60 });
  await alert([putFindings([old, finding()])]);
  expect(published()).toHaveLength(1);
  expect(output.lines).toContainEqual(
    expect.objectContaining({ message: 'findings counted', findings: 2, counted: 2, tooOld: 1 }),
  );
});

test('the policy decides what is told', async () => {
  vi.stubEnv('ALERT_POLICY', JSON.stringify({ ignore: [{ because: 'ours', ports: [5432] }] }));
  await alert([putFindings([finding()])]);
  expect(published()).toEqual([]);
});

test('an alert that SNS will never take goes to the dead-letter queue once the others are published', async () => {
  sns.on(PublishCommand).rejectsOnce(Object.assign(new Error('bad'), { name: 'InvalidParameterException' }));
  const findings = ['eni-a', 'eni-b', 'eni-c'].map((resource_id) => finding({ resource_id }));
  const body = putFindings(findings);
  expect(await alert([body])).toEqual({ batchItemFailures: [] });
  expect(published()).toHaveLength(3);
  expect(reasons()).toEqual(['refused-alert']);
  await alert([body]);
  expect(published()).toHaveLength(3);
});

test('what SNS does not take for the moment is delivered again, and told once a claim is over', async () => {
  sns
    .on(PublishCommand)
    .rejectsOnce(Object.assign(new Error('try again'), { name: 'InternalErrorException' }));
  const body = putFindings([finding()]);
  expect(failedIds(await alert([body]))).toEqual(['message-1']);
  expect(output.metric('AlertsPublished')).toBeUndefined();
  vi.spyOn(Date, 'now').mockReturnValue((NOW + 200) * 1000);
  await alert([body]);
  expect(published()).toHaveLength(2);
  expect(alertRows()).toMatchObject([{ reason: 'opens', findings: 1 }]);
});

test('an alert that the lake has no row of is told once all the same, and counted', async () => {
  const body = putFindings([finding()]);
  s3.before = ({ command }) => {
    if (command.startsWith('PutObject')) throw s3Error('AccessDenied', 403);
  };
  expect(await alert([body])).toEqual({ batchItemFailures: [] });
  await alert([body]);
  expect(published()).toHaveLength(1);
  expect(output.metric('AlertsUnrecorded')).toBe(1);
});

test('a read that breaks midway is delivered again, and nothing is counted twice', async () => {
  const body = putFindings([finding()]);
  const whole = s3.bodyOf;
  s3.bodyOf = (content) =>
    Readable.from(
      (async function* () {
        yield content;
        throw new Error('aborted');
      })(),
    );
  expect(failedIds(await alert([body]))).toEqual(['message-1']);
  s3.bodyOf = whole;
  await alert([body]);
  expect(published()).toHaveLength(1);
  expect(alertRows()).toMatchObject([{ findings: 1 }]);
});

test('a denied read is delivered again', async () => {
  s3.before = () => {
    throw s3Error('AccessDenied', 403);
  };
  expect(failedIds(await alert([putFindings([finding()])]))).toEqual(['message-1']);
});

test.each([
  [
    'of another bucket',
    () => notificationOf({ bucket: 'other', key: KEY, etag: 'e', size: 1, versionId: undefined }),
  ],
  ['of another folder', () => putFindings([finding()], KEY.replace('findings', 'receipts'))],
  ['with a path of its own', () => putFindings([finding()], 'findings/day=2026-11-20/../x.json')],
  [
    'that is no JSON',
    () => notificationOf({ bucket: 'lake', ...s3.put('lake', KEY, 'x'), versionId: undefined }),
  ],
  ['that holds something else', () => putFindings([{ kind: 'OTHER' }])],
])('an object %s goes to the dead-letter queue', async (_, put) => {
  expect(await alert([put()])).toEqual({ batchItemFailures: [] });
  expect(reasons()).toEqual(['not-a-finding']);
  expect(published()).toEqual([]);
});

test('an object that is gone goes to the dead-letter queue', async () => {
  await alert([notificationOf({ bucket: 'lake', key: KEY, etag: 'e', size: 1, versionId: undefined })]);
  expect(reasons()).toEqual(['gone']);
});

test('the test message of S3 is acknowledged', async () => {
  expect(await alert(['{"Event":"s3:TestEvent"}'])).toEqual({ batchItemFailures: [] });
  expect(reasons()).toEqual([]);
});
