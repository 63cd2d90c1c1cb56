import type { SQSRecord } from 'aws-lambda';
import type { DeliveryStore } from '../../shared/alerts/delivery-store.ts';
import { parseNotification } from '../../shared/aws/object-created.ts';
import { PermanentError } from '../../shared/errors.ts';
import { isObjectKey } from '../../shared/lake/layout.ts';
import { delivererOf } from '../../shared/lake/source-key.ts';

export interface NoteJob {
  readonly lakeBucket: string;
  readonly deliveries: DeliveryStore;
  /** By account and Region, the time that was noted last: it is changed. */
  readonly noted: Map<string, number>;
}

/** Silence is told after an hour, so that a few minutes more or less are worth no write. Seconds. */
const NOTE_EVERY = 300;

/**
 * A receipt of an object whose name says a time so much longer ago is no delivery: someone reads an old bucket. AWS takes up
 * to 25 minutes. Seconds.
 */
const IMPORTED_AFTER = 6 * 3600;

/**
 * Notes who delivered, once for all messages of a batch.
 *
 * @returns what becomes of a message: it throws if its own delivery could not be noted, or if it announces anything else
 *   than receipts.
 */
export async function noteDeliveries(
  messages: readonly SQSRecord[],
  { lakeBucket, deliveries, noted }: NoteJob,
): Promise<(message: SQSRecord) => Promise<void>> {
  const failures = new Map<SQSRecord, unknown>();
  const latest = new Map<string, Announced>();
  for (const message of messages) {
    try {
      for (const announced of read(message, lakeBucket)) {
        const name = nameOf(announced);
        if (announced.at >= (latest.get(name)?.at ?? 0)) latest.set(name, announced);
      }
    } catch (error) {
      failures.set(message, error);
    }
  }
  for (const [name, { accountId, region, at, message }] of latest) {
    if (isNoted(at, noted.get(name))) continue;
    try {
      await deliveries.note(accountId, region, at);
      noted.set(name, at);
    } catch (error) {
      // The latest message comes again; the others have nothing to add.
      failures.set(message, error);
    }
  }
  return async (message) => {
    if (failures.has(message)) throw failures.get(message);
  };
}

interface Announced {
  readonly accountId: string;
  readonly region: string;
  /** When S3 announced it, Unix seconds. */
  readonly at: number;
  readonly message: SQSRecord;
}

function read(message: SQSRecord, lakeBucket: string): Announced[] {
  const at = Number(message.attributes.SentTimestamp) / 1000;
  return parseNotification(message.body).objects.flatMap(({ bucket, key }) => {
    if (bucket !== lakeBucket || !isObjectKey('receipts', key)) {
      throw new PermanentError(
        'not-a-receipt',
        `s3://${bucket}/${key} is no receipt of the lake. Look for what else sends to this queue.`,
      );
    }
    const deliverer = delivererOf(key);
    if (deliverer === undefined || isImported(deliverer.stamp, at)) return [];
    return [{ ...deliverer, at, message }];
  });
}

function isImported(stamp: number | undefined, at: number): boolean {
  return stamp !== undefined && at - stamp > IMPORTED_AFTER;
}

function nameOf({ accountId, region }: Announced): string {
  return `${accountId} ${region}`;
}

/** Whether a delivery adds nothing to the one that was noted last: not in time, and not another hour. */
function isNoted(at: number, last: number | undefined): boolean {
  return last !== undefined && at < last + NOTE_EVERY && Math.floor(at / 3600) <= Math.floor(last / 3600);
}
