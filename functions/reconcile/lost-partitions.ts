import type { BucketListing, ListedObject } from '../../shared/aws/s3-listing.ts';
import { concurrently } from '../../shared/concurrently.ts';
import { RECORD_TABLES } from '../../shared/lake/layout.ts';
import { partitionOfKey, type RecordTable } from '../../shared/lake/partition.ts';

export interface PartitionSearch {
  readonly lake: BucketListing;
  readonly lakeBucket: string;
  /** The folders of a day's registered partitions, and where the catalogue says that they lie. */
  readonly registered: (table: RecordTable, day: string) => Promise<ReadonlyMap<string, string>>;
  /** UTC days, the newest first. */
  readonly days: readonly string[];
  /** Unix seconds; the notification of what is younger may still be on its way. */
  readonly settledBefore: number;
}

export interface PartitionCounts {
  /** Folders of hours that were looked up in the catalogue. */
  compared: number;
  /** Folders that the catalogue looks for elsewhere. Adding a partition that exists changes nothing about it. */
  misplaced: number;
}

export interface PartitionFinds {
  /** Is told of each folder without a partition, by an object that lies in it. */
  readonly lost: (example: ListedObject) => Promise<void>;
  readonly misplaced: (folder: string, location: string) => void;
}

const FOLDERS_AT_A_TIME = 8;

/**
 * Finds the partitions of the lake that the catalogue does not know: queries don't see their records. Folders are
 * listed and not what is in them; of one that is missing, objects until one serves as an example.
 */
export async function findLostPartitions(
  { lake, lakeBucket, registered, days, settledBefore }: PartitionSearch,
  counts: PartitionCounts,
  { lost, misplaced }: PartitionFinds,
): Promise<void> {
  for (const table of Object.values(RECORD_TABLES)) {
    const regions: string[] = [];
    for await (const account of foldersOf(`${table}/`)) {
      for await (const region of foldersOf(account)) regions.push(region);
    }
    if (regions.length === 0) continue;
    for (const day of days) {
      const known = await registered(table, day);
      await concurrently(regions, FOLDERS_AT_A_TIME, async (region) => {
        for await (const folder of foldersOf(`${region}day=${day}/`)) {
          counts.compared++;
          const location = known.get(folder);
          if (location !== undefined) {
            if (isAt(location, folder)) continue;
            counts.misplaced++;
            misplaced(folder, location);
            continue;
          }
          const example = await settledObjectOf(folder);
          if (example !== undefined) await lost(example);
        }
      });
    }
  }

  function isAt(location: string, folder: string): boolean {
    return `${location.replace(/\/$/, '')}/` === `s3://${lakeBucket}/${folder}`;
  }

  async function* foldersOf(folder: string): AsyncGenerator<string> {
    for await (const entry of lake.level(folder)) if (typeof entry === 'string') yield entry;
  }

  async function settledObjectOf(folder: string): Promise<ListedObject | undefined> {
    for await (const object of lake.objects(folder)) {
      if (object.lastModified <= settledBefore && partitionOfKey(object.key) !== undefined) return object;
    }
    return undefined;
  }
}
