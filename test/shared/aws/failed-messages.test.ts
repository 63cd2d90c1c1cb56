import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, expect, test } from 'vitest';
import { sqsFailedMessages } from '../../../shared/aws/failed-messages.ts';
import { PermanentError } from '../../../shared/errors.ts';

const sqs = mockClient(SQSClient);

afterEach(() => sqs.reset());

async function rejected(error: string, body = 'body') {
  sqs.on(SendMessageCommand).resolves({});
  const messages = sqsFailedMessages(new SQSClient(), 'https://queue', 'https://dead-letters');
  const message = { messageId: 'm-1', receiptHandle: 'r', body, attributes: {} };
  await messages.reject(
    message as Parameters<typeof messages.reject>[0],
    new PermanentError('no-header', error),
  );
  const [call] = sqs.commandCalls(SendMessageCommand);
  return call!.args[0].input;
}

test('a long error is cut, and the message is kept whole', async () => {
  const body = 'b'.repeat(100_000);
  const { MessageBody, MessageAttributes, QueueUrl } = await rejected('e'.repeat(100_000), body);
  expect(QueueUrl).toBe('https://dead-letters');
  expect(MessageBody).toBe(body);
  expect(MessageAttributes?.error?.StringValue).toBe('e'.repeat(2000));
});

test('what SQS refuses is replaced, also half a character at the cut', async () => {
  const { MessageAttributes } = await rejected(`\u0000\u001b\ufffe${'\u{1f600}'.repeat(1000)}`);
  const text = MessageAttributes?.error?.StringValue;
  expect(text).toBe(`\ufffd\ufffd\ufffd${'\u{1f600}'.repeat(998)}\ufffd`);
});
