import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  type DynamoDBDocumentClient,
  PutCommand,
  paginateQuery,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { isWaiting, type SituationStore, type StoredSituation } from '../alerts/situation-store.ts';
import { WAITING_INDEX } from './situation-table.ts';

/**
 * Situations in a DynamoDB table whose key is `id` (a string), with the index WAITING_INDEX over `waiting` and `id`, and
 * time to live by `expires`. Items are
 *
 *     situation <key>    version, situation (JSON), waiting ("yes", or absent), expires
 *     finding <id>       that it was counted; expires
 *     taken <name>       takers (set of hashes); expires
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
        if (unprocessed.length > 0) await sleep(UNPROCESSED_PAUSE, undefined, { signal });
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
        if (!isConflict) throw error;
        await pauseAfterConflict();
        return 'conflict';
      }
    },

    async replace(changed) {
      try {
        await dynamoDb.send(new PutCommand(replacement(changed)), options);
        return true;
      } catch (error) {
        if (!isConditionFailed(error) && !isInTransaction(error)) throw error;
        await pauseAfterConflict();
        return false;
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

    async take(name, taker, limit, seconds) {
      // Names come from keys, which can be long; hashes keep the item small.
      const id = createHash('sha256').update(taker).digest('base64url').slice(0, 22);
      try {
        await dynamoDb.send(
          new UpdateCommand({
            TableName: table,
            Key: { id: `taken ${name}` },
            UpdateExpression: 'ADD takers :takers SET expires = if_not_exists(expires, :expires)',
            ConditionExpression:
              'attribute_not_exists(takers) OR size(takers) < :limit OR contains(takers, :taker)',
            ExpressionAttributeValues: {
              ':taker': id,
              ':takers': new Set([id]),
              ':limit': limit,
              ':expires': Math.floor(now()) + seconds,
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

  /** Who is told of a conflict tries again at once: those who met must not meet again. */
  async function pauseAfterConflict(): Promise<void> {
    const [shortest, longest] = CONFLICT_PAUSE;
    await sleep(shortest + Math.random() * (longest - shortest), undefined, { signal });
  }

  function replacement({ key, version, situation }: StoredSituation) {
    const item: Item = {
      id: situationId(key),
      version: version + 1,
      situation: JSON.stringify(situation),
      ...(isWaiting(situation) && { waiting: WAITING }),
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

const WAITING = 'yes';

/** Keys that one BatchGetItem takes. */
const MOST_KEYS = 100;
/** Before keys that DynamoDB left are asked for again, in milliseconds. */
const UNPROCESSED_PAUSE = 100;
/** Before a conflict is answered, from and to, in milliseconds. */
const CONFLICT_PAUSE = [20, 120] as const;

const DAY = 86_400;
/** Longer than any message waits in a queue and its dead-letter queue (14 days each). Seconds. */
const REMEMBER_FINDINGS = 30 * DAY;
/** After the last change. */
const REMEMBER_SITUATIONS = 30 * DAY;

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

/**
 * Whether the item is just being changed by someone's transaction: the SDK does not try that again. Source: "Transaction
 * conflict handling in DynamoDB" (Amazon DynamoDB Developer Guide).
 */
function isInTransaction(error: unknown): boolean {
  return (error as Error).name === 'TransactionConflictException';
}
