import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { createLambdaFunction, type LambdaFunction } from './harness/lambda-process.ts';
import { resetMoto } from './harness/moto-server.ts';
import { deploy, type Stack } from './harness/stack.ts';

/** What the other integration tests take for granted, tried with functions of a few lines. */

const CLOUD = { endpoint: inject('motoUrl'), accountId: '123456789012', region: 'eu-west-1' };
const cleanups: (() => unknown)[] = [];

beforeEach(() => resetMoto(CLOUD.endpoint));
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

test('a function gets its event and a context, and its answer comes back', async () => {
  const fn = functionOf(`export const handler = async (event, context) => ({
    event, name: context.functionName, memory: context.memoryLimitInMB, left: context.getRemainingTimeInMillis(),
    region: process.env.AWS_REGION, own: process.env.OWN, node: process.version.split('.')[0],
  });`);
  const { response } = await fn.invoke({ text: 'naïve ✓' });
  expect(response).toMatchObject({
    event: { text: 'naïve ✓' },
    name: 'tiny',
    memory: '512',
    region: 'eu-west-1',
    own: 'value',
    node: 'v24',
  });
  const { left } = response as { left: number };
  expect(left).toBeGreaterThan(500);
  expect(left).toBeLessThanOrEqual(1000);
});

test('what a function prints is with the invocation that printed it, and the process stays warm', async () => {
  const fn = functionOf(`let count = 0;
    console.log('cold');
    export const handler = async () => console.log('call', ++count);`);
  const [first, second] = [await fn.invoke({}), await fn.invoke({})];
  expect(first.output).toMatch(/cold\n.*call 1\n$/s);
  expect(second.output).toMatch(/^[^\n]*call 2\n$/);
});

test('an error that a function throws comes back, and the function goes on', async () => {
  const fn = functionOf(`export const handler = async (event) => {
    if (event.bad) throw new TypeError('bad event');
    return 'fine';
  };`);
  expect((await fn.invoke({ bad: true })).error).toMatchObject({
    errorType: 'TypeError',
    errorMessage: 'bad event',
  });
  expect((await fn.invoke({})).response).toBe('fine');
});

test.each([
  ['fails to start up', `throw new Error('LAKE_BUCKET is missing');`, /LAKE_BUCKET is missing/],
  ['exits', `export const handler = () => process.exit(3);`, /exit status 3/],
  [
    'takes too long',
    `export const handler = () => new Promise(() => setInterval(() => {}, 9));`,
    /timed out/,
  ],
])(
  'a function that %s is an error, and the next invocation starts a new process',
  async (_, code, message) => {
    const fn = functionOf(code);
    expect((await fn.invoke({})).error?.errorMessage).toMatch(message);
    expect((await fn.invoke({})).error?.errorMessage).toMatch(message);
  },
);

test('messages that a function does not report are deleted, those that it reports stay', async () => {
  const stack = await stackOf(`export const handler = async ({ Records }) => ({
    batchItemFailures: Records.filter(({ body }) => body === 'bad').map(({ messageId }) => ({ itemIdentifier: messageId })),
  });`);
  await send(stack, ['good', 'bad', 'good']);
  const [delivery, ...others] = await stack.pump();
  expect(others).toEqual([]);
  const bad = delivery!.event.Records.find(({ body }) => body === 'bad');
  expect(delivery!.failed).toEqual([bad?.messageId]);
  expect(bad).toMatchObject({
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-west-1:123456789012:tiny-queue',
    awsRegion: 'eu-west-1',
    attributes: { ApproximateReceiveCount: '1' },
    messageAttributes: { reason: { stringValue: 'none', dataType: 'String' } },
  });
  await stack.source('tiny').letTimePass();
  const [again] = await stack.pump();
  expect(
    again!.event.Records.map(({ body, attributes }) => [body, attributes.ApproximateReceiveCount]),
  ).toEqual([['bad', '2']]);
});

test.each([
  ['throws', `throw new Error('no');`],
  [
    'reports a message without its id',
    `return { batchItemFailures: [{ messageId: Records[0].messageId }] };`,
  ],
  ['reports an empty id', `return { batchItemFailures: [{ itemIdentifier: '' }] };`],
  ['reports an id that is not in the batch', `return { batchItemFailures: [{ itemIdentifier: 'other' }] };`],
])('a function that %s keeps its whole batch in the queue', async (_, statement) => {
  const stack = await stackOf(`export const handler = async ({ Records }) => { ${statement} };`);
  await send(stack, ['one', 'two']);
  const [delivery] = await stack.pump();
  expect(delivery!.failed).toHaveLength(2);
});

