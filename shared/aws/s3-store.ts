import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { ObjectStore } from '../lake/object-store.ts';
import { createObject } from './s3-create-object.ts';
import { isMissing } from './s3-errors.ts';
import { headObject } from './s3-head-object.ts';
import { s3Listing } from './s3-listing.ts';
import { wholeBody } from './whole-body.ts';

/**
 * A bucket as an object store.
 *
 * @param signal stops what is going on; every method then throws.
 */
export function s3Store(s3: S3Client, bucket: string, signal: AbortSignal): ObjectStore {
  const options = { abortSignal: signal };
  return {
    async get(key) {
      try {
        const command = new GetObjectCommand({ Bucket: bucket, Key: key });
        const { Body, ContentLength } = await s3.send(command, options);
        return wholeBody(Body as AsyncIterable<Uint8Array>, ContentLength, `s3://${bucket}/${key}`);
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },

    head: (key) => headObject(s3, bucket, key, signal),

    create: (key, body) => createObject(s3, bucket, key, body, signal),

    async *list(prefix) {
      for await (const { key } of s3Listing(s3, bucket, signal, () => {}).objects(prefix)) yield key;
    },
  };
}
