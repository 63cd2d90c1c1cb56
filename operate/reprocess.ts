import { setTimeout as sleep } from 'node:timers/promises';
import { notificationOf } from '../shared/aws/object-created.ts';
import type { BucketListing, ListedObject } from '../shared/aws/s3-listing.ts';
import type { Sender } from '../shared/aws/sqs-sender.ts';
import { headerlessFormatKey } from '../shared/lake/headerless-format.ts';
import { readJsonRow } from '../shared/lake/json-row.ts';
import { isObjectKey, objectId, objectKey } from '../shared/lake/layout.ts';
import type { ObjectStore } from '../shared/lake/object-store.ts';
import { objectTime } from '../shared/lake/object-time.ts';
import { partitionOfKey } from '../shared/lake/partition.ts';
import type { Receipt } from '../shared/lake/receipt.ts';
import { ignoreReason } from '../shared/lake/source-key.ts';

/** Where a source object and what was made of it are. */
export interface ReprocessPlaces {
  readonly rawBucket: string;
  readonly raw: Pick<BucketListing, 'objects'>;
  readonly lake: Pick<ObjectStore, 'get'>;
  /** Removes objects of the lake; what is not there is no error. */
  readonly remove: (keys: readonly string[]) => Promise<void>;
  readonly ingestQueue: Sender;
}

/** What is to be done to one source object. */
export interface ReprocessPlan {
  readonly object: ListedObject;
  /** In the lake. */
  readonly id: string;
  readonly receiptKey: string;
  /** Absent if the object was never ingested, or if an earlier attempt removed it. */
  readonly receipt: Receipt | undefined;
}

/**
 * Seconds after its receipt in which an object is left alone: another delivery of it may still be at work, and would find
 * the receipt's outputs gone. An invocation of ingest ends after five minutes.
 */
const STILL_AT_WORK = 600;

/**
 * Looks at one source object without changing anything: is it there to be read again, and what was made of it?
 *
 * @param now Unix seconds
 * @throws Error that says why nothing may be removed.
 */
export async function planReprocess(
  key: string,
  { rawBucket, raw, lake }: ReprocessPlaces,
  now: number,
): Promise<ReprocessPlan> {
  const source = `s3://${rawBucket}/${key}`;
  const object = await find(raw, key);
  if (object === undefined) {
    throw new Error(`${source} is not there, so that nothing could take the place of what was made of it.`);
  }
  if (object.isArchived) throw new Error(`${source} is archived. Restore it from Glacier, then try again.`);
  const reason = ignoreReason(key, object.size);
  if (reason !== undefined) throw new Error(`${source} is nothing that ingest reads (${reason}).`);

  const identity = { bucket: rawBucket, key, etag: object.etag };
  const id = objectId(identity);
  const time = await objectTime({ ...identity, lastModified: object.lastModified }, lake);
  const receiptKey = objectKey('receipts', time, id);
  const receipt = await readJsonRow<Receipt>(receiptKey, lake);
  if (receipt === undefined) return { object, id, receiptKey, receipt };

  const isOfObject = receipt.bucket === rawBucket && receipt.key === key && receipt.etag === object.etag;
  const stranger = receipt.outputs.find((output) => !isOutputOf(id, output.key));
  if (!isOfObject || stranger !== undefined) {
    throw new Error(
      `The receipt ${receiptKey} ${stranger === undefined ? 'is about another object' : `lists ${stranger.key}, which is not made of this object`}. ` +
        'Nothing was removed: look for who wrote it.',
    );
  }
  if (now - Date.parse(receipt.finished) / 1000 < STILL_AT_WORK) {
    throw new Error(
      `${source} was ingested at ${receipt.finished}: another delivery of it may still be at work. Wait ten minutes.`,
    );
  }
  return { object, id, receiptKey, receipt };
}

async function find(raw: Pick<BucketListing, 'objects'>, key: string): Promise<ListedObject | undefined> {
  // In the order of keys the object itself comes before those that begin like it.
  for await (const object of raw.objects(key)) return object.key === key ? object : undefined;
  return undefined;
}

/** Whether a key is one that ingest gives to what it makes of the object with this id. */
function isOutputOf(id: string, key: string): boolean {
  const name = key.slice(key.lastIndexOf('/') + 1);
  const isOfTable =
    partitionOfKey(key) !== undefined || isObjectKey('quarantine', key) || isObjectKey('findings', key);
  return isOfTable && name.startsWith(`${id}.json`);
}

/**
 * Removes what was made of the object, and has it ingested again by the deployed function: with its settings and its
 * build, and without anybody else writing to the lake.
 *
 * First the outputs, then the receipt, then the notification. As long as the receipt is there, ingest leaves the object
 * alone and the list of what is to be removed is known: if this stops on the way, records are missing until it is done
 * again, and doing it again finds the rest. Without the receipt the object is one that was never ingested: should the
 * notification get lost, the nightly reconcile finds it, if it is of the last three days, or the same command sends it again. The other way round, an object that is ingested while its old
 * outputs are there would keep some of them, and have a receipt for what is removed next.
 */
export async function reprocess(
  { object, id, receiptKey, receipt }: ReprocessPlan,
  { rawBucket, remove, ingestQueue }: ReprocessPlaces,
): Promise<void> {
  if (receipt !== undefined) {
    await remove(receipt.outputs.map(({ key }) => key));
    // Of an object without a header the format is kept: to read it in another one is what this may be for.
    await remove([headerlessFormatKey(id), receiptKey]);
  }
  const { key, etag, size } = object;
  await ingestQueue.send(notificationOf({ bucket: rawBucket, key, etag, size }));
  await ingestQueue.flush();
}

/** Pause between two looks for a receipt, in milliseconds. */
const PAUSE = 2_000;

/**
 * Waits until the object has a receipt again; undefined if it has none when the time is over.
 *
 * @throws Error if the receipt tells of outputs that are not there: somebody else reprocessed the object at the same time,
 *   and removed what was being written.
 */
export async function newReceipt(
  { receiptKey }: ReprocessPlan,
  lake: Pick<ObjectStore, 'get'>,
  listing: Pick<BucketListing, 'objects'>,
  seconds: number,
  signal: AbortSignal,
): Promise<Receipt | undefined> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const receipt = await readJsonRow<Receipt>(receiptKey, lake);
    if (receipt !== undefined) {
      for (const { key } of receipt.outputs) {
        if ((await find(listing, key)) !== undefined) continue;
        throw new Error(
          `${key} is gone, although the new receipt tells of it: somebody else reprocessed the object at the same ` +
            'time. Its records are missing. Wait ten minutes, then run the command again, once.',
        );
      }
      return receipt;
    }
    if (performance.now() + PAUSE > end) return undefined;
    await sleep(PAUSE, undefined, { signal });
  }
}
