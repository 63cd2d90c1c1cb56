import {
  GetObjectCommand,
  HeadObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { ObjectStore } from '../lake/object-store.ts';
import { createObject } from './s3-create-object.ts';
import { isMissing } from './s3-errors.ts';

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
        const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }), options);
        return Body as AsyncIterable<Uint8Array> | undefined;
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },

    async head(key) {
      try {
        const { ContentLength = 0 } = await s3.send(
          new HeadObjectCommand({ Bucket: bucket, Key: key }),
          options,
        );
        return { size: ContentLength };
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },

    create: (key, body) => createObject(s3, bucket, key, body, signal),

    async *list(prefix) {
      const pages = paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: prefix });
      for await (const { Contents = [] } of pages) {
        signal.throwIfAborted();
        for (const { Key } of Contents) if (Key !== undefined) yield Key;
      }
    },
  };
}
