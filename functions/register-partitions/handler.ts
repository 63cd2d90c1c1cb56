import { AthenaClient } from '@aws-sdk/client-athena';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import {
  athenaPartitionCatalogue,
  type StatementReport,
} from '../../shared/aws/athena-partition-catalogue.ts';
import { CLIENT_SETTINGS } from '../../shared/aws/clients.ts';
import { sqsFailedMessages } from '../../shared/aws/failed-messages.ts';
import { readConfig } from '../../shared/config.ts';
import { beforeDeadline } from '../../shared/lambda/deadline.ts';
import { observe } from '../../shared/lambda/observability.ts';
import { processBatch } from '../../shared/lambda/sqs-batch.ts';
import { recentPartitions } from './recent-partitions.ts';
import { registerMessages } from './register-messages.ts';

const config = readConfig('register-partitions');
const observability = observe('register-partitions', config.STAGE);
const { logger, count } = observability;
// A full queue of DDL statements empties slowly, so throttled calls are repeated more often than others.
const athena = new AthenaClient({ ...CLIENT_SETTINGS, maxAttempts: 8 });
const failed = sqsFailedMessages(
  new SQSClient(CLIENT_SETTINGS),
  config.QUEUE_URL,
  config.DEAD_LETTER_QUEUE_URL,
);
const target = { database: config.ATHENA_DATABASE, workgroup: config.ATHENA_WORKGROUP };
const recent = recentPartitions();

/** Queue messages that announce records in the lake → partitions in the catalogue. */
export const handler = observability.handler((event: SQSEvent, context) =>
  beforeDeadline(context, async (signal) => {
    const catalogue = athenaPartitionCatalogue(athena, config.LAKE_BUCKET, target, logStatement, signal);
    const job = { lakeBucket: config.LAKE_BUCKET, catalogue, recent, count };
    const outcomeOf = await registerMessages(event.Records, job);
    return processBatch(event.Records, outcomeOf, failed, observability);
  }),
);

function logStatement({ error, ...statement }: StatementReport): void {
  if (error === undefined) logger.info('partitions registered', { ...statement });
  else logger.warn('partitions not registered', { ...statement, error });
}
