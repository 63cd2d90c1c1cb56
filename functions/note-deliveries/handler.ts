import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { SQSEvent } from 'aws-lambda';
import { CLIENT_SETTINGS } from '../../shared/aws/clients.ts';
import { dynamoDbDeliveries } from '../../shared/aws/dynamodb-deliveries.ts';
import { sqsFailedMessages } from '../../shared/aws/failed-messages.ts';
import { readConfig } from '../../shared/config.ts';
import { beforeDeadline } from '../../shared/lambda/deadline.ts';
import { observe } from '../../shared/lambda/observability.ts';
import { processBatch } from '../../shared/lambda/sqs-batch.ts';
import { noteDeliveries } from './note-deliveries.ts';

const config = readConfig('note-deliveries');
const observability = observe('note-deliveries', config.STAGE);
const dynamoDb = DynamoDBDocumentClient.from(new DynamoDBClient(CLIENT_SETTINGS));
const failed = sqsFailedMessages(
  new SQSClient(CLIENT_SETTINGS),
  config.QUEUE_URL,
  config.DEAD_LETTER_QUEUE_URL,
);
const now = () => Date.now() / 1000;
/** By account and Region, when this instance last noted a delivery. */
const noted = new Map<string, number>();

/** Queue messages that announce receipts in the lake → when each account and Region last delivered. */
export const handler = observability.handler((event: SQSEvent, context) =>
  beforeDeadline(context, async (signal) => {
    const deliveries = dynamoDbDeliveries(dynamoDb, config.SITUATION_TABLE, now, signal);
    const outcomeOf = await noteDeliveries(event.Records, {
      lakeBucket: config.LAKE_BUCKET,
      deliveries,
      noted,
    });
    return processBatch(event.Records, outcomeOf, failed, observability);
  }),
);
