import { setTimeout as sleep } from 'node:timers/promises';
import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';

/** Sends messages to one queue, ten in a request. */
export interface Sender {
  /** Messages that the queue took. */
  readonly sent: number;
  /** Takes a message; it goes when ten are together. */
  send(body: string): Promise<void>;
  /** Sends what is left. To be called in the end. */
  flush(): Promise<void>;
}

/** What SQS takes in one request. */
const MAX_ENTRIES = 10;
/** Attempts at messages that SQS did not take, and the pause before the second one in milliseconds; it doubles. */
const MAX_ATTEMPTS = 4;
const FIRST_PAUSE = 250;

/**
 * A queue as a sender.
 *
 * Source: "SendMessageBatch" (Amazon SQS API Reference): a request that succeeds may have failed for some of its messages.
 *
 * @throws Error, from both methods, if SQS goes on refusing a message, or says that it is the sender's fault.
 */
export function sqsSender(sqs: SQSClient, queueUrl: string): Sender {
  let sent = 0;
  const waiting: string[] = [];

  async function deliver(bodies: readonly string[]): Promise<void> {
    let left = bodies;
    for (let attempt = 1; left.length > 0; attempt++) {
      const entries = left.map((body, index) => ({ Id: String(index), MessageBody: body }));
      const { Failed = [] } = await sqs.send(
        new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries }),
      );
      sent += left.length - Failed.length;
      const fault = Failed.find(({ SenderFault }) => SenderFault) ?? Failed[0];
      if (fault !== undefined && (fault.SenderFault || attempt === MAX_ATTEMPTS)) {
        throw new Error(
          `${queueUrl} did not take ${Failed.length} of ${left.length} messages: ${fault.Code} ${fault.Message ?? ''}`,
        );
      }
      const failed = new Set(Failed.map(({ Id }) => Id));
      left = left.filter((_, index) => failed.has(String(index)));
      if (left.length > 0) await sleep(FIRST_PAUSE * 2 ** (attempt - 1));
    }
  }

  return {
    get sent() {
      return sent;
    },
    async send(body) {
      waiting.push(body);
      if (waiting.length >= MAX_ENTRIES) await deliver(waiting.splice(0, MAX_ENTRIES));
    },
    async flush() {
      while (waiting.length > 0) await deliver(waiting.splice(0, MAX_ENTRIES));
    },
  };
}
