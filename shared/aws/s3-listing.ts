import { type ListObjectsV2CommandInput, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { AccessError, isAccessDenied } from './s3-errors.ts';

export interface ListedObject {
  readonly key: string;
  /** Without quotes. */
  readonly etag: string;
  /** Bytes. */
  readonly size: number;
  /** Unix seconds. */
  readonly lastModified: number;
  /** It is in Glacier, and cannot be read before it is restored. */
  readonly isArchived: boolean;
}

/** What a bucket holds, as listings tell it. */
export interface BucketListing {
  /** Every object below a prefix, in the order of keys. */
  objects(prefix: string): AsyncIterable<ListedObject>;
  /** What lies right below a folder: objects, and folders as their prefixes with the slash at the end. */
  level(folder: string): AsyncIterable<ListedObject | string>;
}

/**
 * @param signal ends a listing; it then throws the signal's reason.
 * @param onPage is told how many entries a page had; what it throws ends the listing.
 * @throws AccessError if the bucket may not be listed.
 */
export function s3Listing(
  s3: S3Client,
  bucket: string,
  signal: AbortSignal,
  onPage: (entries: number) => void,
): BucketListing {
  async function* pages(input: Pick<ListObjectsV2CommandInput, 'Prefix' | 'Delimiter'>) {
    signal.throwIfAborted();
    const options = { abortSignal: signal };
    try {
      const request = { Bucket: bucket, OptionalObjectAttributes: ['RestoreStatus' as const], ...input };
      for await (const page of paginateListObjectsV2({ client: s3 }, request, options)) {
        const { Contents = [], CommonPrefixes = [] } = page;
        onPage(Contents.length + CommonPrefixes.length);
        yield {
          objects: Contents.map(
            ({ Key = '', ETag = '', Size = 0, LastModified, StorageClass, RestoreStatus }) => ({
              key: Key,
              etag: ETag.replaceAll('"', ''),
              size: Size,
              lastModified: (LastModified?.getTime() ?? 0) / 1000,
              isArchived:
                (StorageClass === 'GLACIER' || StorageClass === 'DEEP_ARCHIVE') &&
                RestoreStatus?.RestoreExpiryDate === undefined,
            }),
          ),
          folders: CommonPrefixes.map(({ Prefix = '' }) => Prefix),
        };
        signal.throwIfAborted();
      }
    } catch (error) {
      signal.throwIfAborted();
      throw isAccessDenied(error) ? mayNotList(`s3://${bucket}/${input.Prefix}`, error) : error;
    }
  }

  return {
    async *objects(prefix) {
      for await (const { objects } of pages({ Prefix: prefix })) yield* objects;
    },
    async *level(folder) {
      for await (const { objects, folders } of pages({ Prefix: folder, Delimiter: '/' })) {
        yield* objects;
        yield* folders;
      }
    },
  };
}

function mayNotList(place: string, cause: unknown): AccessError {
  return new AccessError(
    `${place} may not be listed: ${(cause as Error).message}. The function's role needs s3:ListBucket, and the bucket's ` +
      'policy has to allow it if it is in another account. docs/deploy.md has the statements.',
    { cause },
  );
}
