import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { awsAlerting } from '../../shared/aws/alerting.ts';
import { CLIENT_SETTINGS } from '../../shared/aws/clients.ts';
import { sqsFailedMessages } from '../../shared/aws/failed-messages.ts';
import { s3Store } from '../../shared/aws/s3-store.ts';
import { readConfig } from '../../shared/config.ts';
import { beforeDeadline } from '../../shared/lambda/deadline.ts';
import { observe } from '../../shared/lambda/observability.ts';
import { processBatch } from '../../shared/lambda/sqs-batch.ts';
import { alertMessage } from './alert-message.ts';

const config = readConfig('alert');
const observability = observe('alert', config.STAGE);
const s3 = new S3Client(CLIENT_SETTINGS);
const failed = sqsFailedMessages(
  new SQSClient(CLIENT_SETTINGS),
  config.QUEUE_URL,
  config.DEAD_LETTER_QUEUE_URL,
);
const alertingUntil = awsAlerting(config, s3, observability);

/** Queue messages that announce findings objects → situations, and alerts to the topic. */
export const handler = observability.handler((event: SQSEvent, context) =>
  beforeDeadline(context, (signal) => {
    const lake = s3Store(s3, config.LAKE_BUCKET, signal);
    const alerting = alertingUntil(signal);
    const job = { lake, lakeBucket: config.LAKE_BUCKET, alerting, observability, signal };
    return processBatch(event.Records, (message) => alertMessage(message.body, job), failed, observability);
  }),
);
