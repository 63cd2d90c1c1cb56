import { ChangeMessageVisibilityCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { FailedMessages } from '../lambda/sqs-batch.ts';

/** SQS refuses what XML 1.0 can't hold; an error's text may quote anything. */
const NOT_ALLOWED = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
const MAX_ERROR_CHARACTERS = 2_000;

/** The failed messages of one queue, dealt with in SQS. */
export function sqsFailedMessages(
  sqs: SQSClient,
  queueUrl: string,
  deadLetterQueueUrl: string,
): FailedMessages {
  return {
    async delay({ receiptHandle }, seconds) {
      await sqs.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: queueUrl,
          ReceiptHandle: receiptHandle,
          VisibilityTimeout: seconds,
        }),
      );
    },

    async reject(message, { reason, message: error }) {
      await sqs.send(
        new SendMessageCommand({
          QueueUrl: deadLetterQueueUrl,
          MessageBody: message.body,
          MessageAttributes: {
            reason: attribute(reason),
            error: attribute(error.slice(0, MAX_ERROR_CHARACTERS)),
            source_message_id: attribute(message.messageId),
          },
        }),
      );
    },
  };
}

function attribute(text: string) {
  return { DataType: 'String', StringValue: text.replaceAll(NOT_ALLOWED, '\ufffd') };
}
