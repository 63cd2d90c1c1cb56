import { setTimeout as sleep } from 'node:timers/promises';
import type { TimeRange } from '../athena/time-range.ts';
import type { QueueName } from '../infrastructure/names.ts';
import { notificationOf } from '../shared/aws/object-created.ts';
import type { BucketListing, ListedObject } from '../shared/aws/s3-listing.ts';
import type { Sender } from '../shared/aws/sqs-sender.ts';
import { isObjectKey, RECORD_TABLES } from '../shared/lake/layout.ts';
import { partitionFolder, partitionOfKey } from '../shared/lake/partition.ts';
import { ignoreReason, parseSourceKey } from '../shared/lake/source-key.ts';
import type { DeployedStack } from './stack.ts';

/** The parts of the pipeline that can be made to do their work again. */
export type ReplayStage = 'ingest' | 'partitions' | 'findings';

/** What a part of the pipeline is told of. */
interface Announced {
  /** Unix seconds that `--since` and `--until` are about. */
  readonly time: number;
  /** Seconds from then on that it is about, if not just that moment. */
  readonly lasts?: number;
  /** Objects with the same one, next to each other in a listing, are announced by one message. Absent: each by its own. */
  readonly together?: string;
}

interface Stage {
  readonly queue: QueueName;
  /** The only bucket that the function reads. */
  bucketOf(stack: DeployedStack): string;
  /** Where in the bucket the function may read. */
  rootsOf(stack: DeployedStack): readonly string[];
  /** Undefined for what the function would pass over or refuse. */
  announced(object: ListedObject): Announced | undefined;
}

export const REPLAY_STAGES: Readonly<Record<ReplayStage, Stage>> = {
  ingest: {
    queue: 'ingest',
    bucketOf: ({ rawBucket }) => rawBucket,
    rootsOf: ({ rawPrefix }) => [rawPrefix],
    announced: ({ key, size, lastModified }) =>
      ignoreReason(key, size) === undefined ? { time: parseSourceKey(key).stamp ?? lastModified } : undefined,
  },
  partitions: {
    queue: 'partition',
    bucketOf: ({ lakeBucket }) => lakeBucket,
    rootsOf: () => Object.values(RECORD_TABLES).map((table) => `${table}/`),
    announced({ key }) {
      const partition = partitionOfKey(key);
      if (partition === undefined) return undefined;
      const time = Date.parse(`${partition.day}T${partition.hour}:00:00Z`) / 1000;
      // An hour that has begun before `--since` is of that time, too.
      return { time, lasts: 3600, together: partitionFolder(partition) };
    },
  },
  findings: {
    queue: 'finding',
    bucketOf: ({ lakeBucket }) => lakeBucket,
    rootsOf: () => ['findings/'],
    announced: ({ key, lastModified }) => (isObjectKey('findings', key) ? { time: lastModified } : undefined),
  },
};

/** What a replay sends, or would. */
export interface ReplayCounts {
  messages: number;
  /** Bytes of the objects that messages announce. */
  bytes: number;
  /** Objects that another message announces as well: one of a partition is enough. */
  covered: number;
  /** Objects that are not for this part of the pipeline. */
  ignored: number;
  /** Objects of another time. */
  outside: number;
  /** Unix seconds of the oldest and the newest. */
  first?: number;
  last?: number;
}

/** The objects below a prefix that are to be announced. `counts` is changed as they are found. */
export async function* announcements(
  listing: BucketListing,
  prefix: string,
  stage: ReplayStage,
  { since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY }: TimeRange,
  counts: ReplayCounts,
): AsyncGenerator<ListedObject> {
  let latest: string | undefined;
  for await (const object of listing.objects(prefix)) {
    const announced = REPLAY_STAGES[stage].announced(object);
    if (announced === undefined) {
      counts.ignored++;
      continue;
    }
    const { time, lasts, together } = announced;
    const isBefore = lasts === undefined ? time < since : time + lasts <= since;
    if (isBefore || time >= until) counts.outside++;
    else if (together !== undefined && together === latest) counts.covered++;
    else {
      latest = together;
      counts.messages++;
      counts.bytes += object.size;
      counts.first = Math.min(counts.first ?? time, time);
      counts.last = Math.max(counts.last ?? time, time);
      yield object;
    }
  }
}

export const noCounts = (): ReplayCounts => ({ messages: 0, bytes: 0, covered: 0, ignored: 0, outside: 0 });

/**
 * Sends a notification of each object, as S3 did when it was created, and not more in a second than `rate`.
 *
 * @param onSent is told of each.
 */
export async function sendNotifications(
  objects: AsyncIterable<ListedObject>,
  bucket: string,
  queue: Sender,
  { rate, signal, onSent }: { rate: number; signal: AbortSignal; onSent: () => void },
): Promise<void> {
  const started = performance.now();
  let taken = 0;
  try {
    for await (const { key, etag, size } of objects) {
      const wait = started + (taken / rate) * 1000 - performance.now();
      if (wait > 0) await sleep(wait, undefined, { signal });
      signal.throwIfAborted();
      await queue.send(notificationOf({ bucket, key, etag, size }));
      taken++;
      onSent();
    }
  } finally {
    // What waits to be ten was counted as sent.
    await queue.flush();
  }
}
