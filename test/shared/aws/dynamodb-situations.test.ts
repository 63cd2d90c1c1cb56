import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  TransactionCanceledException,
  TransactionConflictException,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { type AwsStub, mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { keyOf, withPart } from '../../../shared/alerts/situation.ts';
import { dynamoDbSituations } from '../../../shared/aws/dynamodb-situations.ts';
import { NOON, part } from '../alerts/parts.ts';

/** What DynamoDB answers when several change one item at a time. Moto never does. */

vi.mock('node:timers/promises', () => import('../../virtual-sleep.ts'));

// biome-ignore lint/suspicious/noExplicitAny: the stub's own types name every command
let dynamoDb: AwsStub<any, any, any>;
let controller: AbortController;

beforeEach(() => {
  vi.useFakeTimers();
  vi.setTimerTickMode('nextTimerAsync');
  controller = new AbortController();
  dynamoDb = mockClient(DynamoDBDocumentClient);
});

afterEach(() => {
  dynamoDb.restore();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const situations = () =>
  dynamoDbSituations(
    DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'eu-west-1' })),
    'situations',
    () => NOON,
    controller.signal,
  );
const one = part();
const stored = { key: keyOf(one.subject), version: 3, situation: withPart(undefined, one, 3600) };

const ERROR = { message: 'refused', $metadata: {} };
const canceled = (...codes: readonly string[]) =>
  new TransactionCanceledException({ ...ERROR, CancellationReasons: codes.map((Code) => ({ Code })) });

/** How long something takes on the clock of the test, in milliseconds. */
async function timed<T>(work: () => Promise<T>): Promise<{ answer: T; took: number }> {
  const from = Date.now();
  const answer = await work();
  return { answer, took: Date.now() - from };
}

const replace = () => timed(() => situations().replace(stored));
const count = () => timed(() => situations().count('finding', [stored]));

describe('to replace a situation', () => {
  test.each([
    ['that has another version', new ConditionalCheckFailedException(ERROR)],
    ['that someone is just counting into', new TransactionConflictException(ERROR)],
  ])('%s is refused, after a pause', async (_, error) => {
    dynamoDb.on(PutCommand).rejects(error);
    const { answer, took } = await replace();
    expect(answer).toBe(false);
    expect(took).toBeGreaterThanOrEqual(20);
    expect(took).toBeLessThanOrEqual(120);
  });

  test('takes no pause where there is nobody else', async () => {
    dynamoDb.on(PutCommand).resolves({});
    expect(await replace()).toEqual({ answer: true, took: 0 });
  });

  test('fails with what is no conflict', async () => {
    dynamoDb.on(PutCommand).rejects(new Error('AccessDenied'));
    await expect(replace()).rejects.toThrow('AccessDenied');
  });
});

describe('to count a finding', () => {
  test.each([
    ['in a situation that has another version', canceled('None', 'ConditionalCheckFailed')],
    ['in a situation that someone else is changing', canceled('None', 'TransactionConflict')],
    ['that someone else is counting', canceled('TransactionConflict', 'None')],
  ])('%s is a conflict, after a pause', async (_, error) => {
    dynamoDb.on(TransactWriteCommand).rejects(error);
    const { answer, took } = await count();
    expect(answer).toBe('conflict');
    expect(took).toBeGreaterThanOrEqual(20);
    expect(took).toBeLessThanOrEqual(120);
  });

  test('that was counted takes no pause', async () => {
    dynamoDb.on(TransactWriteCommand).rejects(canceled('ConditionalCheckFailed', 'TransactionConflict'));
    expect(await count()).toEqual({ answer: 'counted-before', took: 0 });
  });

  test('fails with what is no conflict', async () => {
    dynamoDb.on(TransactWriteCommand).rejects(canceled('None', 'ThrottlingError'));
    await expect(count()).rejects.toThrow(TransactionCanceledException);
  });
});

test('those who met do not pause equally long', async () => {
  dynamoDb.on(PutCommand).rejects(new TransactionConflictException(ERROR));
  const pauses: number[] = [];
  for (const random of [0, 0.5, 0.999]) {
    vi.spyOn(Math, 'random').mockReturnValue(random);
    pauses.push(Math.floor((await replace()).took));
  }
  expect(pauses).toEqual([20, 70, 119]);
});

test('a pause ends with the time of the function', async () => {
  dynamoDb.on(PutCommand).rejects(new TransactionConflictException(ERROR));
  setTimeout(() => controller.abort(new Error('out of time')), 10);
  await expect(situations().replace(stored)).rejects.toThrow('aborted');
});
