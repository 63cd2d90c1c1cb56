import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { situationTableResources } from '../../infrastructure/situation-table.ts';
import { keyOf, withPart } from '../../shared/alerts/situation.ts';
import { dynamoDbDeliveries } from '../../shared/aws/dynamodb-deliveries.ts';
import { dynamoDbSituations } from '../../shared/aws/dynamodb-situations.ts';
import { stackParameters } from '../infrastructure/stack-parameters.ts';
import { testDeliveryStore } from '../shared/alerts/delivery-contract.ts';
import { NOON, part } from '../shared/alerts/parts.ts';
import { testSituationStore } from '../shared/alerts/store-contract.ts';
import { createDynamoDbTable } from './harness/resources.ts';
import type { Properties } from './harness/template.ts';

/** The stores on the table of the stack, through the real protocol. */

const client = new DynamoDBClient({
  endpoint: inject('motoUrl'),
  region: 'eu-west-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});
const dynamoDb = DynamoDBDocumentClient.from(client);
afterAll(() => client.destroy());
const { signal } = new AbortController();
const TABLE: Properties = situationTableResources(stackParameters()).SituationTable!.Properties!;
let tables = 0;

async function emptyTable(): Promise<string> {
  const TableName = `situations-${tables++}`;
  await createDynamoDbTable(client, { ...TABLE, TableName });
  return TableName;
}

describe('situations', () => {
  testSituationStore(async () => dynamoDbSituations(dynamoDb, await emptyTable(), () => NOON, signal));
});

describe('deliveries', () => {
  testDeliveryStore(async (now) => dynamoDbDeliveries(dynamoDb, await emptyTable(), now, signal));
});

test('whatever is stored is forgotten one day, by the attribute that the table says', async () => {
  const table = await emptyTable();
  const situations = dynamoDbSituations(dynamoDb, table, () => NOON, signal);
  const one = part();
  const stored = { key: keyOf(one.subject), version: 0, situation: withPart(undefined, one, 3600) };
  await situations.count('finding', [stored]);
  await situations.take('messages', 'someone', 1, 86_400);
  await dynamoDbDeliveries(dynamoDb, table, () => NOON, signal).note('111111111111', 'eu-west-1', NOON);
  const { Items = [] } = await client.send(new ScanCommand({ TableName: table }));
  expect(Items.map(({ id }) => id!.S!.split(' ')[0]).sort()).toEqual([
    'delivery',
    'finding',
    'situation',
    'taken',
  ]);
  const { AttributeName, Enabled } = TABLE.TimeToLiveSpecification;
  expect(Enabled).toBe(true);
  for (const item of Items) expect(Number(item[AttributeName]?.N), item.id!.S).toBeGreaterThan(NOON);
});
