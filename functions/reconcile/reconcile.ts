import type { GlueClient } from '@aws-sdk/client-glue';
import type { S3Client } from '@aws-sdk/client-s3';
import { registeredLocations } from '../../shared/aws/glue-partitions.ts';
import { notificationOf } from '../../shared/aws/object-created.ts';
import { type ListedObject, s3Listing } from '../../shared/aws/s3-listing.ts';
import { s3Store } from '../../shared/aws/s3-store.ts';
import type { Sender } from '../../shared/aws/sqs-sender.ts';
import type { Config } from '../../shared/config.ts';
import { type DatedSource, objectTime } from '../../shared/lake/object-time.ts';
import type { RecordTable } from '../../shared/lake/partition.ts';
import { boundedCount, type StoppedAt, untilStopped } from './bounds.ts';
import { findLostObjects, type ObjectCounts } from './lost-objects.ts';
import { findLostPartitions, type PartitionCounts } from './lost-partitions.ts';
import type { Compared, ReconcileReport } from './report.ts';
import { lastDays, type ReconcileRequest } from './request.ts';

export interface ReconcileJob {
  readonly s3: S3Client;
  readonly glue: GlueClient;
  readonly config: Pick<Config<'reconcile'>, 'RAW_BUCKET' | 'RAW_PREFIX' | 'LAKE_BUCKET' | 'ATHENA_DATABASE'>;
  readonly partitionQueue: Sender;
  readonly ingestQueue: Sender;
  readonly report: ReconcileReport;
  /** Aborts when the invocation's time is nearly over. */
  readonly signal: AbortSignal;
}

/** What one comparison came to, besides its own counts. */
interface Outcome {
  /** In the one place and not in the other. */
  readonly missing: number;
  /** Messages that were sent for what is missing. */
  readonly requeued: number;
  /** Absent if everything was looked at. */
  readonly stoppedAt?: StoppedAt;
}

export interface ReconcileResult extends ReconcileRequest {
  readonly partitions: PartitionCounts & Outcome;
  readonly objects: ObjectCounts & Outcome;
}

/**
 * Bounds of each of the two comparisons: messages sent, and entries listed. `elsewhere`: raw objects outside AWS's layout,
 * listed of one folder and held in memory.
 */
const BOUNDS = { messages: 20_000, listed: 2_000_000, elsewhere: 100_000 };
/** Seconds in which a notification may arrive by itself, and its message be delivered for a second time. */
const GRACE = 2 * 3600;

/**
 * Compares listings and sends notifications for what got lost: folders of the lake that the catalogue does not know, to
 * the partition queue; raw objects without a receipt, to the ingest queue. The queues' functions do what was missed.
 * Sent in vain a message does no harm. An object that can never be ingested has no receipt: as long as its day is looked
 * at, it is sent each time, and comes to the dead-letter queue again with its reason.
 *
 * @throws the failure of a comparison; the other one is done all the same.
 */
export async function reconcile(
  request: ReconcileRequest,
  job: ReconcileJob,
  bounds: Readonly<typeof BOUNDS> = BOUNDS,
): Promise<ReconcileResult> {
  const { s3, glue, config, report, signal } = job;
  const now = Date.now();
  const days = lastDays(request.days, now);
  const settledBefore = now / 1000 - GRACE;

  const partitionCounts: PartitionCounts = { compared: 0, misplaced: 0 };
  const objectCounts: ObjectCounts = { compared: 0, ignored: 0, young: 0, unclaimed: 0, unseen: 0 };
  const [partitions, objects] = await Promise.allSettled([
    comparison(
      { what: 'partition', bucket: config.LAKE_BUCKET, queue: job.partitionQueue },
      (onPage, lost) => {
        const lake = s3Listing(s3, config.LAKE_BUCKET, signal, onPage);
        const registered = (table: RecordTable, day: string) =>
          registeredLocations(glue, config.ATHENA_DATABASE, table, day, signal);
        // An object's records may be a week older than the object.
        const recordDays = lastDays(request.days + 7, now);
        const where = { lake, lakeBucket: config.LAKE_BUCKET, registered, days: recordDays, settledBefore };
        return findLostPartitions(where, partitionCounts, { lost, misplaced: report.misplaced });
      },
    ),
    comparison({ what: 'object', bucket: config.RAW_BUCKET, queue: job.ingestQueue }, (onPage, lost) => {
      const raw = s3Listing(s3, config.RAW_BUCKET, signal, onPage);
      const lake = s3Listing(s3, config.LAKE_BUCKET, signal, onPage);
      const { RAW_BUCKET: rawBucket, RAW_PREFIX: rawPrefix } = config;
      const maxElsewhere = bounds.elsewhere;
      const store = s3Store(s3, config.LAKE_BUCKET, signal);
      const where = {
        ...{ raw, rawBucket, rawPrefix, lake, days, settledBefore, maxElsewhere },
        objectTime: (source: DatedSource) => objectTime(source, store),
      };
      return findLostObjects(where, objectCounts, lost);
    }),
  ]);
  if (objectCounts.unseen > 0) report.crowded();
  const result = {
    ...request,
    partitions: { ...partitionCounts, ...fulfilled(partitions) },
    objects: { ...objectCounts, ...fulfilled(objects) },
  };
  report.done(result);
  return result;

  async function comparison(
    { what, bucket, queue }: { what: Compared; bucket: string; queue: Sender },
    search: (
      onPage: (entries: number) => void,
      lost: (object: ListedObject) => Promise<void>,
    ) => Promise<void>,
  ): Promise<Outcome> {
    let missing = 0;
    const anotherMessage = boundedCount(bounds.messages, 'messages');
    const lost = async ({ key, etag, size }: ListedObject) => {
      anotherMessage(1);
      missing++;
      report.missing(what, `s3://${bucket}/${key}`, !request.dryRun);
      if (!request.dryRun) await queue.send(notificationOf({ bucket, key, etag, size }));
    };
    let stoppedAt: StoppedAt | undefined;
    try {
      stoppedAt = await untilStopped(signal, () => search(boundedCount(bounds.listed, 'listed'), lost));
    } finally {
      // What was found before a failure is lost as well.
      await queue.flush().finally(() => report.requeued(what, queue.sent));
    }
    if (stoppedAt === undefined) return { missing, requeued: queue.sent };
    report.stopped(what, stoppedAt);
    return { missing, requeued: queue.sent, stoppedAt };
  }
}

function fulfilled<T>(outcome: PromiseSettledResult<T>): T {
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
}
