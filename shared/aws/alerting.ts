import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Notice } from '../alerts/alert-message.ts';
import type { Alerting } from '../alerts/alerting.ts';
import type { DeliveryStore } from '../alerts/delivery-store.ts';
import { tell } from '../alerts/telling.ts';
import type { Config } from '../config.ts';
import type { Observability } from '../lambda/observability.ts';
import { CLIENT_SETTINGS } from './clients.ts';
import { dynamoDbDeliveries } from './dynamodb-deliveries.ts';
import { dynamoDbSituations } from './dynamodb-situations.ts';
import { s3Store } from './s3-store.ts';
import { snsAlertPublisher } from './sns-alert-publisher.ts';

type AlertConfig = Pick<
  Config<'alert'>,
  | 'STAGE'
  | 'LAKE_BUCKET'
  | 'SITUATION_TABLE'
  | 'ALERT_POLICY'
  | 'ALERT_TOPIC_ARN'
  | 'CHAT_TOPIC_ARN'
  | 'ATHENA_DATABASE'
>;

/**
 * Alerting with situations in DynamoDB, messages to SNS and a record of them in the lake. To be made once, when a function
 * starts.
 *
 * @returns what makes it for one invocation, whose signal ends it
 */
export function awsAlerting(config: AlertConfig, s3: S3Client, { logger, count }: Observability) {
  const dynamoDb = DynamoDBDocumentClient.from(new DynamoDBClient(CLIENT_SETTINGS));
  const sns = new SNSClient(CLIENT_SETTINGS);
  const topics = {
    topicArn: config.ALERT_TOPIC_ARN,
    ...(config.CHAT_TOPIC_ARN === undefined ? {} : { chatTopicArn: config.CHAT_TOPIC_ARN }),
  };
  const context = { database: config.ATHENA_DATABASE, stage: config.STAGE };
  const now = () => Date.now() / 1000;

  function onPublished(notices: readonly Notice[]): void {
    const opened = notices.filter(({ reason }) => reason === 'opens').length;
    const kinds = [...new Set(notices.map(({ situation }) => situation.subject.kind))];
    logger.info('alert published', { situations: notices.length, opened, kinds });
    count('AlertsPublished', 1);
    count('SituationsOpened', opened);
  }

  function onUnrecorded(error: unknown): void {
    logger.error('an alert was published but not recorded in the lake', { error: error as Error });
    count('AlertsUnrecorded', 1);
  }

  return (signal: AbortSignal): Alerting & { readonly deliveries: DeliveryStore } => {
    const publisher = snsAlertPublisher(sns, topics, signal);
    const lake = s3Store(s3, config.LAKE_BUCKET, signal);
    return {
      store: dynamoDbSituations(dynamoDb, config.SITUATION_TABLE, now, signal),
      deliveries: dynamoDbDeliveries(dynamoDb, config.SITUATION_TABLE, now, signal),
      policy: config.ALERT_POLICY,
      publish: (notices) => tell(notices, now(), { publisher, lake, context, onPublished, onUnrecorded }),
      now,
    };
  };
}
