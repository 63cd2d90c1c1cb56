import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, paginateQuery, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { type DeliveryStore, KEPT_HOURS } from '../alerts/delivery-store.ts';
import { WAITING_INDEX } from './situation-table.ts';

/**
 * Deliveries in the table of situations. Items are
 *
 *     delivery <account> <region>    last (number), hours (number set), waiting ("delivery"), expires
 *
 * Sources: "Update expressions" and "UpdateItem" (Amazon DynamoDB Developer Guide and API Reference).
 *
 * @param now Unix seconds
 * @param signal ends it; what is not done then fails with the signal's reason
 */
export function dynamoDbDeliveries(
  dynamoDb: DynamoDBDocumentClient,
  table: string,
  now: () => number,
  signal: AbortSignal,
): DeliveryStore {
  const options = { abortSignal: signal };

  return {
    async note(accountId, region, at) {
      const key = { id: `delivery ${accountId} ${region}` };
      const hour = Math.floor(at / HOUR);
      try {
        const { Attributes } = await dynamoDb.send(
          new UpdateCommand({
            TableName: table,
            Key: key,
            UpdateExpression: 'ADD hours :hour SET #last = :at, expires = :expires, waiting = :delivery',
            ConditionExpression: 'attribute_not_exists(id) OR #last < :at',
            ExpressionAttributeNames: { '#last': 'last' },
            ExpressionAttributeValues: {
              ':hour': new Set([hour]),
              ':at': at,
              ':expires': Math.floor(at) + REMEMBER,
              ':delivery': DELIVERY,
            },
            ReturnValues: 'UPDATED_NEW',
          }),
          options,
        );
        await forget(key, (Attributes as Item).hours, hour);
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        // A later one is noted already: its hour may still be a new one.
        await changeHours(key, 'ADD', [hour]);
      }
    },

    async *all() {
      const pages = paginateQuery(
        { client: dynamoDb },
        {
          TableName: table,
          IndexName: WAITING_INDEX,
          KeyConditionExpression: 'waiting = :delivery',
          // DynamoDB may take days to delete what has expired.
          FilterExpression: 'expires > :now',
          ExpressionAttributeValues: { ':delivery': DELIVERY, ':now': Math.floor(now()) },
        },
        options,
      );
      for await (const { Items = [] } of pages) {
        for (const { id, last, hours } of Items as Item[]) {
          const [, accountId = '', region = ''] = id.split(' ');
          yield { accountId, region, last, hours: [...hours].sort((a, b) => a - b) };
        }
      }
    },
  };

  /** Keeps the set small: once it has a day more than need be, what is too old goes. */
  async function forget(key: Key, hours: ReadonlySet<number>, hour: number): Promise<void> {
    if (hours.size <= KEPT_HOURS + DAY / HOUR) return;
    const old = [...hours].filter((each) => each <= hour - KEPT_HOURS);
    if (old.length > 0) await changeHours(key, 'DELETE', old);
  }

  async function changeHours(key: Key, change: 'ADD' | 'DELETE', hours: readonly number[]): Promise<void> {
    await dynamoDb.send(
      new UpdateCommand({
        TableName: table,
        Key: key,
        UpdateExpression: `${change} hours :hours`,
        ExpressionAttributeValues: { ':hours': new Set(hours) },
      }),
      options,
    );
  }
}

/** What `waiting` says of a delivery. */
const DELIVERY = 'delivery';

const HOUR = 3600;
const DAY = 24 * HOUR;
/** After the last delivery. Seconds. */
const REMEMBER = 7 * DAY;

interface Key {
  readonly id: string;
}

interface Item extends Key {
  readonly last: number;
  readonly hours: ReadonlySet<number>;
}
