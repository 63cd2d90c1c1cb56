import {
  type CloudWatchClient,
  GetMetricDataCommand,
  paginateDescribeAlarms,
} from '@aws-sdk/client-cloudwatch';
import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { ownMetric, QUEUES } from '../infrastructure/metrics.ts';
import { type QueueName, queueName } from '../infrastructure/names.ts';
import type { DeliveryStore } from '../shared/alerts/delivery-store.ts';
import type { Policy } from '../shared/alerts/policy.ts';
import { silencesOf } from '../shared/alerts/silence.ts';
import type { BucketListing, ListedObject } from '../shared/aws/s3-listing.ts';
import { readJsonRow } from '../shared/lake/json-row.ts';
import type { ObjectStore } from '../shared/lake/object-store.ts';
import type { Receipt } from '../shared/lake/receipt.ts';
import type { DeployedStack } from './stack.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export interface QueueStatus {
  readonly queue: QueueName;
  /** Messages that wait, and that a function is at work on or that wait for their next try. About. */
  readonly waiting: number;
  readonly inWork: number;
  /** Seconds for which the oldest message has been in the queue; undefined if CloudWatch knows none. */
  readonly oldest: number | undefined;
  readonly deadLetters: number;
}

/**
 * How long the queues are and how old what is in them is.
 *
 * Sources: "GetQueueAttributes" (Amazon SQS API Reference), "Available CloudWatch metrics for Amazon SQS" (Developer
 * Guide): only CloudWatch tells the age, and for a queue that has been empty for hours nothing.
 */
export async function queueStatuses(
  sqs: SQSClient,
  cloudWatch: CloudWatchClient,
  { stage, queues }: DeployedStack,
  now: number,
): Promise<readonly QueueStatus[]> {
  const ages = await values(
    cloudWatch,
    QUEUES.map((queue) => ({
      namespace: 'AWS/SQS',
      name: 'ApproximateAgeOfOldestMessage',
      dimensions: { QueueName: queueName({ stage }, queue) },
      stat: 'Maximum',
    })),
    { from: now - 15 * MINUTE, to: now },
  );
  return Promise.all(
    QUEUES.map(async (queue, index) => {
      const [own, dead] = await Promise.all(
        [queues[queue].queue, queues[queue].deadLetters].map((url) => depthOf(sqs, url)),
      );
      return {
        queue,
        waiting: own!.visible,
        inWork: own!.hidden,
        oldest: ages[index]?.[0],
        deadLetters: dead!.visible + dead!.hidden,
      };
    }),
  );
}

async function depthOf(sqs: SQSClient, url: string): Promise<{ visible: number; hidden: number }> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: url,
      AttributeNames: [
        'ApproximateNumberOfMessages',
        'ApproximateNumberOfMessagesDelayed',
        'ApproximateNumberOfMessagesNotVisible',
      ],
    }),
  );
  const number = (name: string) => Number((Attributes as Record<string, string>)[name] ?? 0);
  return {
    visible: number('ApproximateNumberOfMessages'),
    hidden: number('ApproximateNumberOfMessagesNotVisible') + number('ApproximateNumberOfMessagesDelayed'),
  };
}

/** What ingest counted in the last hour. */
export interface LastHour {
  readonly objects: number;
  readonly failures: number;
  readonly records: number;
  readonly quarantined: number;
  /**
   * Seconds from the time that an object is for until it was ingested: on average in the last five minutes with
   * objects, and the longest of the hour. Undefined if there were none.
   */
  readonly lag: number | undefined;
  readonly longestLag: number | undefined;
}

export async function lastHour(
  cloudWatch: CloudWatchClient,
  { stage }: DeployedStack,
  now: number,
): Promise<LastHour> {
  const metric = (name: string, stat: string) => ({ ...ownMetric({ stage }, 'ingest', name), stat });
  const [objects, failures, records, quarantined, lags, longest] = await values(
    cloudWatch,
    [
      metric('ObjectsIngested', 'Sum'),
      metric('ObjectsFailed', 'Sum'),
      metric('RecordsIngested', 'Sum'),
      metric('QuarantinedLines', 'Sum'),
      metric('IngestLag', 'Average'),
      metric('IngestLag', 'Maximum'),
    ],
    { from: now - HOUR, to: now },
  );
  const sum = (numbers: readonly number[] = []) => numbers.reduce((total, each) => total + each, 0);
  return {
    objects: sum(objects),
    failures: sum(failures),
    records: sum(records),
    quarantined: sum(quarantined),
    lag: lags?.[0],
    longestLag: longest?.length ? Math.max(...longest) : undefined,
  };
}

