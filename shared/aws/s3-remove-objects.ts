import { DeleteObjectsCommand, type S3Client } from '@aws-sdk/client-s3';

/** What S3 takes in one request. */
const MAX_KEYS = 1000;

/**
 * Removes objects. One that is not there is no error.
 *
 * Source: "DeleteObjects" (Amazon S3 API Reference): a request that succeeds may have failed for some of its objects.
 *
 * @throws Error that names the first object that S3 did not remove; the others may be gone.
 */
export async function removeObjects(s3: S3Client, bucket: string, keys: readonly string[]): Promise<void> {
  for (let at = 0; at < keys.length; at += MAX_KEYS) {
    const Objects = keys.slice(at, at + MAX_KEYS).map((Key) => ({ Key }));
    const { Errors = [] } = await s3.send(
      new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }),
    );
    const [first] = Errors;
    if (first !== undefined) {
      throw new Error(
        `${Errors.length} of ${Objects.length} objects were not removed, s3://${bucket}/${first.Key} among them: ` +
          `${first.Code} ${first.Message ?? ''}`,
      );
    }
  }
}
