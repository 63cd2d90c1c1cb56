import { GlueClient } from '@aws-sdk/client-glue';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { CLIENT_SETTINGS } from '../../shared/aws/clients.ts';
import { sqsSender } from '../../shared/aws/sqs-sender.ts';
import { readConfig } from '../../shared/config.ts';
import { beforeDeadline } from '../../shared/lambda/deadline.ts';
import { observe } from '../../shared/lambda/observability.ts';
import { reconcile } from './reconcile.ts';
import { reconcileReport } from './report.ts';
import { parseRequest } from './request.ts';

const config = readConfig('reconcile');
const observability = observe('reconcile', config.STAGE);
const report = reconcileReport(observability);
// The raw bucket may be in another Region.
const s3 = new S3Client({ ...CLIENT_SETTINGS, followRegionRedirects: true });
const glue = new GlueClient(CLIENT_SETTINGS);
const sqs = new SQSClient(CLIENT_SETTINGS);

/** On a schedule, or by hand with `{"days": 7, "dryRun": true}` → messages for what got lost, and what was found. */
export const handler = observability.handler((payload: unknown, context) =>
  beforeDeadline(context, async (signal) => {
    const request = parseRequest(payload, config.RECONCILE_DAYS);
    const partitionQueue = sqsSender(sqs, config.PARTITION_QUEUE_URL);
    const ingestQueue = sqsSender(sqs, config.INGEST_QUEUE_URL);
    return reconcile(request, { s3, glue, config, partitionQueue, ingestQueue, report, signal });
  }),
);
