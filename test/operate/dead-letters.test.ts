import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listDeadLetters, type Redriven, redrive } from '../../operate/dead-letters.ts';
import type { DeployedStack } from '../../operate/stack.ts';

/** What a well-behaved server does not do: refusals, lost answers, Ctrl-C, messages that come back at once. */

const mock = mockClient(SQSClient);
const sqs = new SQSClient({ region: 'eu-west-1' });
const stack = {
  queues: { ingest: { queue: 'https://sqs/ingest', deadLetters: 'https://sqs/ingest-dlq' } },
} as unknown as DeployedStack;
const NOW = Date.now();

const message = (id: string, sentAt = NOW - 60_000): Message => ({
  MessageId: id,
  Body: `body of ${id}`,
  ReceiptHandle: `handle of ${id}`,
  Attributes: { SentTimestamp: String(sentAt), ApproximateReceiveCount: '1' },
});

beforeEach(() => {
  mock.reset();
  mock.on(ChangeMessageVisibilityBatchCommand).resolves({});
  mock.on(SendMessageCommand).resolves({});
  mock.on(DeleteMessageCommand).resolves({});
});

afterEach(() => {
  mock.reset();
});

function queueGives(...batches: Message[][]): void {
  const answers = mock.on(ReceiveMessageCommand);
  for (const Messages of batches) answers.resolvesOnce({ Messages });
  answers.resolves({ Messages: [] });
}

const released = () =>
  mock
    .commandCalls(ChangeMessageVisibilityBatchCommand)
    .flatMap(({ args: [{ input }] }) => input.Entries!)
    .map(({ ReceiptHandle, VisibilityTimeout }) => [ReceiptHandle, VisibilityTimeout]);

async function redriveAll(signal = new AbortController().signal): Promise<Redriven[]> {
  const redriven: Redriven[] = [];
  await redrive(
    sqs,
    stack,
    { queues: ['ingest'] },
    { dryRun: false, signal, onMove: (each) => redriven.push(each) },
  );
  return redriven;
}

const outcomes = (redriven: readonly Redriven[]) =>
  Object.fromEntries(redriven.map(({ letter: { id }, outcome }) => [id, outcome]));

test('a message is deleted when the queue has taken it, and not before', async () => {
  queueGives([message('a'), message('b')]);
  mock.on(SendMessageCommand, { MessageBody: 'body of b' }).rejects(new Error('too busy'));
  expect(outcomes(await redriveAll())).toEqual({ a: 'moved', b: 'stayed' });
  const deleted = mock.commandCalls(DeleteMessageCommand).map(({ args: [{ input }] }) => input);
  expect(deleted).toEqual([{ QueueUrl: 'https://sqs/ingest-dlq', ReceiptHandle: 'handle of a' }]);
  // It is there for the next try at once.
  expect(released()).toEqual([['handle of b', 0]]);
});

test('a message that was sent and could not be deleted is told of: it is in both queues', async () => {
  queueGives([message('a')]);
  mock.on(DeleteMessageCommand).rejects(new Error('The receipt handle has expired'));
  expect(await redriveAll()).toMatchObject([{ outcome: 'both', error: { message: /expired/ } }]);
});

test('what fails again while others are moved is left for another time', async () => {
  queueGives([message('a')], [message('again', NOW + 5_000)]);
  expect(outcomes(await redriveAll())).toEqual({ a: 'moved' });
  expect(released()).toEqual([['handle of again', 0]]);
});

test('a message that SQS gives twice is moved once', async () => {
  queueGives([message('a')], [message('a'), message('b')]);
  expect(outcomes(await redriveAll())).toEqual({ a: 'moved', b: 'moved' });
  expect(mock.commandCalls(SendMessageCommand)).toHaveLength(2);
});

test('interrupted, what is held is released', async () => {
  const interruption = new AbortController();
  queueGives([message('a'), message('b')]);
  mock.on(SendMessageCommand).callsFake(() => {
    interruption.abort();
    throw new Error('interrupted');
  });
  const redriven = await redriveAll(interruption.signal).catch(() => []);
  expect(Object.values(outcomes(redriven))).not.toContain('moved');
  expect(released().map(([handle]) => handle)).toEqual(
    expect.arrayContaining(['handle of a', 'handle of b']),
  );
});

test('a list ends where it is long enough, and releases all that it held', async () => {
  queueGives([message('a'), message('b')], [message('c'), message('d')], [message('e')]);
  const { letters, isCut } = await listDeadLetters(
    sqs,
    stack,
    { queues: ['ingest'] },
    3,
    new AbortController().signal,
  );
  expect(letters.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  expect(isCut).toBe(true);
  expect(released()).toHaveLength(4);
});

test('a list that fails midway releases what it held', async () => {
  mock
    .on(ReceiveMessageCommand)
    .resolvesOnce({ Messages: [message('a')] })
    .rejects(new Error('gone'));
  const list = listDeadLetters(sqs, stack, { queues: ['ingest'] }, 10, new AbortController().signal);
  await expect(list).rejects.toThrow('gone');
  expect(released()).toEqual([['handle of a', 0]]);
});

test('what shows itself again because it was held for too long does not hide what was not seen yet', async () => {
  queueGives([message('a'), message('b')], [message('a'), message('b')], [message('c')]);
  const { letters } = await listDeadLetters(
    sqs,
    stack,
    { queues: ['ingest'] },
    10,
    new AbortController().signal,
  );
  expect(letters.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
});

test('a queue that gives the same messages for ever is left', async () => {
  mock.on(ReceiveMessageCommand).resolves({ Messages: [message('a')] });
  const list = listDeadLetters(sqs, stack, { queues: ['ingest'] }, 10, new AbortController().signal);
  expect((await list).letters.map(({ id }) => id)).toEqual(['a']);
});
