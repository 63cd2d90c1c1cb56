import { PublishBatchCommand, type PublishBatchRequestEntry, type SNSClient } from '@aws-sdk/client-sns';
import type { Alert, AlertPublisher } from '../findings/alert.ts';

/** Limits of one `PublishBatch`; the bytes, of messages with attributes, leave room for what SNS counts on top. */
const MAX_ENTRIES = 10;
const MAX_BYTES = 200_000;

/** An SNS topic as a publisher. Source: "Amazon SNS message batching" (Amazon SNS Developer Guide). */
export function snsAlertPublisher(sns: SNSClient, topicArn: string): AlertPublisher {
  return {
    async publish(alerts) {
      for (const entries of batches(alerts)) {
        const command = new PublishBatchCommand({
          TopicArn: topicArn,
          PublishBatchRequestEntries: entries,
        });
        const { Failed = [] } = await sns.send(command);
        if (Failed.length === 0) continue;
        const { Code, Message } = Failed[0]!;
        throw new Error(
          `SNS refused ${Failed.length} of ${entries.length} alerts for ${topicArn}: ${Code} ${Message ?? ''}`,
        );
      }
    },
  };
}

function* batches(alerts: readonly Alert[]): Generator<PublishBatchRequestEntry[]> {
  let entries: PublishBatchRequestEntry[] = [];
  let bytes = 0;
  for (const alert of alerts) {
    const size = sizeOf(alert);
    if (entries.length === MAX_ENTRIES || (entries.length > 0 && bytes + size > MAX_BYTES)) {
      yield entries;
      entries = [];
      bytes = 0;
    }
    entries.push(entryOf(alert, String(entries.length)));
    bytes += size;
  }
  if (entries.length > 0) yield entries;
}

function entryOf({ subject, message, attributes }: Alert, id: string): PublishBatchRequestEntry {
  return {
    Id: id,
    Subject: subject,
    Message: message,
    MessageAttributes: Object.fromEntries(
      Object.entries(attributes).map(([name, text]) => [name, { DataType: 'String', StringValue: text }]),
    ),
  };
}

function sizeOf({ message, attributes }: Alert): number {
  const texts = [
    message,
    ...Object.entries(attributes).flat(),
    'String'.repeat(Object.keys(attributes).length),
  ];
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}
