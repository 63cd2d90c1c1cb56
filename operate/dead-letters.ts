import type { SQSClient } from '@aws-sdk/client-sqs';
import { CONSUMERS } from '../infrastructure/metrics.ts';
import { functionName, type QueueName, queueName } from '../infrastructure/names.ts';
import {
  type HeldMessage,
  type Move,
  moveMessage,
  receiveAll,
  release,
} from '../shared/aws/message-queue.ts';
import { parseNotification } from '../shared/aws/object-created.ts';
import { PERMANENT_REASONS, type PermanentReason } from '../shared/errors.ts';
import type { DeployedStack } from './stack.ts';

/** A message that could not be processed, as people see it. */
export interface DeadLetter {
  readonly queue: QueueName;
  readonly id: string;
  /** Unix seconds. */
  readonly sentAt: number;
  /** One of `PERMANENT_REASONS`; undefined for a message that failed five times. */
  readonly reason: string | undefined;
  /** What the function said was wrong, and what to do. */
  readonly error: string | undefined;
  /** The message that the function rejected: its log knows it by this id. */
  readonly loggedAs: string;
  readonly receives: number;
  /** The objects that the message announces, as URLs; empty if it is no notification. */
  readonly announces: readonly string[];
  readonly body: string;
}

function deadLetter(queue: QueueName, { id, sentAt, receives, attributes, body }: HeldMessage): DeadLetter {
  const { reason, error, source_message_id: rejected } = attributes;
  // SQS moves a message with its id; the function sends another one.
  return {
    queue,
    id,
    sentAt,
    reason,
    error,
    loggedAs: rejected ?? id,
    receives,
    announces: objectsOf(body),
    body,
  };
}

function objectsOf(body: string): readonly string[] {
  try {
    return parseNotification(body).objects.map(({ bucket, key }) => `s3://${bucket}/${key}`);
  } catch {
    return [];
  }
}

/** For a message without a reason. */
const FAILED_FIVE_TIMES = 'It failed five times, each time for something that might have passed.';

/** Why a message is where it is. */
export function meaningOf({ reason }: DeadLetter): string {
  if (reason === undefined) return FAILED_FIVE_TIMES;
  return (
    (PERMANENT_REASONS as Readonly<Record<string, string>>)[reason] ??
    'This release does not know the reason.'
  );
}

/** The log group of the function that could not process the messages of a queue. */
export function logGroupOf(stage: string, queue: QueueName): string {
  return `/aws/lambda/${functionName({ stage }, CONSUMERS[queue])}`;
}

/** The names of a queue and its dead-letter queue. */
export function queueNames(
  stage: string,
  queue: QueueName,
): { readonly queue: string; readonly deadLetters: string } {
  const name = queueName({ stage }, queue);
  return { queue: name, deadLetters: `${name}-dlq` };
}

/** Which messages are meant: all of these that are given have to fit, and of each list one. */
export interface Selection {
  readonly queues: readonly QueueName[];
  readonly reasons?: readonly SelectedReason[] | undefined;
  readonly ids?: readonly string[] | undefined;
}

/** A reason; `none` stands for messages without one. */
export type SelectedReason = PermanentReason | 'none';

function isSelected({ reasons, ids }: Selection, { id, attributes }: HeldMessage): boolean {
  return (
    (ids === undefined || ids.includes(id)) &&
    (reasons === undefined || reasons.includes((attributes.reason ?? 'none') as SelectedReason))
  );
}

/** Seconds for which messages are hidden while they are looked at, and while they are moved. */
const HOLD_TO_LOOK = 60;
const HOLD_TO_MOVE = 300;

/**
 * The messages of dead-letter queues. While they are read nobody else sees them; afterwards all are where they were.
 *
 * @param limit messages of each queue.
 */
export async function listDeadLetters(
  sqs: SQSClient,
  { queues }: DeployedStack,
  selection: Selection,
  limit: number,
  signal: AbortSignal,
): Promise<{ readonly letters: readonly DeadLetter[]; readonly isCut: boolean }> {
  const ofQueues = await Promise.all(
    selection.queues.map(async (queue) => {
      const url = queues[queue].deadLetters;
      const held: HeldMessage[] = [];
      const letters: DeadLetter[] = [];
      try {
        for await (const messages of receiveAll(sqs, url, HOLD_TO_LOOK, signal)) {
          held.push(...messages);
          letters.push(
            ...messages
              .filter((message) => isSelected(selection, message))
              .map((message) => deadLetter(queue, message)),
          );
          if (letters.length > limit || isAllFound(selection, letters)) break;
        }
      } finally {
        await release(sqs, url, held);
      }
      return { letters: letters.slice(0, limit), isCut: letters.length > limit };
    }),
  );
  const letters = ofQueues.flatMap((ofQueue) => ofQueue.letters.toSorted((a, b) => a.sentAt - b.sentAt));
  return { letters, isCut: ofQueues.some(({ isCut }) => isCut) };
}

function isAllFound({ ids }: Selection, letters: readonly DeadLetter[]): boolean {
  return ids !== undefined && letters.length === ids.length;
}

/** What became of one message. `would-move`: of a dry run. */
export interface Redriven {
  readonly letter: DeadLetter;
  readonly outcome: Move['outcome'] | 'would-move';
  readonly error?: Error;
}

/**
 * Moves messages from dead-letter queues back to their queues, each on its own. What comes back while it runs, because
 * it fails again, is left for another time.
 *
 * @param onMove is told of each.
 */
export async function redrive(
  sqs: SQSClient,
  { queues }: DeployedStack,
  selection: Selection,
  { dryRun, signal, onMove }: { dryRun: boolean; signal: AbortSignal; onMove: (redriven: Redriven) => void },
): Promise<void> {
  const started = Date.now() / 1000;
  for (const queue of selection.queues) {
    const { queue: to, deadLetters: from } = queues[queue];
    const rest: HeldMessage[] = [];
    try {
      for await (const messages of receiveAll(sqs, from, dryRun ? HOLD_TO_LOOK : HOLD_TO_MOVE, signal)) {
        await Promise.all(
          messages.map(async (message) => {
            const letter = deadLetter(queue, message);
            if (!isSelected(selection, message) || message.sentAt > started) {
              rest.push(message);
            } else if (dryRun || signal.aborted) {
              rest.push(message);
              if (dryRun) onMove({ letter, outcome: 'would-move' });
            } else {
              const move = await moveMessage(sqs, from, to, message);
              if (move.outcome !== 'moved') rest.push(message);
              onMove({ letter, ...move });
            }
          }),
        );
      }
    } finally {
      await release(sqs, from, rest);
    }
  }
}
