import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSEvent, SQSMessageAttributes, SQSRecord } from 'aws-lambda';
import type { Invocation, LambdaFunction } from './lambda-process.ts';

/** What an event source mapping of a template says. */
export interface EventSourceMapping {
  readonly queueUrl: string;
  readonly queueArn: string;
  /** Messages. */
  readonly batchSize: number;
  /** Whether the function tells which messages failed (`ReportBatchItemFailures`). */
  readonly reportsFailures: boolean;
}

/** One batch that went from a queue to a function. */
export interface Delivery {
  readonly event: SQSEvent;
  readonly invocation: Invocation;
  /** Ids of the messages that were left in the queue. */
  readonly failed: readonly string[];
}

/** Takes messages from a queue to a function, as Lambda's pollers do. */
export interface EventSource {
  /** Delivers one batch of the messages that are visible; undefined if there is none. */
  deliver(): Promise<Delivery | undefined>;
  /** Makes the messages that failed visible again, as time would. */
  letTimePass(): Promise<void>;
}

/** The most that SQS hands out at once. */
const RECEIVED_AT_ONCE = 10;
/** A batch is closed when it comes to 6 MB. */
const BATCH_BYTES = 6 * 1024 * 1024;

export function createEventSource(
  sqs: SQSClient,
  mapping: EventSourceMapping,
  fn: LambdaFunction,
): EventSource {
  const { queueUrl: QueueUrl, queueArn } = mapping;
  let waiting: Message[] = [];

  /** Pollers don't wait for the batching window to end: what there is is all that there will be. */
  async function receive(): Promise<Message[]> {
    const batch: Message[] = [];
    let bytes = 0;
    while (batch.length < mapping.batchSize && bytes < BATCH_BYTES) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: Math.min(RECEIVED_AT_ONCE, mapping.batchSize - batch.length),
          WaitTimeSeconds: 0,
          MessageSystemAttributeNames: ['All'],
          MessageAttributeNames: ['All'],
        }),
      );
      if (Messages.length === 0) break;
      batch.push(...Messages);
      bytes += Messages.reduce((sum, { Body }) => sum + Body!.length, 0);
    }
    return batch;
  }

  async function remove(messages: readonly Message[]): Promise<void> {
    for (let at = 0; at < messages.length; at += RECEIVED_AT_ONCE) {
      const Entries = messages
        .slice(at, at + RECEIVED_AT_ONCE)
        .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    }
  }

  return {
    async deliver() {
      const messages = await receive();
      if (messages.length === 0) return undefined;
      const event = { Records: messages.map((message) => recordOf(message, queueArn)) };
      const invocation = await fn.invoke(event);
      const failed = failedMessages(invocation, event, mapping.reportsFailures);
      await remove(messages.filter(({ MessageId }) => !failed.includes(MessageId!)));
      waiting.push(...messages.filter(({ MessageId }) => failed.includes(MessageId!)));
      return { event, invocation, failed };
    },
    async letTimePass() {
      for (const { ReceiptHandle } of waiting) {
        await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
      }
      waiting = [];
    },
  };
}

/** A message of a queue as a function gets it. */
export function recordOf(message: Message, queueArn: string): SQSRecord {
  const attributes = message.Attributes!;
  return {
    messageId: message.MessageId!,
    receiptHandle: message.ReceiptHandle!,
    body: message.Body!,
    attributes: {
      ApproximateReceiveCount: attributes.ApproximateReceiveCount!,
      SentTimestamp: attributes.SentTimestamp!,
      SenderId: attributes.SenderId!,
      ApproximateFirstReceiveTimestamp: attributes.ApproximateFirstReceiveTimestamp!,
    },
    messageAttributes: messageAttributesOf(message),
    md5OfBody: message.MD5OfBody!,
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: queueArn.split(':')[3]!,
  };
}

function messageAttributesOf({ MessageAttributes = {} }: Message): SQSMessageAttributes {
  return Object.fromEntries(
    Object.entries(MessageAttributes).map(([name, { StringValue, DataType }]) => [
      name,
      { stringValue: StringValue!, stringListValues: [], binaryListValues: [], dataType: DataType! },
    ]),
  );
}

/**
 * The ids of the messages that Lambda leaves in the queue. An answer that it can't make sense of fails the whole batch.
 * Source: "Handling errors for an SQS event source in Lambda", section "Success and failure conditions". That an id from
 * another batch fails the whole batch isn't said there; it is the stricter reading.
 */
function failedMessages(
  { response, error }: Invocation,
  { Records }: SQSEvent,
  reportsFailures: boolean,
): readonly string[] {
  const all = Records.map(({ messageId }) => messageId);
  if (error !== undefined) return all;
  if (!reportsFailures) return [];
  const failures = (response as { batchItemFailures?: unknown } | null | undefined)?.batchItemFailures ?? [];
  if (!Array.isArray(failures)) return all;
  const ids = failures.map((failure: { itemIdentifier?: string } | null) => failure?.itemIdentifier);
  return ids.every((id) => id !== undefined && all.includes(id)) ? (ids as string[]) : all;
}
