import { Readable } from 'node:stream';
import { PublishBatchCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type AwsStub, mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { notificationOf } from '../../shared/aws/object-created.ts';
import type { Finding } from '../../shared/findings/finding.ts';
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
  stubEnvironment({ ALERT_TOPIC_ARN: TOPIC });
  s3 = fakeS3();
  sns = mockClient(SNSClient);
  sns.onAnyCommand().resolves({});
  sqs = mockClient(SQSClient);
  sqs.onAnyCommand().resolves({});
  output = captureOutput();
});

afterEach(() => {
  for (const fake of [s3, sns, sqs]) fake.restore();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

async function alert(bodies: readonly string[]) {
  vi.resetModules();
  const { handler } = await import('../../functions/alert/handler.ts');
  return handler(sqsEvent(bodies), lambdaContext(60_000));
}

function finding(more: Partial<Finding> = {}): Finding {
  return {
    kind: 'REJECT',
    path: 'internet-to-subnet',
    aws_account_id: '123456789010',
    aws_region: 'eu-west-1',
    resource_type: 'interface',
    resource_id: 'eni-1235b8ca123456789',
    first_time: NOW - 600,
    last_time: NOW - 300,
    flows: 12,
    source: 's3://raw/x.log.gz',
    ...more,
  };
}

function putFindings(findings: readonly object[], key = KEY): string {
  const object = s3.put('lake', key, findings.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return notificationOf({ bucket: 'lake', ...object, versionId: undefined });
}

const published = () =>
  sns
    .commandCalls(PublishBatchCommand)
    .flatMap(({ args: [{ input }] }) => input.PublishBatchRequestEntries ?? []);
const reasons = () =>
  sqs
    .commandCalls(SendMessageCommand)
    .map(({ args: [{ input }] }) => input.MessageAttributes?.reason?.StringValue);

test('each finding becomes a message with attributes to filter by', async () => {
  const lost = finding({ kind: 'SKIPDATA', flows: 2 });
  const { path, ...skipped } = lost;
  expect(await alert([putFindings([finding(), skipped])])).toEqual({ batchItemFailures: [] });
  expect(published()).toMatchObject([
    {
      Subject: 'REJECT internet-to-subnet: 12 flows at eni-1235b8ca123456789 in 123456789010 eu-west-1',
      Message: JSON.stringify(finding()),
      MessageAttributes: {
        kind: { DataType: 'String', StringValue: 'REJECT' },
        path: { StringValue: 'internet-to-subnet' },
        aws_account_id: { StringValue: '123456789010' },
        aws_region: { StringValue: 'eu-west-1' },
        resource_id: { StringValue: 'eni-1235b8ca123456789' },
      },
    },
    { MessageAttributes: { kind: { StringValue: 'SKIPDATA' } } },
  ]);
  expect(published()[1]!.MessageAttributes).not.toHaveProperty('path');
  expect(output.metric('AlertsPublished')).toBe(2);
});

test('findings older than six hours are not alerted', async () => {
  const old = finding({ first_time: NOW - 90_000, last_time: NOW - 6 * 3600 - 60 });
  await alert([putFindings([old, finding()])]);
  expect(published()).toHaveLength(1);
  expect(output.lines).toContainEqual(
    expect.objectContaining({ message: 'findings published', alerts: 1, tooOld: 1 }),
  );
});

test('many findings go out ten at a time, and large ones in smaller batches', async () => {
  const large = finding({ samples: ['x'.repeat(90_000)] });
  await alert([putFindings([...Array.from({ length: 23 }, () => finding()), large, large, large])]);
  const sizes = sns
    .commandCalls(PublishBatchCommand)
    .map(({ args: [{ input }] }) => input.PublishBatchRequestEntries?.length);
  expect(sizes).toEqual([10, 10, 5, 1]);
});

test('ids that nobody expects reach SNS as text that it takes', async () => {
  await alert([putFindings([finding({ resource_id: `eni-\u0007☂${'x'.repeat(300)}` })])]);
  const [entry] = published();
  expect(entry!.Subject).toMatch(/^[\x20-\x7e]{1,99}$/);
  expect(entry!.MessageAttributes?.resource_id?.StringValue).toMatch(/^eni-\?\?x{250}$/);
});

test('of a batch only what SNS did not take is sent again', async () => {
  sns
    .on(PublishBatchCommand)
    .resolvesOnce({ Failed: [{ Id: '1', Code: 'InternalError', SenderFault: false }] })
    .resolves({});
  const findings = [1, 2, 3].map((flows) => finding({ flows }));
  expect(await alert([putFindings(findings)])).toEqual({ batchItemFailures: [] });
  expect(published().map(({ Message }) => JSON.parse(Message!).flows)).toEqual([1, 2, 3, 2]);
});

test('an alert that SNS will never take goes to the dead-letter queue once the others are published', async () => {
  sns
    .on(PublishBatchCommand)
    .resolvesOnce({ Failed: [{ Id: '0', Code: 'InvalidParameter', SenderFault: true, Message: 'bad' }] })
    .resolves({});
  expect(await alert([putFindings(Array.from({ length: 12 }, () => finding()))])).toEqual({
    batchItemFailures: [],
  });
  expect(published()).toHaveLength(12);
  expect(reasons()).toEqual(['refused-alert']);
});

test('what SNS goes on refusing is delivered again', async () => {
  sns.on(PublishBatchCommand).resolves({
    Failed: [{ Id: '0', Code: 'InternalError', SenderFault: false, Message: 'try again' }],
  });
  expect(failedIds(await alert([putFindings([finding()])]))).toEqual(['message-1']);
  expect(output.metric('AlertsPublished')).toBeUndefined();
});

test('a read that breaks midway publishes nothing and is delivered again', async () => {
  const body = putFindings([finding()]);
  s3.bodyOf = (content) =>
    Readable.from(
      (async function* () {
        yield content;
        throw new Error('aborted');
      })(),
    );
  expect(failedIds(await alert([body]))).toEqual(['message-1']);
  expect(published()).toEqual([]);
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
