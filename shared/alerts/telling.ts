import type { ObjectStore } from '../lake/object-store.ts';
import type { AlertPublisher, Notice } from './alert-message.ts';
import { alertObject } from './alert-rows.ts';
import { type MessageContext, messageOf } from './message/message.ts';

export interface Telling {
  readonly publisher: AlertPublisher;
  readonly lake: Pick<ObjectStore, 'create'>;
  readonly context: Omit<MessageContext, 'now'>;
  /** Says what was published: each notice once. */
  onPublished?(notices: readonly Notice[]): void;
  /** Says that the lake has no row of a message. */
  onUnrecorded(error: unknown): void;
}

/**
 * Publishes notices as one message and records it in the lake's `alerts` table. A message that is out and can't be recorded
 * is told all the same: to fail would repeat it.
 *
 * @param now Unix seconds
 * @throws what the publisher throws
 */
export async function tell(notices: readonly Notice[], now: number, telling: Telling): Promise<void> {
  const message = messageOf(notices, { ...telling.context, now });
  await telling.publisher.publish(message);
  telling.onPublished?.(notices);
  try {
    await record(notices, message.subject, now, telling.lake);
  } catch (error) {
    telling.onUnrecorded(error);
  }
}

/** Writes what a message told into the lake's `alerts` table. */
export async function record(
  notices: readonly Notice[],
  subject: string,
  sentAt: number,
  lake: Pick<ObjectStore, 'create'>,
): Promise<void> {
  const { key, text } = alertObject(notices, subject, sentAt);
  const bytes = Buffer.from(text);
  await lake.create(key, { size: bytes.length, chunks: [bytes] });
}
