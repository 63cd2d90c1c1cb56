import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { S3ServiceException } from '@aws-sdk/client-s3';
import type { RequestKind } from './measured.ts';

/** S3 in memory, in the place of the SDK's client: whole objects, conditional reads and writes, flat listings. */
export interface S3Double {
  /**
   * Answers GetObject, HeadObject, PutObject and ListObjectsV2 commands after the latency, and counts them.
   *
   * @throws S3's errors: NoSuchKey (404), PreconditionFailed (412); Error for any other command.
   */
  // biome-ignore lint/suspicious/noExplicitAny: the input and answer of any of these commands
  send(command: any, options?: { readonly abortSignal?: AbortSignal }): Promise<any>;
  /** Stores an object without a request; returns its ETag, without quotes. */
  put(bucket: string, key: string, content: Uint8Array): string;
  /** The contents of a bucket by key. */
  contents(bucket: string): Map<string, Buffer>;
  /** Removes all objects of a bucket and forgets all requests. */
  reset(bucket: string): void;
  readonly requests: Readonly<Record<RequestKind, number>>;
}

interface StoredObject {
  readonly content: Buffer;
  /** With quotes, as in headers. */
  readonly etag: string;
  readonly lastModified: Date;
}

/** Of "ListObjectsV2" (Amazon S3 API Reference). */
const PAGE_SIZE = 1000;

const KIND_OF: Readonly<Record<string, RequestKind>> = {
  GetObjectCommand: 'GET',
  HeadObjectCommand: 'HEAD',
  PutObjectCommand: 'PUT',
  ListObjectsV2Command: 'LIST',
};

/** @param latency of every request, milliseconds. */
export function s3Double(latency = 0): S3Double {
  const buckets = new Map<string, Map<string, StoredObject>>();
  let writes = 0;
  const requests = { GET: 0, HEAD: 0, PUT: 0, LIST: 0 };

  function bucketOf(name: string): Map<string, StoredObject> {
    const bucket = buckets.get(name) ?? new Map();
    buckets.set(name, bucket);
    return bucket;
  }

  function find({ Bucket, Key, IfMatch }: { Bucket: string; Key: string; IfMatch?: string }): StoredObject {
    const stored = bucketOf(Bucket).get(Key);
    if (stored === undefined) throw s3Error('NoSuchKey', 404);
    if (IfMatch !== undefined && IfMatch !== stored.etag) throw s3Error('PreconditionFailed', 412);
    return stored;
  }

  function store(bucketName: string, key: string, bytes: Uint8Array): string {
    // A copy: the caller may use its memory again.
    const content = Buffer.from(bytes);
    // No digest, as in a bucket that is encrypted with a key of KMS; and it costs nothing.
    const etag = `"${(++writes).toString(16).padStart(32, '0')}"`;
    bucketOf(bucketName).set(key, { content, etag, lastModified: new Date() });
    return etag;
  }

  // biome-ignore lint/suspicious/noExplicitAny: as above
  const answers: Readonly<Record<RequestKind, (input: any) => object>> = {
    GET(input) {
      const { content, etag, lastModified } = find(input);
      return {
        Body: Readable.from([content], { objectMode: false }),
        ContentLength: content.length,
        ETag: etag,
        LastModified: lastModified,
      };
    },
    HEAD(input) {
      const { content, etag, lastModified } = find(input);
      return { ContentLength: content.length, ETag: etag, LastModified: lastModified };
    },
    PUT({ Bucket, Key, IfNoneMatch, Body }) {
      if (IfNoneMatch === '*' && bucketOf(Bucket).has(Key)) throw s3Error('PreconditionFailed', 412);
      return { ETag: store(Bucket, Key, Body) };
    },
    LIST({ Bucket, Prefix = '', StartAfter = '', ContinuationToken = StartAfter, MaxKeys = PAGE_SIZE }) {
      const found = [...bucketOf(Bucket)]
        .filter(([key]) => key.startsWith(Prefix) && inUtf8(key, ContinuationToken) > 0)
        .sort(([a], [b]) => inUtf8(a, b));
      const page = found.slice(0, MaxKeys);
      const isTruncated = found.length > page.length;
      return {
        Contents: page.map(([Key, { content, etag, lastModified }]) => ({
          Key,
          Size: content.length,
          ETag: etag,
          LastModified: lastModified,
        })),
        IsTruncated: isTruncated,
        ...(isTruncated ? { NextContinuationToken: page.at(-1)![0] } : {}),
      };
    },
  };

  return {
    requests,
    async send(command, { abortSignal } = {}) {
      const kind = KIND_OF[command.constructor.name];
      if (kind === undefined) throw new Error(`The S3 double does not know ${command.constructor.name}.`);
      requests[kind]++;
      if (latency > 0) await sleep(latency, undefined, abortSignal ? { signal: abortSignal } : {});
      return answers[kind](command.input);
    },
    put: (bucket, key, content) => store(bucket, key, content).replaceAll('"', ''),
    contents: (bucket) => new Map([...bucketOf(bucket)].map(([key, { content }]) => [key, content])),
    reset(bucket) {
      buckets.delete(bucket);
      Object.assign(requests, { GET: 0, HEAD: 0, PUT: 0, LIST: 0 });
    },
  };
}

/** The order of listings. */
function inUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function s3Error(name: string, status: number): S3ServiceException {
  return new S3ServiceException({
    name,
    message: name,
    $fault: 'client',
    $metadata: { httpStatusCode: status },
  });
}
