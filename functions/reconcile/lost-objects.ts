import type { BucketListing, ListedObject } from '../../shared/aws/s3-listing.ts';
import { concurrently } from '../../shared/concurrently.ts';
import { objectId, objectKey } from '../../shared/lake/layout.ts';
import type { DatedSource } from '../../shared/lake/object-time.ts';
import { ignoreReason, parseSourceKey } from '../../shared/lake/source-key.ts';
import { dayFolder, findRawFolders } from './raw-folders.ts';

export interface ObjectSearch {
  readonly raw: BucketListing;
  readonly rawBucket: string;
  /** The folder in front of `AWSLogs/`, with its slash, or empty. */
  readonly rawPrefix: string;
  readonly lake: BucketListing;
  /** An object's own time as ingest sees it, Unix seconds. */
  readonly objectTime: (source: DatedSource) => Promise<number>;
  /** UTC days, the newest first. */
  readonly days: readonly string[];
  /** Unix seconds; the notification of what is younger may still be on its way. */
  readonly settledBefore: number;
  /** Objects outside AWS's layout that are listed of one folder, and that are held in memory. */
  readonly maxElsewhere: number;
}

export interface ObjectCounts {
  /** Objects whose receipt was looked up. */
  compared: number;
  /** Objects that are not for ingest. */
  ignored: number;
  /** Objects without a receipt that may be on their way. */
  young: number;
  /** Objects without a receipt that nothing says are flow logs. */
  unclaimed: number;
  /** Objects outside AWS's layout that were not looked at, because there are too many. At least. */
  unseen: number;
}

const FOLDERS_AT_A_TIME = 8;

/** An object outside AWS's layout, and the folder that it was found in. */
interface Stray {
  readonly object: ListedObject;
  readonly place: string;
}

/**
 * Finds raw objects of the last days that have no receipt: they were never ingested. Of AWS's layout only the folders of
 * those days are listed, day by day, so that memory holds the receipts of one.
 *
 * Outside it all is listed and judged by its own time. There a bucket may hold what has nothing to do with flow logs,
 * which would fill the dead-letter queue day by day. So an object counts as lost there only if its name is a flow log's,
 * or if another one of its folder was ingested in these days.
 *
 * @param lost is told of each.
 */
export async function findLostObjects(
  { raw, rawBucket, rawPrefix, lake, objectTime, days, settledBefore, maxElsewhere }: ObjectSearch,
  counts: ObjectCounts,
  lost: (object: ListedObject) => Promise<void>,
): Promise<void> {
  const strays = new Map<string, Stray[]>(days.map((day) => [day, []]));
  let kept = 0;
  const { regions, others } = await findRawFolders(raw, rawPrefix, keepStray);

  for (const day of days) {
    const receipts = await receiptsOf(day);
    await concurrently(regions, FOLDERS_AT_A_TIME, async (region) => {
      for await (const object of raw.objects(dayFolder(region, day))) {
        if (ignoreReason(object.key, object.size) !== undefined) counts.ignored++;
        else if (!(await isDone(object, receipts)) && isSettled(object)) await lost(object);
      }
    });
  }

  for (const place of others) {
    let listed = 0;
    for await (const object of raw.objects(place)) {
      if (++listed > maxElsewhere) {
        counts.unseen++;
        break;
      }
      keepStray(object, place);
    }
  }
  const claimed = new Set<string>();
  const unnamed: Stray[] = [];
  for (const [day, ofDay] of strays) {
    if (ofDay.length === 0) continue;
    const receipts = await receiptsOf(day);
    for (const stray of ofDay) {
      const { object, place } = stray;
      if (await isDone(object, receipts)) claimed.add(place);
      else if (!isSettled(object)) continue;
      else if (parseSourceKey(object.key).flowLogId !== undefined) await lost(object);
      else unnamed.push(stray);
    }
  }
  for (const { object, place } of unnamed) {
    if (claimed.has(place)) await lost(object);
    else counts.unclaimed++;
  }

  function keepStray(object: ListedObject, place: string): void {
    const ofDay = strays.get(dayOf(timeOf(object)));
    if (ofDay === undefined) return;
    if (ignoreReason(object.key, object.size) !== undefined) counts.ignored++;
    else if (kept === maxElsewhere) counts.unseen++;
    else {
      kept++;
      ofDay.push({ object, place });
    }
  }

  /** The keys of the receipts of objects whose own time is in a day. */
  async function receiptsOf(day: string): Promise<{ prefix: string; keys: ReadonlySet<string> }> {
    const prefix = `receipts/day=${day}/`;
    const keys = new Set<string>();
    for await (const { key } of lake.objects(prefix)) keys.add(key);
    return { prefix, keys };
  }

  async function isDone(
    object: ListedObject,
    { prefix, keys }: { prefix: string; keys: ReadonlySet<string> },
  ): Promise<boolean> {
    counts.compared++;
    const id = objectId({ bucket: rawBucket, key: object.key, etag: object.etag });
    const receipt = objectKey('receipts', timeOf(object), id);
    // An object may lie in the folder of another day than its own.
    const isThere = receipt.startsWith(prefix) ? keys.has(receipt) : await exists(receipt);
    if (isThere || parseSourceKey(object.key).stamp !== undefined) return isThere;
    // Copied onto itself, an object without a stamp looks younger than it was when it was ingested.
    const time = await objectTime({ bucket: rawBucket, ...object });
    return exists(objectKey('receipts', time, id));
  }

  async function exists(receipt: string): Promise<boolean> {
    for await (const { key } of lake.objects(receipt)) if (key === receipt) return true;
    return false;
  }

  function isSettled({ lastModified }: ListedObject): boolean {
    if (lastModified <= settledBefore) return true;
    counts.young++;
    return false;
  }
}

/** The object's own time as its name and its listing tell it, Unix seconds. */
function timeOf({ key, lastModified }: ListedObject): number {
  return parseSourceKey(key).stamp ?? lastModified;
}

function dayOf(time: number): string {
  return new Date(time * 1000).toISOString().slice(0, 10);
}
