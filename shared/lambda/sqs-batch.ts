import type { SQSBatchResponse, SQSRecord } from 'aws-lambda';
import { PermanentError } from '../errors.ts';
import type { Observability } from './observability.ts';

/** What becomes of a message that failed. */
export interface FailedMessages {
  /** Hides the message for so many seconds before it is delivered again. */
  delay(message: SQSRecord, seconds: number): Promise<void>;
  /** Puts the message into the dead-letter queue with its reason. */
  reject(message: SQSRecord, error: PermanentError): Promise<void>;
}

/** The invocation's time is nearly over: what was going on is stopped and done again. */
export class OutOfTimeError extends Error {
  override readonly name = 'OutOfTimeError';
  constructor() {
    super(
      'The invocation ran out of time; the message will be delivered again. If that goes on, the objects are too ' +
        'large or too many for one batch.',
    );
  }
}

/**
 * First delay of a message that failed, its growth, and the longest, in seconds. Five deliveries then span about twenty
 * minutes: a short one for what passes in a moment, and the last ones for an outage or a policy that someone mends.
 */
const FIRST_DELAY = 30;
const GROWTH = 4;
const LONGEST_DELAY = 900;

/**
 * Processes the messages of a batch, each on its own: one that fails is delivered again after a while, or goes to the
 * dead-letter queue at once if no retry can help. The others are done.
 *
 * @returns what Lambda wants to know: the messages that are to stay in the queue.
 */
export async function processBatch(
  messages: readonly SQSRecord[],
  process: (message: SQSRecord) => Promise<void>,
  failed: FailedMessages,
  { logger }: Pick<Observability, 'logger'>,
): Promise<SQSBatchResponse> {
  const stay: string[] = [];
  await Promise.all(
    messages.map(async (message) => {
      try {
        await process(message);
      } catch (error) {
        if (!(await settle(message, error))) stay.push(message.messageId);
      }
    }),
  );
  return { batchItemFailures: stay.map((itemIdentifier) => ({ itemIdentifier })) };

  /** Whether the message may leave the queue. */
  async function settle(message: SQSRecord, error: unknown): Promise<boolean> {
    const messageId = message.messageId;
    if (error instanceof PermanentError) {
      try {
        await failed.reject(message, error);
        logger.error('message moved to the dead-letter queue', { messageId, reason: error.reason, error });
        return true;
      } catch (rejection) {
        logger.error('message could not be moved to the dead-letter queue; it will be delivered again', {
          messageId,
          reason: error.reason,
          error: rejection as Error,
        });
        return false;
      }
    }
    const seconds = delayOf(message, error);
    logger.warn('message failed; it will be delivered again', {
      messageId,
      receiveCount: Number(message.attributes.ApproximateReceiveCount),
      delaySeconds: seconds,
      error: error as Error,
    });
    // Only a courtesy: without it the message comes back when its visibility timeout is over.
    await failed.delay(message, seconds).catch((cause: unknown) => {
      logger.warn('the delay of the message could not be set', { messageId, error: cause as Error });
    });
    return false;
  }
}

/** Grows with every delivery, and is spread so that what failed together does not return together. */
function delayOf(message: SQSRecord, error: unknown): number {
  // What ran out of time is not broken.
  if (error instanceof OutOfTimeError) return 0;
  const deliveries = Number(message.attributes.ApproximateReceiveCount) || 1;
  const longest = Math.min(FIRST_DELAY * GROWTH ** (deliveries - 1), LONGEST_DELAY);
  return Math.round(longest * (0.5 + Math.random() / 2));
}
