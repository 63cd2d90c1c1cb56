import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  type DynamoDBDocumentClient,
  PutCommand,
  paginateQuery,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type { SituationStore, StoredSituation } from '../alerts/situation-store.ts';

/**
 * Situations in a DynamoDB table whose key is `id` (a string), with the index WAITING_INDEX over `waiting` and `id`, and
 * time to live by `expires`. Items are
 *
 *     situation <key>    version, situation (JSON), waiting ("yes", or absent), expires
 *     finding <id>       that it was counted; expires
 *     taken <name>       taken (number); expires
 *
 * Sources: "TransactWriteItems" and "BatchGetItem" (Amazon DynamoDB API Reference).
 *
 * @param now Unix seconds
 * @param signal ends it; what is not done then fails with the signal's reason
 */
export function dynamoDbSituations(
  dynamoDb: DynamoDBDocumentClient,
  table: string,
  now: () => number,
  signal: AbortSignal,
): SituationStore {
  const options = { abortSignal: signal };

  return {
    async read(keys) {
      const found = new Map<string, StoredSituation>();
      let left = [...new Set(keys)].map((key) => ({ id: situationId(key) }));
      while (left.length > 0) {
        const { Responses, UnprocessedKeys } = await dynamoDb.send(
          new BatchGetCommand({
            RequestItems: { [table]: { Keys: left.slice(0, MOST_KEYS), ConsistentRead: true } },
          }),
          options,
        );
        for (const item of Responses?.[table] ?? []) {
          const stored = storedSituation(item as Item);
          found.set(stored.key, stored);
        }
        const unprocessed = (UnprocessedKeys?.[table]?.Keys ?? []) as { id: string }[];
        left = [...unprocessed, ...left.slice(MOST_KEYS)];
      }
      return found;
    },

    async count(findingId, changed) {
      const mark = {
        TableName: table,
        Item: { id: `finding ${findingId}`, expires: Math.floor(now()) + REMEMBER_FINDINGS },
        ConditionExpression: 'attribute_not_exists(id)',
      };
      try {
        await dynamoDb.send(
          new TransactWriteCommand({
            TransactItems: [{ Put: mark }, ...changed.map((each) => ({ Put: replacement(each) }))],
          }),
          options,
        );
        return 'counted';
      } catch (error) {
        if (!(error instanceof TransactionCanceledException)) throw error;
        const [ofFinding, ...ofSituations] = (error.CancellationReasons ?? []).map(({ Code }) => Code);
        if (ofFinding === CONDITION_FAILED) return 'counted-before';
        const isConflict = [ofFinding, ...ofSituations].every((code) => CONFLICTS.includes(code ?? 'None'));
        if (isConflict) return 'conflict';
        throw error;
      }
    },

    async replace(changed) {
      try {
        await dynamoDb.send(new PutCommand(replacement(changed)), options);
        return true;
      } catch (error) {
        if (isConditionFailed(error)) return false;
        throw error;
      }
    },

    async *waiting() {
      const pages = paginateQuery(
        { client: dynamoDb },
        {
          TableName: table,
          IndexName: WAITING_INDEX,
          KeyConditionExpression: '#waiting = :yes',
          ExpressionAttributeNames: { '#waiting': 'waiting' },
          ExpressionAttributeValues: { ':yes': WAITING },
        },
        options,
      );
      for await (const { Items = [] } of pages) for (const item of Items) yield storedSituation(item as Item);
    },

    async take(name, limit) {
      try {
        await dynamoDb.send(
          new UpdateCommand({
            TableName: table,
            Key: { id: `taken ${name}` },
            UpdateExpression: 'ADD taken :one SET expires = if_not_exists(expires, :expires)',
            ConditionExpression: 'attribute_not_exists(taken) OR taken < :limit',
            ExpressionAttributeValues: {
              ':one': 1,
              ':limit': limit,
              ':expires': Math.floor(now()) + REMEMBER_TAKEN,
            },
          }),
          options,
        );
        return true;
      } catch (error) {
        if (isConditionFailed(error)) return false;
        throw error;
      }
    },
  };

  function replacement({ key, version, situation }: StoredSituation) {
    const { told, claimedUntil, heldSince } = situation;
    const isWaiting = told === undefined || claimedUntil !== undefined || heldSince !== undefined;
    const item: Item = {
      id: situationId(key),
      version: version + 1,
      situation: JSON.stringify(situation),
      ...(isWaiting && { waiting: WAITING }),
      expires: Math.floor(now()) + REMEMBER_SITUATIONS,
    };
    return {
      TableName: table,
      Item: item,
      ...(version === 0
        ? { ConditionExpression: 'attribute_not_exists(id)' }
        : {
            ConditionExpression: '#version = :before',
            ExpressionAttributeNames: { '#version': 'version' },
            ExpressionAttributeValues: { ':before': version },
          }),
    };
  }
}

/** Over the items that `waiting()` gives; a sparse index, so that the many others cost nothing. */
export const WAITING_INDEX = 'waiting';
const WAITING = 'yes';

/** Keys that one BatchGetItem takes. */
const MOST_KEYS = 100;

const DAY = 86_400;
/** Longer than any message waits in a queue and its dead-letter queue (14 days each). Seconds. */
const REMEMBER_FINDINGS = 30 * DAY;
/** After the last change. */
const REMEMBER_SITUATIONS = 30 * DAY;
const REMEMBER_TAKEN = 7 * DAY;

const CONDITION_FAILED = 'ConditionalCheckFailed';
/** Why a transaction can be tried again with what is there now. */
const CONFLICTS: readonly string[] = ['None', CONDITION_FAILED, 'TransactionConflict'];

interface Item {
  readonly id: string;
  readonly version: number;
  readonly situation: string;
  readonly waiting?: typeof WAITING;
  readonly expires: number;
}

function situationId(key: string): string {
  return `situation ${key}`;
}

function storedSituation({ id, version, situation }: Item): StoredSituation {
  return { key: id.slice(situationId('').length), version, situation: JSON.parse(situation) };
}

function isConditionFailed(error: unknown): boolean {
  return (error as Error).name === 'ConditionalCheckFailedException';
}
