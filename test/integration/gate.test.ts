import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateTopicCommand, PublishBatchCommand, SNSClient } from '@aws-sdk/client-sns';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { type Gate, startGate } from './harness/gate.ts';
import { resetMoto } from './harness/moto-server.ts';
import type { Statement } from './harness/policy.ts';

/** What stands between functions and moto: requests pass as a role's policy says. */

const MOTO = inject('motoUrl');
const allow = (Action: string | string[], Resource: string | string[]): Statement => ({
  Effect: 'Allow',
  Action,
  Resource,
});
const LAKE = 'arn:aws:s3:::lake';
const OF_ROLE: Record<string, Statement[]> = {
  Reader: [allow('s3:GetObject', `${LAKE}/in/*`), allow('s3:ListBucket', LAKE)],
  BlindReader: [allow('s3:GetObject', `${LAKE}/in/*`)],
  Writer: [allow(['s3:PutObject', 's3:GetObject'], `${LAKE}/*`)],
  Sender: [
    allow('sqs:SendMessage', 'arn:aws:sqs:eu-west-1:123456789012:mine'),
    allow('sns:Publish', 'arn:aws:sns:eu-west-1:123456789012:mine'),
  ],
};
const CREATE_ONLY: Statement = {
  Effect: 'Deny',
  Action: 's3:PutObject',
  Resource: `${LAKE}/*.json`,
  Condition: { Null: { 's3:if-none-match': 'true' }, Bool: { 's3:ObjectCreationOperation': 'true' } },
};

let gate: Gate;

beforeEach(async () => {
  await resetMoto(MOTO);
  gate = await startGate(MOTO, { ofRole: OF_ROLE, ofBuckets: [CREATE_ONLY] }, 'eu-west-1:123456789012');
  const s3 = new S3Client(settingsOf('test', MOTO));
  const CreateBucketConfiguration = { LocationConstraint: 'eu-west-1' as const };
  await s3.send(new CreateBucketCommand({ Bucket: 'lake', CreateBucketConfiguration }));
  for (const Key of ['in/there', 'out/there']) {
    await s3.send(new PutObjectCommand({ Bucket: 'lake', Key, Body: 'content' }));
  }
});

afterEach(() => gate?.close());

function settingsOf(role: string, endpoint: string) {
  const credentials = { accessKeyId: role, secretAccessKey: 'none' };
  return { endpoint, region: 'eu-west-1', credentials, maxAttempts: 1 };
}

/** What comes of a request: `done`, or the name of its error. */
async function outcome(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'done',
    (error: Error) => error.name,
  );
}

test.each([
  ['Reader', 'in/there', 'done'],
  ['Reader', 'in/missing', 'NoSuchKey'],
  ['Reader', 'out/there', 'AccessDenied'],
  ['BlindReader', 'in/there', 'done'],
  ['BlindReader', 'in/missing', 'AccessDenied'],
  ['Nobody', 'in/there', 'AccessDenied'],
])('%s who gets %s: %s', async (role, Key, expected) => {
  const s3 = new S3Client(settingsOf(role, gate.url));
  expect(await outcome(s3.send(new GetObjectCommand({ Bucket: 'lake', Key })))).toBe(expected);
});

test('what may not be read may not be looked at either', async () => {
  const s3 = new S3Client(settingsOf('BlindReader', gate.url));
  const head = s3.send(new HeadObjectCommand({ Bucket: 'lake', Key: 'in/missing' }));
  await expect(head).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
});

test.each([
  ['a.json', undefined, 'AccessDenied'],
  ['a.json', '*', 'done'],
  ['a.csv', undefined, 'done'],
])('putting %s with the condition %s: %s', async (Key, IfNoneMatch, expected) => {
  const s3 = new S3Client(settingsOf('Writer', gate.url));
  const input = { Bucket: 'lake', Key, Body: 'new', ...(IfNoneMatch === undefined ? {} : { IfNoneMatch }) };
  expect(await outcome(s3.send(new PutObjectCommand(input)))).toBe(expected);
});

test.each([
  ['mine', 'done', 'done'],
  ['other', 'AccessDeniedException', 'AuthorizationErrorException'],
])('sending to the queue and the topic named %s: %s', async (name, sent, published) => {
  const sqs = new SQSClient(settingsOf('Sender', gate.url));
  const sns = new SNSClient(settingsOf('Sender', gate.url));
  await new SQSClient(settingsOf('test', MOTO)).send(new CreateQueueCommand({ QueueName: name }));
  await new SNSClient(settingsOf('test', MOTO)).send(new CreateTopicCommand({ Name: name }));
  const QueueUrl = `${gate.url}/123456789012/${name}`;
  const TopicArn = `arn:aws:sns:eu-west-1:123456789012:${name}`;
  const PublishBatchRequestEntries = [{ Id: '1', Message: 'text' }];
  expect(await outcome(sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'text' })))).toBe(sent);
  expect(await outcome(sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries })))).toBe(
    published,
  );
});

test('a request that nobody knows the permission for is refused, and says so', async () => {
  const s3 = new S3Client(settingsOf('Writer', gate.url));
  const request = s3.send(new CreateBucketCommand({ Bucket: 'other' }));
  await expect(request).rejects.toThrow(/Teach access.ts/);
});
