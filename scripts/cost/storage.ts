/** What S3 and DynamoDB charge in a month. Storage is that of buckets where as much expires as comes. */
import { PART_BYTES } from '../../shared/aws/s3-create-object.ts';
import type { Assumptions } from './assumptions.ts';
import type { Counts, Model } from './counts.ts';
import { secondsBetweenRuns, type Way } from './functions.ts';
import { PRICES, tieredCost } from './prices.ts';
import { MONTH_DAYS, MONTH_SECONDS, type Volume } from './volume.ts';

const GB = 1e9;

/** Athena writes the result of a statement, and a description of it. */
const STATEMENT_PUTS = 2;

/** US dollars for the requests of the functions to S3. */
export function s3RequestCost(
  { objects, object }: Volume,
  counts: Counts,
  { measured, assumptions }: Model,
): number {
  const { GET, HEAD, LIST } = measured.smallObjects.requests;
  // What is larger than a part goes up in parts, with a request to begin and one to end.
  const extraPuts = object.lakeBytes <= PART_BYTES ? 0 : Math.ceil(object.lakeBytes / PART_BYTES) + 1;
  const puts =
    counts.recordObjects +
    objects * extraPuts +
    counts.findingObjects +
    counts.receipts +
    counts.statements * STATEMENT_PUTS +
    assumptions.messagesPerDay * MONTH_DAYS;
  const lists = objects * LIST + counts.reconcileLists;
  const gets = objects * (GET + HEAD) + counts.findingObjects;
  return (puts + lists) * PRICES.s3Put.usd + gets * PRICES.s3Get.usd;
}

/** US dollars for so many bytes a month, each kept for so many days in S3 Standard. */
export function standardCost(monthlyBytes: number, days: number): number {
  return tieredCost(PRICES.s3Standard, (monthlyBytes / GB) * (days / MONTH_DAYS));
}

/** S3 moves no smaller objects. Source: "Transitioning objects using Amazon S3 Lifecycle" (Amazon S3 User Guide). */
const LEAST_ARCHIVED = 128 * 1024;

export function rawStorageCost(
  { objects, object }: Volume,
  { rawDays, archiveAfterDays }: Pick<Assumptions, 'rawDays' | 'archiveAfterDays'>,
): number {
  const bytes = objects * object.gzipBytes;
  if (object.gzipBytes < LEAST_ARCHIVED || archiveAfterDays >= rawDays) return standardCost(bytes, rawDays);
  const archivedMonths = (rawDays - archiveAfterDays) / MONTH_DAYS;
  return (
    standardCost(bytes, archiveAfterDays) +
    (bytes / GB) * archivedMonths * PRICES.s3Instant.usd +
    objects * PRICES.s3Archive.usd
  );
}

/** Bytes of the receipt of an object with 29 columns, records in one hour, and findings. */
export const RECEIPT_BYTES = 1670;

/** Bytes that ingest writes in a month, by table. */
export function lakeBytes({ objects, object }: Volume, counts: Counts, { findings }: Model, way: Way) {
  return {
    records: objects * (way === 'plain' ? object.plainBytes : object.lakeBytes),
    findings: (counts.findings * findings.findingBytes) / findings.findings,
    receipts: counts.receipts * RECEIPT_BYTES,
  };
}

/**
 * Bytes of the item that says when an account delivered: the hours of eight days, some 5 bytes each, and the rest. The index
 * holds it, too. See shared/aws/dynamodb-deliveries.ts.
 */
const DELIVERY_BYTES = 8 * 24 * 5 + 150;

/** US dollars for the table of situations and deliveries. What it stores is a few megabytes. */
export function dynamoDbCost(counts: Counts, { accounts }: Volume, model: Model): number {
  const { findings } = model;
  const ofDelivery = 2 * Math.ceil(DELIVERY_BYTES / 1024);
  const writes = (counts.findings * findings.writeUnits) / findings.findings + counts.deliveries * ofDelivery;
  // The schedule reads all deliveries each time, not consistently, which takes half the units.
  const runs = MONTH_SECONDS / secondsBetweenRuns('alert-schedule', model);
  const ofRun = Math.ceil((accounts * DELIVERY_BYTES) / 4096) / 2;
  const reads = (counts.findings * findings.readUnits) / findings.findings + runs * ofRun;
  return writes * PRICES.dynamoDbWrite.usd + reads * PRICES.dynamoDbRead.usd;
}