interface MetricOf {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, unknown>>;
  readonly stat: string;
}

/** The values of each metric, of five minutes each, the latest first. Source: "GetMetricData" (CloudWatch API Reference). */
async function values(
  cloudWatch: CloudWatchClient,
  metrics: readonly MetricOf[],
  { from, to }: { from: number; to: number },
): Promise<readonly (readonly number[])[]> {
  const { MetricDataResults = [] } = await cloudWatch.send(
    new GetMetricDataCommand({
      StartTime: new Date(from * 1000),
      EndTime: new Date(to * 1000),
      ScanBy: 'TimestampDescending',
      MetricDataQueries: metrics.map(({ namespace, name, dimensions, stat }, index) => ({
        Id: `m${index}`,
        MetricStat: {
          Metric: {
            Namespace: namespace,
            MetricName: name,
            Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value: String(Value) })),
          },
          Period: 5 * MINUTE,
          Stat: stat,
        },
      })),
    }),
  );
  return metrics.map((_, index) => MetricDataResults.find(({ Id }) => Id === `m${index}`)?.Values ?? []);
}

export interface AlarmStatus {
  readonly name: string;
  /** When it went off, Unix seconds. */
  readonly since: number;
  readonly description: string;
}

/** The alarms of the stack that are on. They are known by the topic that they tell. */
export async function alarmsOn(
  cloudWatch: CloudWatchClient,
  { name, operationsTopicArn }: DeployedStack,
): Promise<readonly AlarmStatus[]> {
  const alarms: AlarmStatus[] = [];
  const input = { AlarmNamePrefix: `${name}-`, StateValue: 'ALARM' as const };
  for await (const { MetricAlarms = [] } of paginateDescribeAlarms({ client: cloudWatch }, input)) {
    for (const {
      AlarmName = '',
      AlarmActions = [],
      StateUpdatedTimestamp,
      AlarmDescription = '',
    } of MetricAlarms) {
      if (!AlarmActions.includes(operationsTopicArn)) continue;
      const since = (StateUpdatedTimestamp?.getTime() ?? 0) / 1000;
      alarms.push({ name: AlarmName, since, description: AlarmDescription });
    }
  }
  return alarms;
}

export interface DelivererStatus {
  readonly accountId: string;
  readonly region: string;
  /** When the last object was done, Unix seconds. */
  readonly last: number;
  /** People are, or will be, told that it fell silent. */
  readonly isSilent: boolean;
}

/** Who delivers, those first who have not for the longest time. */
export async function deliverers(
  deliveries: Pick<DeliveryStore, 'all'>,
  policy: Policy,
  now: number,
): Promise<readonly DelivererStatus[]> {
  const all = await Array.fromAsync(deliveries.all());
  const silent = new Set(
    silencesOf(all, policy, now).map(({ part: { subject } }) => `${subject.accountId} ${subject.region}`),
  );
  return all
    .map(({ accountId, region, last }) => ({
      ...{ accountId, region, last },
      isSilent: silent.has(`${accountId} ${region}`),
    }))
    .sort((a, b) => a.last - b.last);
}

/** Of a day so many receipts are looked at for the newest ones. */
const MAX_LISTED = 20_000;

/** The receipts that were written last, today or yesterday, the newest first. */
export async function lastReceipts(
  listing: Pick<BucketListing, 'objects'>,
  lake: Pick<ObjectStore, 'get'>,
  wanted: number,
  now: number,
): Promise<{ readonly receipts: readonly Receipt[]; readonly isCut: boolean }> {
  const found: ListedObject[] = [];
  let isCut = false;
  for (const time of [now, now - DAY]) {
    const day = new Date(time * 1000).toISOString().slice(0, 10);
    let listed = 0;
    for await (const object of listing.objects(`receipts/day=${day}/`)) {
      found.push(object);
      if (++listed === MAX_LISTED) {
        isCut = true;
        break;
      }
    }
    if (found.length >= wanted) break;
  }
  const newest = found.toSorted((a, b) => b.lastModified - a.lastModified).slice(0, wanted);
  const receipts = await Promise.all(newest.map(({ key }) => readJsonRow<Receipt>(key, lake)));
  return { receipts: receipts.filter((receipt) => receipt !== undefined), isCut };
}
