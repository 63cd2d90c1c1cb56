import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type AwsStub, mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { sqsSender } from '../../../shared/aws/sqs-sender.ts';

vi.mock('node:timers/promises', () => import('../../virtual-sleep.ts'));

const URL = 'https://sqs.eu-west-1.amazonaws.com/123456789012/ingest';

// biome-ignore lint/suspicious/noExplicitAny: the stub's own types name every command
let sqs: AwsStub<any, any, any>;
/** Bodies of each request. */
let requests: string[][];
/** Why SQS does not take a message; undefined: it does. */
let refuse: (body: string) => { SenderFault: boolean; Code: string } | undefined;

beforeEach(() => {
  vi.useFakeTimers();
  vi.setTimerTickMode('nextTimerAsync');
  requests = [];
  refuse = () => undefined;
  sqs = mockClient(SQSClient);
  sqs.on(SendMessageBatchCommand).callsFake(({ Entries }) => {
    const entries = Entries as { Id: string; MessageBody: string }[];
    requests.push(entries.map(({ MessageBody }) => MessageBody));
    const Failed = entries.flatMap(({ Id, MessageBody }) => {
      const refusal = refuse(MessageBody);
      return refusal === undefined ? [] : [{ Id, ...refusal }];
    });
    return { Failed };
  });
});

afterEach(() => {
  sqs.restore();
  vi.useRealTimers();
});

const sender = () => sqsSender(new SQSClient({ region: 'eu-west-1' }), URL);
const bodies = (count: number) => Array.from({ length: count }, (_, index) => `message ${index}`);

test('messages go ten at a time, and the rest at the end', async () => {
  const queue = sender();
  for (const body of bodies(25)) await queue.send(body);
  expect(requests.map(({ length }) => length)).toEqual([10, 10]);
  await queue.flush();
  expect(requests.flat()).toEqual(bodies(25));
  expect(requests.map(({ length }) => length)).toEqual([10, 10, 5]);
  expect(queue.sent).toBe(25);
});

test('messages from several at a time go once each', async () => {
  const queue = sender();
  await Promise.all(bodies(95).map((body) => queue.send(body)));
  await queue.flush();
  expect(requests.flat().sort()).toEqual(bodies(95).sort());
});

test('without messages there is no request', async () => {
  await sender().flush();
  expect(requests).toEqual([]);
});

test('those that SQS did not take are sent again, and no others', async () => {
  let failures = 2;
  refuse = (body) =>
    body === 'message 3' && failures-- > 0 ? { SenderFault: false, Code: 'InternalError' } : undefined;
  const queue = sender();
  for (const body of bodies(10)) await queue.send(body);
  expect(requests.slice(1)).toEqual([['message 3'], ['message 3']]);
  expect(queue.sent).toBe(10);
});

test('one that SQS never takes is an error, and the others are counted', async () => {
  refuse = (body) => (body === 'message 3' ? { SenderFault: false, Code: 'InternalError' } : undefined);
  const queue = sender();
  for (const body of bodies(5)) await queue.send(body);
  await expect(queue.flush()).rejects.toThrow(/ingest did not take 1 of 1 messages: InternalError/);
  expect(requests).toHaveLength(4);
  expect(queue.sent).toBe(4);
});

test("one that is the sender's fault is not sent again", async () => {
  refuse = () => ({ SenderFault: true, Code: 'InvalidMessageContents' });
  const queue = sender();
  await queue.send('x');
  await expect(queue.flush()).rejects.toThrow(/InvalidMessageContents/);
  expect(requests).toHaveLength(1);
});
