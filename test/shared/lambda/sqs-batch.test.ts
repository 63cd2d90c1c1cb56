import type { SQSRecord } from 'aws-lambda';
import { expect, test, vi } from 'vitest';
import { PermanentError } from '../../../shared/errors.ts';
import { type FailedMessages, OutOfTimeError, processBatch } from '../../../shared/lambda/sqs-batch.ts';
import { failedIds, sqsRecord } from '../../functions/invoke.ts';

// biome-ignore lint/suspicious/noExplicitAny: only these methods are called
const logger = { info: vi.fn(), warn: vi.fn(), error: vi.fn() } as any;

function recordingQueue(): FailedMessages & { delays: number[]; rejected: string[] } {
  const delays: number[] = [];
  const rejected: string[] = [];
  return {
    delays,
    rejected,
    async delay(_, seconds) {
      delays.push(seconds);
    },
    async reject({ messageId }, { reason }) {
      rejected.push(`${messageId} ${reason}`);
    },
  };
}

const messages = ['a', 'b', 'c'].map((body) => sqsRecord(body, body));

test('a message that fails stays in the queue, and the others leave it', async () => {
  const process = async ({ body }: SQSRecord) => {
    if (body === 'b') throw new Error('try again');
  };
  expect(failedIds(await processBatch(messages, process, recordingQueue(), { logger }))).toEqual(['b']);
});

test('a message that can never succeed moves to the dead-letter queue', async () => {
  const queue = recordingQueue();
  const process = async ({ body }: SQSRecord) => {
    if (body === 'c') throw new PermanentError('gone', 'It is gone.');
  };
  expect(failedIds(await processBatch(messages, process, queue, { logger }))).toEqual([]);
  expect(queue.rejected).toEqual(['c gone']);
});

test('the delay grows with each delivery up to fifteen minutes', async () => {
  const queue = recordingQueue();
  const fail = async () => {
    throw new Error('try again');
  };
  for (const receives of [1, 2, 3, 4]) {
    await processBatch([sqsRecord('a', 'a', receives)], fail, queue, { logger });
  }
  for (const [index, longest] of [30, 120, 480, 900].entries()) {
    expect(queue.delays[index]).toBeGreaterThanOrEqual(longest / 2);
    expect(queue.delays[index]).toBeLessThanOrEqual(longest);
  }
});

test('what ran out of time is delivered again at once', async () => {
  const queue = recordingQueue();
  const fail = async () => {
    throw new OutOfTimeError();
  };
  expect(failedIds(await processBatch(messages, fail, queue, { logger }))).toEqual(['a', 'b', 'c']);
  expect(queue.delays).toEqual([0, 0, 0]);
});

test('a delay that cannot be set does not matter', async () => {
  const queue = { ...recordingQueue(), delay: () => Promise.reject(new Error('no access')) };
  const fail = async () => {
    throw new Error('try again');
  };
  expect(failedIds(await processBatch(messages, fail, queue, { logger }))).toEqual(['a', 'b', 'c']);
});
