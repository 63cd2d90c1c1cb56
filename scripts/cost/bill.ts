/** What a month of flow logs costs: the pipeline by item, and what there is beside it. US dollars. */
import { countsOf, type Model } from './counts.ts';
import { functionsOf, logCost, queueRequests, type Way } from './functions.ts';
import { PRICES, tieredCost } from './prices.ts';
import { queryCost } from './queries.ts';
import {
  dynamoDbCost,
  lakeBytes,
  RECEIPT_BYTES,
  rawStorageCost,
  s3RequestCost,
  standardCost,
} from './storage.ts';
import { MONTH_DAYS, type Volume } from './volume.ts';

/** Items of the pipeline's bill, in the order of tables. */
export const ITEMS = {
  ingest: 'Lambda: ingest',
  functions: 'Lambda: the other functions',
  s3: 'S3 requests of the functions',
  sqs: 'SQS',
  dynamoDb: 'DynamoDB',
  logs: "the functions' logs",
  fixed: 'alarms, metrics, dashboard, key',
  sns: 'SNS and e-mail',
  partitions: 'Glue partitions',
  raw: 'storage: raw',
  lake: 'storage: lake',
  scans: 'Athena: bytes scanned',
  queryRequests: 'Athena: its S3 requests',
} as const;
export type Item = keyof typeof ITEMS;

export type Bill = Readonly<Record<Item, number>>;

export const total = (bill: Readonly<Record<string, number>>): number =>
  Object.values(bill).reduce((sum, usd) => sum + usd, 0);

/** The items that cost most, the most expensive first. */
export function largest(bill: Bill, count: number): Item[] {
  const items = Object.keys(bill) as Item[];
  return items.sort((a, b) => bill[b] - bill[a]).slice(0, count);
}

export function pipelineBill(volume: Volume, model: Model, way: Way = 'flowlogs'): Bill {
  const { assumptions } = model;
  const counts = countsOf(volume, model);
  const { ingest, ...others } = functionsOf(volume, counts, model, way);
  const bytes = lakeBytes(volume, counts, model, way);
  const tables = {
    records: {
      objects: counts.recordObjects,
      bytes: bytes.records / counts.recordObjects,
      gets: assumptions.jsonGets,
      partitions: counts.partitions / MONTH_DAYS,
    },
    findings: {
      objects: counts.findingObjects,
      bytes: model.findings.findingBytes / model.findings.objectsWithFindings,
      gets: assumptions.jsonGets,
      partitions: 1,
    },
    receipts: { objects: counts.receipts, bytes: RECEIPT_BYTES, gets: assumptions.jsonGets, partitions: 1 },
  };
  const queries = queryCost(tables, volume.accounts, assumptions);
  return {
    ingest: ingest.usd,
    functions: Object.values(others).reduce((sum, { usd }) => sum + usd, 0),
    s3: s3RequestCost(volume, counts, model),
    sqs: queueRequests(counts, { ingest, ...others }, model) * PRICES.sqsRequest.usd,
    dynamoDb: dynamoDbCost(counts, volume, model),
    logs: logCost(counts, { ingest, ...others }, model),
    fixed: fixedCost(model),
    sns:
      assumptions.messagesPerDay *
      MONTH_DAYS *
      (PRICES.snsPublish.usd + assumptions.emails * PRICES.snsEmail.usd),
    partitions: counts.partitions * (assumptions.lakeDays / MONTH_DAYS) * PRICES.gluePartition.usd,
    raw: rawStorageCost(volume, assumptions),
    lake: standardCost(total(bytes), assumptions.lakeDays),
    scans: queries.scans,
    queryRequests: queries.requests,
  };
}

/** Metrics of our own that are there in every hour: of ingest, register-partitions and alert. Others come with troubles. */
export const STEADY_METRICS = [
  'ObjectsIngested',
  'RecordsIngested',
  'BytesRead',
  'BytesWritten',
  'RejectedFlows',
  'NoDataRecords',
  'IngestLag',
  'PartitionsRegistered',
  'FindingsCounted',
] as const;

/** What costs the same whatever there is to do. */
function fixedCost({ stack }: Model): number {
  return (
    stack.alarms * PRICES.alarm.usd +
    STEADY_METRICS.length * PRICES.metric.usd +
    PRICES.dashboard.usd +
    PRICES.kmsKey.usd
  );
}

/** What AWS charges for delivering the text, whoever reads it. */
export function deliveryCost({ objects, object }: Volume): number {
  return tieredCost(PRICES.delivery, (objects * object.textBytes) / 1e9);
}

/** The rival's items: AWS delivers Parquet in folders of hours, the table has partition projection, and nothing else runs. */
export const RIVAL_ITEMS = {
  conversion: 'conversion to Parquet',
  storage: 'storage',
  scans: 'Athena: bytes scanned',
  queryRequests: 'Athena: its S3 requests',
} as const;
export type RivalBill = Readonly<Record<keyof typeof RIVAL_ITEMS, number>>;

/** Below this size Parquet takes no less than gzip text. Source: "Flow log files" (Amazon VPC User Guide). */
const SMALL_PARQUET = 100_000;
const HOURS_OF_DAY = 24;

export function rivalBill({ objects, object, accounts }: Volume, { assumptions }: Model): RivalBill {
  const { parquetSize, parquetRead, parquetGets, lakeDays } = assumptions;
  const bytes = object.gzipBytes * (object.gzipBytes < SMALL_PARQUET ? 1 : parquetSize);
  const stored = {
    objects,
    bytes: bytes * parquetRead,
    gets: parquetGets,
    partitions: accounts * HOURS_OF_DAY,
  };
  const queries = queryCost({ records: stored, findings: stored }, accounts, assumptions);
  return {
    conversion: ((objects * object.textBytes) / 1e9) * PRICES.parquet.usd,
    storage: standardCost(objects * bytes, lakeDays),
    scans: queries.scans,
    queryRequests: queries.requests,
  };
}
