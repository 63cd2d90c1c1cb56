import {
  AuthorizationErrorException,
  InternalErrorException,
  InvalidParameterException,
  NotFoundException,
  PublishCommand,
  SNSClient,
  ThrottledException,
} from '@aws-sdk/client-sns';
import { type AwsStub, mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { AlertMessage } from '../../../shared/alerts/alert-message.ts';
import { snsMessage } from '../../../shared/alerts/message/sns-message.ts';
import { snsAlertPublisher } from '../../../shared/aws/sns-alert-publisher.ts';
import { PermanentError } from '../../../shared/errors.ts';

vi.mock('node:timers/promises', () => import('../../virtual-sleep.ts'));

const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:flowlogs-test-alerts';
const CHAT = `${TOPIC}-chat`;
const MESSAGE: AlertMessage = {
  subject: '[warning] internal service rejected: tcp/5432',
  text: 'What happened …\n',
  json: '{"version":1,"kind":"alert"}',
  chat: '{"version":"1.0","source":"custom","content":{"description":"…"}}',
  attributes: { severity: 'warning', accountId: ['111111111111', '222222222222'] },
};
const response = { $metadata: {}, message: 'says SNS' };
const failures = {
  refused: new InvalidParameterException(response),
  throttled: new ThrottledException(response),
  broken: new InternalErrorException(response),
  forbidden: new AuthorizationErrorException(response),
  gone: new NotFoundException(response),
};

// biome-ignore lint/suspicious/noExplicitAny: the stub's own types name every command
let sns: AwsStub<any, any, any>;
/** When each topic was sent what, in milliseconds. */
let sent: { at: number; topic: string; message: string }[];
/** Why a topic does not take a message; undefined: it does. */
let fail: (topic: string) => keyof typeof failures | undefined;

beforeEach(() => {
  vi.useFakeTimers();
  vi.setTimerTickMode('nextTimerAsync');
  sent = [];
  fail = () => undefined;
  sns = mockClient(SNSClient);
  sns.on(PublishCommand).callsFake(({ TopicArn, Message }) => {
    const failure = fail(TopicArn);
    if (failure !== undefined) throw failures[failure];
    sent.push({ at: Date.now(), topic: TopicArn, message: Message });
    return {};
  });
});

afterEach(() => {
  sns.restore();
  vi.useRealTimers();
});

const publisher = (chatTopicArn?: string, signal = new AbortController().signal) =>
  snsAlertPublisher(new SNSClient({ region: 'eu-west-1' }), { topicArn: TOPIC, chatTopicArn }, signal);
const topics = () => sent.map(({ topic }) => topic);

test('a message goes to the topic in all its forms, with attributes to filter by', async () => {
  await publisher().publish(MESSAGE);
  expect(sns.commandCalls(PublishCommand).map(({ args: [{ input }] }) => input)).toEqual([
    {
      TopicArn: TOPIC,
      Subject: MESSAGE.subject,
      Message: snsMessage(MESSAGE),
      MessageStructure: 'json',
      MessageAttributes: {
        severity: { DataType: 'String', StringValue: 'warning' },
        accountId: { DataType: 'String.Array', StringValue: '["111111111111","222222222222"]' },
      },
    },
  ]);
});

test('a chat topic gets the form of chats, and nothing around it', async () => {
  await publisher(CHAT).publish(MESSAGE);
  expect(topics()).toEqual([TOPIC, CHAT]);
  const [
    ,
    {
      args: [{ input }],
    } = { args: [{ input: {} }] },
  ] = sns.commandCalls(PublishCommand);
  expect(input).toMatchObject({ Message: MESSAGE.chat, MessageAttributes: { severity: {} } });
  expect(input).not.toHaveProperty('MessageStructure');
});

test('of four that publish as fast as they can, a subscription gets less than ten messages a second', async () => {
  const together = [publisher(), publisher(), publisher(), publisher()];
  await Promise.all(
    together.map((one) => Promise.all(Array.from({ length: 20 }, () => one.publish(MESSAGE)))),
  );
  expect(sent).toHaveLength(80);
  const times = sent.map(({ at }) => at).sort((a, b) => a - b);
  for (const [index, at] of times.entries()) {
    expect(times.slice(index).filter((each) => each < at + 1_000).length).toBeLessThan(10);
  }
});

test.each(['throttled', 'broken', 'forbidden', 'gone'] as const)(
  'a topic that is %s may take it later: the chat waits for it',
  async (failure) => {
    fail = (topic) => (topic === TOPIC ? failure : undefined);
    await expect(publisher(CHAT).publish(MESSAGE)).rejects.toBe(failures[failure]);
    expect(topics()).toEqual([]);
  },
);

test('a message that the topic will never take goes to the chat, and is an error for good', async () => {
  fail = (topic) => (topic === TOPIC ? 'refused' : undefined);
  const published = publisher(CHAT).publish(MESSAGE);
  await expect(published).rejects.toThrow(PermanentError);
  await expect(published).rejects.toThrow(
    `"${MESSAGE.subject}" for ${TOPIC}: InvalidParameterException says SNS`,
  );
  expect(topics()).toEqual([CHAT]);
});

test.each([
  ['throttled', false],
  ['broken', false],
  ['refused', true],
  ['forbidden', true],
  ['gone', true],
] as const)(
  'a chat topic that is %s, after the other took it: for good is %s',
  async (failure, isForGood) => {
    fail = (topic) => (topic === CHAT ? failure : undefined);
    const error = await publisher(CHAT)
      .publish(MESSAGE)
      .catch((cause: unknown) => cause);
    expect(error instanceof PermanentError).toBe(isForGood);
    expect(topics()).toEqual([TOPIC]);
  },
);

test('a message that fails keeps no other from being published', async () => {
  let calls = 0;
  fail = () => (calls++ === 0 ? 'broken' : undefined);
  const one = publisher();
  const outcomes = await Promise.allSettled([one.publish(MESSAGE), one.publish(MESSAGE)]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
});

test('when the time is over, nothing goes out any more', async () => {
  const controller = new AbortController();
  const one = publisher(undefined, controller.signal);
  const published = [one.publish(MESSAGE), one.publish(MESSAGE)].map((each) => each.catch(() => 'stopped'));
  controller.abort(new Error('time is over'));
  expect(await Promise.all(published)).toEqual(['stopped', 'stopped']);
  expect(sent).toEqual([]);
});
