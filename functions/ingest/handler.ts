import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { CLIENT_SETTINGS } from '../../shared/aws/clients.ts';
import { sqsFailedMessages } from '../../shared/aws/failed-messages.ts';
import { s3Store } from '../../shared/aws/s3-store.ts';
import { readConfig } from '../../shared/config.ts';
import { createBudget } from '../../shared/lambda/budget.ts';
import { beforeDeadline } from '../../shared/lambda/deadline.ts';
import { observe } from '../../shared/lambda/observability.ts';
import { processBatch } from '../../shared/lambda/sqs-batch.ts';
import { ingestMessage } from './ingest-message.ts';
import { MEMORY_BUDGET } from './memory.ts';
import { ingestReport } from './report.ts';
import { ingestSettings } from './settings.ts';

const config = readConfig('ingest');
const observability = observe('ingest', config.STAGE);
// The raw bucket may be in another Region.
const s3 = new S3Client({ ...CLIENT_SETTINGS, followRegionRedirects: true });
const failed = sqsFailedMessages(
  new SQSClient(CLIENT_SETTINGS),
  config.QUEUE_URL,
  config.DEAD_LETTER_QUEUE_URL,
);
const settings = ingestSettings(config);
const report = ingestReport(observability);
const budget = createBudget(MEMORY_BUDGET);

/** Queue messages that announce source objects → records, quarantine, findings and a receipt in the lake. */
export const handler = observability.handler((event: SQSEvent, context) =>
  beforeDeadline(context, (signal) => {
    const lake = s3Store(s3, config.LAKE_BUCKET, signal);
    const job = { s3, lake, settings, budget, report, signal };
    return processBatch(event.Records, (message) => ingestMessage(message.body, job), failed, observability);
  }),
);
