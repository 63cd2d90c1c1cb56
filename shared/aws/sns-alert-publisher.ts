import { setTimeout as sleep } from 'node:timers/promises';
import {
  type BatchResultErrorEntry,
  PublishBatchCommand,
  type PublishBatchRequestEntry,
  type SNSClient,
} from '@aws-sdk/client-sns';
import { PermanentError } from '../errors.ts';
import type { Alert, AlertPublisher } from '../findings/alert.ts';

/** Limits of one `PublishBatch`; the bytes, of messages with attributes, leave room for what SNS counts on top. */
const MAX_ENTRIES = 10;
const MAX_BYTES = 200_000;

/** Attempts at alerts that SNS did not take, and the pause before the second one in milliseconds; it doubles. */
const MAX_ATTEMPTS = 4;
const FIRST_PAUSE = 200;

/**
 * An SNS topic as a publisher. Source: "Amazon SNS message batching" (Amazon SNS Developer Guide): a request that succeeds
 * may have failed for some of its messages.
 *
 * @param signal ends it; what is not published then fails with the signal's reason.
 */
export function snsAlertPublisher(sns: SNSClient, topicArn: string, signal: AbortSignal): AlertPublisher {
  return {
    async publish(alerts) {
      let refused: BatchResultErrorEntry | undefined;
      for (const entries of batches(alerts)) refused = (await publishBatch(entries)) ?? refused;
      // After the others: a repeat would publish them again and this one as little.
      if (refused !== undefined) {
        throw new PermanentError(
          'refused-alert',
          `SNS does not take an alert for ${topicArn}: ${refused.Code} ${refused.Message ?? ''}. All others of the ` +
            'object were published. The findings are in the lake.',
        );
      }
    },
  };

  /** @returns why SNS will never take one of them, if so. */
  async function publishBatch(
    entries: readonly PublishBatchRequestEntry[],
  ): Promise<BatchResultErrorEntry | undefined> {
    let refused: BatchResultErrorEntry | undefined;
    let left = entries;
    for (let attempt = 1; left.length > 0; attempt++) {
      const command = new PublishBatchCommand({ TopicArn: topicArn, PublishBatchRequestEntries: [...left] });
      const { Failed = [] } = await sns.send(command, { abortSignal: signal });
      refused = Failed.find(({ SenderFault }) => SenderFault) ?? refused;
      const mayPass = new Set(Failed.filter(({ SenderFault }) => !SenderFault).map(({ Id }) => Id));
      left = left.filter(({ Id }) => mayPass.has(Id));
      if (left.length === 0) break;
      if (attempt === MAX_ATTEMPTS) {
        const { Code, Message } = Failed.find(({ Id }) => mayPass.has(Id))!;
        throw new Error(`SNS did not take ${left.length} alerts for ${topicArn}: ${Code} ${Message ?? ''}`);
      }
      await sleep(FIRST_PAUSE * 2 ** (attempt - 1), undefined, { signal });
    }
    return refused;
  }
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
