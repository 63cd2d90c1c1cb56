import type { Random } from '../../generator/random.ts';

/** What S3 says of an object. */
export interface Announced {
  readonly bucket: string;
  readonly key: string;
  readonly etag: string;
  readonly size: number;
}

/** A queue message about new objects, in one of the shapes in which S3 sends it. */
export function notificationBody(objects: readonly Announced[], random: Random): string {
  const direct = JSON.stringify({ Records: objects.map(recordOf) });
  const [first] = objects;
  return random.pick([
    direct,
    JSON.stringify({ Type: 'Notification', MessageId: 'x', Message: direct }),
    objects.length === 1 ? JSON.stringify(eventBridgeEvent(first!)) : direct,
  ]);
}

/** S3 writes keys like form fields. */
function recordOf({ bucket, key, etag, size }: Announced) {
  const encoded = encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/');
  return {
    eventVersion: '2.6',
    eventSource: 'aws:s3',
    eventName: 'ObjectCreated:Put',
    s3: { bucket: { name: bucket }, object: { key: encoded, size, eTag: etag } },
  };
}

function eventBridgeEvent({ bucket, key, etag, size }: Announced) {
  return {
    version: '0',
    'detail-type': 'Object Created',
    source: 'aws.s3',
    detail: { bucket: { name: bucket }, object: { key, size, etag } },
  };
}
