import * as z from 'zod/mini';
import { PermanentError } from '../errors.ts';

/** An object that a notification announces. */
export interface CreatedObject {
  readonly bucket: string;
  /** Decoded. */
  readonly key: string;
  /** Without quotes. */
  readonly etag: string | undefined;
  /** Bytes. */
  readonly size: number | undefined;
  readonly versionId: string | undefined;
}

/** What a message announces: objects, or nothing that concerns us, and why not. */
export interface Notification {
  readonly objects: readonly CreatedObject[];
  readonly ignored: readonly ('test-event' | 'other-event')[];
}

const optionalText = z.nullish(z.string());
const optionalSize = z.nullish(z.int().check(z.nonnegative()));

/** "Event message structure" (Amazon S3 User Guide). */
const s3Event = z.object({
  Records: z.array(
    z.object({
      eventSource: z.literal('aws:s3'),
      eventName: z.string(),
      s3: z.object({
        bucket: z.object({ name: z.string() }),
        object: z.object({
          key: z.string(),
          size: optionalSize,
          eTag: optionalText,
          versionId: optionalText,
        }),
      }),
    }),
  ),
});
/** Sent by S3 once when a notification is configured. */
const s3TestEvent = z.object({ Event: z.literal('s3:TestEvent') });
/** "Amazon SNS raw message delivery": what a message looks like when raw delivery is off. */
const snsEnvelope = z.object({ Type: z.literal('Notification'), Message: z.string() });
/** "EventBridge event message structure" (Amazon S3 User Guide). */
const eventBridgeEvent = z.object({
  source: z.literal('aws.s3'),
  'detail-type': z.string(),
  detail: z.object({
    bucket: z.object({ name: z.string() }),
    object: z.object({
      key: z.string(),
      size: optionalSize,
      etag: optionalText,
      'version-id': optionalText,
    }),
  }),
});

/**
 * What the body of a queue message announces. S3 sends it directly, through SNS (raw or wrapped) or through
 * EventBridge; the message tells which.
 *
 * @throws PermanentError `not-a-notification` for anything else.
 */
export function parseNotification(body: string): Notification {
  return parseEnvelope(parseJson(body), true);
}

function parseEnvelope(message: unknown, mayBeWrapped: boolean): Notification {
  const s3 = s3Event.safeParse(message);
  if (s3.success) {
    const created = s3.data.Records.filter(({ eventName }) => eventName.startsWith('ObjectCreated:'));
    return {
      objects: created.map(({ s3: { bucket, object } }) => ({
        bucket: bucket.name,
        key: decodeKey(object.key),
        etag: object.eTag || undefined,
        size: object.size ?? undefined,
        versionId: object.versionId || undefined,
      })),
      ignored: created.length < s3.data.Records.length ? ['other-event'] : [],
    };
  }
  const eventBridge = eventBridgeEvent.safeParse(message);
  if (eventBridge.success) {
    if (eventBridge.data['detail-type'] !== 'Object Created')
      return { objects: [], ignored: ['other-event'] };
    const { bucket, object } = eventBridge.data.detail;
    return {
      objects: [
        {
          bucket: bucket.name,
          // Not URL-encoded here.
          key: object.key,
          etag: object.etag || undefined,
          size: object.size ?? undefined,
          versionId: object['version-id'] || undefined,
        },
      ],
      ignored: [],
    };
  }
  if (s3TestEvent.safeParse(message).success) return { objects: [], ignored: ['test-event'] };
  const sns = snsEnvelope.safeParse(message);
  if (sns.success && mayBeWrapped) return parseEnvelope(parseJson(sns.data.Message), false);
  throw notANotification('it has none of the shapes that S3, SNS and EventBridge give it');
}

/** S3 encodes keys like form fields: `+` is a space. */
function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    throw notANotification('its object key is not URL-encoded');
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw notANotification('it is not JSON');
  }
}

function notANotification(what: string): PermanentError {
  return new PermanentError(
    'not-a-notification',
    `The message is no notification of a new object: ${what}. Look for what else sends to this queue.`,
  );
}

/** A notification as S3 writes it, for an object whose own one was lost. */
export function notificationOf(
  object: Omit<CreatedObject, 'versionId'> & { readonly versionId?: string | undefined },
): string {
  return JSON.stringify({
    Records: [
      {
        eventSource: 'aws:s3',
        eventName: 'ObjectCreated:Reconcile',
        s3: {
          bucket: { name: object.bucket },
          object: {
            key: encodeURIComponent(object.key),
            size: object.size,
            eTag: object.etag,
            versionId: object.versionId,
          },
        },
      },
    ],
  });
}
