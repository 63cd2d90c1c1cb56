import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, inject } from 'vitest';
import { dynamoDbSituations, WAITING_INDEX } from '../../shared/aws/dynamodb-situations.ts';
import { NOON } from '../shared/alerts/parts.ts';
import { testSituationStore } from '../shared/alerts/store-contract.ts';

const client = new DynamoDBClient({
  endpoint: inject('motoUrl'),
  region: 'eu-west-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});
const dynamoDb = DynamoDBDocumentClient.from(client);
afterAll(() => client.destroy());
let tables = 0;

testSituationStore(async () => {
  const table = `situations-${tables++}`;
  await client.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [
        { AttributeName: 'id', AttributeType: 'S' },
        { AttributeName: 'waiting', AttributeType: 'S' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: WAITING_INDEX,
          KeySchema: [
            { AttributeName: 'waiting', KeyType: 'HASH' },
            { AttributeName: 'id', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
    }),
  );
  return dynamoDbSituations(dynamoDb, table, () => NOON, new AbortController().signal);
});