test.each([
  ['nothing', ''],
  ['an empty list', 'return { batchItemFailures: [] };'],
  ['no list', 'return {};'],
])('a function that answers %s has done its whole batch', async (_, statement) => {
  const stack = await stackOf(`export const handler = async () => { ${statement} };`);
  await send(stack, ['one', 'two']);
  const [delivery] = await stack.pump();
  expect(delivery!.failed).toEqual([]);
});

test('a message that fails as often as its queue allows moves to the dead letter queue', async () => {
  const stack = await stackOf(`export const handler = async () => { throw new Error('no'); };`);
  await send(stack, ['poison']);
  for (let attempt = 1; attempt <= 3; attempt++) {
    expect(await stack.pump()).toHaveLength(attempt <= 2 ? 1 : 0);
    await stack.source('tiny').letTimePass();
  }
  const { Messages } = await stack.sqs.send(
    new ReceiveMessageCommand({ QueueUrl: stack.names.DeadLetters! }),
  );
  expect(Messages?.map(({ Body }) => Body)).toEqual(['poison']);
});

test('the batch is as large as the mapping says, across what SQS hands out at once', async () => {
  const stack = await stackOf('export const handler = async () => {};');
  await send(stack, Array.from({ length: 15 }, String));
  const deliveries = await stack.pump();
  expect(deliveries.map(({ event }) => event.Records.length)).toEqual([12, 3]);
});

test('a template that uses what the tests do not know says so', async () => {
  const template = {
    Resources: { Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: { 'Fn::Select': [0, []] } } } },
  };
  await expect(deploy(template, CLOUD, { taskRootOf: String })).rejects.toThrow('Fn::Select');
});

function folderWith(code: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'flowlogs-tiny-'));
  cleanups.push(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'index.mjs'), code);
  return folder;
}

function functionOf(code: string): LambdaFunction {
  const configuration = {
    name: 'tiny',
    handler: 'index.handler',
    taskRoot: folderWith(code),
    memoryMb: 512,
    timeoutSeconds: 1,
    environment: { OWN: 'value' },
    accessKeyId: 'TinyRole',
  };
  const fn = createLambdaFunction(configuration, CLOUD);
  cleanups.push(() => fn.dispose());
  return fn;
}

/** A queue with a dead letter queue, and a function that takes 12 messages at once. */
async function stackOf(code: string): Promise<Stack> {
  const template = {
    Resources: {
      Queue: {
        Type: 'AWS::SQS::Queue',
        Properties: {
          QueueName: 'tiny-queue',
          VisibilityTimeout: 600,
          RedrivePolicy: {
            deadLetterTargetArn: { 'Fn::GetAtt': ['DeadLetters', 'Arn'] },
            maxReceiveCount: 2,
          },
        },
      },
      DeadLetters: {
        Type: 'AWS::SQS::Queue',
        Properties: { QueueName: { 'Fn::Join': ['-', ['dead-letters', { Ref: 'AWS::Region' }]] } },
      },
      Function: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          FunctionName: 'tiny',
          Handler: 'index.handler',
          MemorySize: 512,
          Timeout: 1,
          Code: { S3Key: 'tiny.zip' },
          Environment: { Variables: { QUEUE_URL: { Ref: 'Queue' } } },
          Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
        },
      },
      Role: { Type: 'AWS::IAM::Role', Properties: { Policies: [] } },
      Mapping: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          BatchSize: 12,
          EventSourceArn: { 'Fn::GetAtt': ['Queue', 'Arn'] },
          FunctionName: { 'Fn::GetAtt': ['Function', 'Arn'] },
          FunctionResponseTypes: ['ReportBatchItemFailures'],
        },
      },
    },
  };
  const folder = folderWith(code);
  const stack = await deploy(template, CLOUD, { taskRootOf: () => folder });
  cleanups.push(() => stack.dispose());
  return stack;
}

async function send(stack: Stack, bodies: readonly string[]): Promise<void> {
  const reason = { DataType: 'String', StringValue: 'none' };
  for (const MessageBody of bodies) {
    const QueueUrl = stack.names.Queue!;
    await stack.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageAttributes: { reason } }));
  }
}
