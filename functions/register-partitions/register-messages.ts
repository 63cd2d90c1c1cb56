import type { SQSRecord } from 'aws-lambda';
import { parseNotification } from '../../shared/aws/object-created.ts';
import { PermanentError } from '../../shared/errors.ts';
import { type Partition, partitionFolder, partitionOfKey } from '../../shared/lake/partition.ts';
import type { PartitionCatalogue } from '../../shared/lake/partition-catalogue.ts';
import { ignoreReason } from '../../shared/lake/source-key.ts';
import type { Observability } from '../../shared/lambda/observability.ts';
import type { RecentPartitions } from './recent-partitions.ts';

export interface RegisterJob {
  readonly lakeBucket: string;
  readonly catalogue: PartitionCatalogue;
  readonly recent: RecentPartitions;
  readonly count: Observability['count'];
}

/** What a message announces: partitions by folder, and why the rest of it can't be used. */
interface Announcement {
  readonly partitions: ReadonlyMap<string, Partition>;
  readonly refusal: unknown;
}

/**
 * Registers the partitions that a batch of messages announces, each once.
 *
 * @returns what becomes of a message: it throws if one of its own partitions failed, or if it announces anything else
 *   than records in the lake.
 */
export async function registerMessages(
  messages: readonly SQSRecord[],
  { lakeBucket, catalogue, recent, count }: RegisterJob,
): Promise<(message: SQSRecord) => Promise<void>> {
  const announcements = new Map(messages.map((message) => [message, read(message.body, lakeBucket)]));
  const wanted = new Map(
    [...announcements.values()].flatMap(({ partitions }) =>
      [...partitions].filter(([folder]) => !recent.has(folder)),
    ),
  );
  const failures = await catalogue.add([...wanted.values()]);
  for (const [folder, partition] of wanted) if (!failures.has(partition)) recent.add(folder);
  count('PartitionsRegistered', wanted.size - failures.size);
  count('PartitionsFailed', failures.size);

  return async (message) => {
    const { partitions, refusal } = announcements.get(message)!;
    for (const folder of partitions.keys()) {
      const partition = wanted.get(folder);
      if (partition !== undefined && failures.has(partition)) throw failures.get(partition);
    }
    if (refusal !== undefined) throw refusal;
  };
}

function read(body: string, lakeBucket: string): Announcement {
  const partitions = new Map<string, Partition>();
  let refusal: unknown;
  try {
    for (const { bucket, key } of parseNotification(body).objects) {
      // Athena leaves markers of folders in its wake.
      if (ignoreReason(key, Number.NaN) === 'folder-marker') continue;
      const partition = bucket === lakeBucket ? partitionOfKey(key) : undefined;
      if (partition === undefined) refusal = notRecords(bucket, key);
      else partitions.set(partitionFolder(partition), partition);
    }
  } catch (error) {
    refusal = error;
  }
  return { partitions, refusal };
}

function notRecords(bucket: string, key: string): PermanentError {
  return new PermanentError(
    'not-a-partition',
    `s3://${bucket}/${key} is no records object of the lake. Only the ingest function should write there: look for ` +
      'what else does, or what else sends to this queue.',
  );
}
