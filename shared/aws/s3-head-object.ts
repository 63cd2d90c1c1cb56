import { HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { isMissing } from './s3-errors.ts';

/** An object's size in bytes, or undefined if there is none. */
export async function headObject(
  s3: S3Client,
  bucket: string,
  key: string,
  signal: AbortSignal,
): Promise<{ readonly size: number } | undefined> {
  try {
    const command = new HeadObjectCommand({ Bucket: bucket, Key: key });
    const { ContentLength = 0 } = await s3.send(command, { abortSignal: signal });
    return { size: ContentLength };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
