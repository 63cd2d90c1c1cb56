import { S3Client } from '@aws-sdk/client-s3';
import { awsAlerting } from '../../shared/aws/alerting.ts';
import { CLIENT_SETTINGS } from '../../shared/aws/clients.ts';
import { readConfig } from '../../shared/config.ts';
import { beforeDeadline } from '../../shared/lambda/deadline.ts';
import { observe } from '../../shared/lambda/observability.ts';
import { tellOnSchedule } from './tell-on-schedule.ts';

const config = readConfig('alert-schedule');
const observability = observe('alert-schedule', config.STAGE);
const alertingUntil = awsAlerting(config, new S3Client(CLIENT_SETTINGS), observability);

/** Every five minutes: digests, accounts that fell silent, and what a crash left untold. */
export const handler = observability.handler((_event: unknown, context) =>
  beforeDeadline(context, (signal) => tellOnSchedule(alertingUntil(signal))),
);
