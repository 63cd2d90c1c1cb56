import { GetObjectCommand, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { PermanentError } from '../errors.ts';
import type { SourceObject } from '../lake/ingest.ts';
import { parseSourceKey } from '../lake/source-key.ts';
import type { CreatedObject } from './object-created.ts';
import { AccessError, isAccessDenied, statusOf } from './s3-errors.ts';
import { wholeBody } from './whole-body.ts';

/**
 * A source object in S3, in the version that its notification names. Nothing is read before `open`, except what the
 * notification leaves out and the name does not tell.
 *
 * @throws PermanentError `gone`, `replaced` or `archived`, here or when it is opened; AccessError if S3 or KMS refuse;
 *   BrokenReadError while it is read.
 */
export async function s3SourceObject(
  s3: S3Client,
  object: CreatedObject,
  signal: AbortSignal,
): Promise<SourceObject> {
  const { bucket, key, versionId } = object;
  const source = `s3://${bucket}/${key}`;
  const target = { Bucket: bucket, Key: key, ...(versionId === undefined ? {} : { VersionId: versionId }) };
  let { etag, size } = object;
  let lastModified = 0;
  // With a stamp in its name nobody asks when an object was modified.
  if (etag === undefined || size === undefined || parseSourceKey(key).stamp === undefined) {
    const head = await s3
      .send(new HeadObjectCommand({ ...target, ...ifMatch(etag) }), { abortSignal: signal })
      .catch((error: unknown) => {
        throw explain(error, source);
      });
    etag ??= head.ETag?.replaceAll('"', '') ?? '';
    size ??= head.ContentLength ?? 0;
    lastModified = (head.LastModified?.getTime() ?? 0) / 1000;
  }
  return {
    bucket,
    key,
    etag,
    size,
    source,
    lastModified,
    open: () => read(s3, { ...target, ...ifMatch(etag) }, source, signal),
  };
}

/** Only what was announced is read, not what replaced it meanwhile. */
function ifMatch(etag: string | undefined) {
  return etag === undefined ? {} : { IfMatch: `"${etag}"` };
}

async function* read(
  s3: S3Client,
  target: { Bucket: string; Key: string },
  source: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { Body, ContentLength } = await s3
    .send(new GetObjectCommand(target), { abortSignal: signal })
    .catch((error: unknown) => {
      throw explain(error, source);
    });
  const chunks = wholeBody(Body as AsyncIterable<Uint8Array>, ContentLength, source);
  try {
    for await (const chunk of chunks) {
      signal.throwIfAborted();
      yield chunk;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

/** S3's refusal as an error that says what to do; what may pass by itself stays as it is. */
function explain(error: unknown, source: string): unknown {
  const status = statusOf(error);
  const options = { cause: error };
  if (status === 404 || status === 405) {
    return new PermanentError(
      'gone',
      `${source} is not there any more. If it should be, look for who deletes objects before they are read.`,
      options,
    );
  }
  if (status === 412) {
    return new PermanentError(
      'replaced',
      `${source} was overwritten before it was read. What it holds now has a notification of its own; what it held ` +
        'is lost unless the bucket is versioned.',
      options,
    );
  }
  if (error instanceof Error && error.name === 'InvalidObjectState') {
    return new PermanentError(
      'archived',
      `${source} is archived. Restore it from Glacier, then send the message to the ingest queue again.`,
      options,
    );
  }
  if (isAccessDenied(error)) {
    return new AccessError(
      `${source} may not be read: ${(error as Error).message}. The function's role needs s3:GetObject, s3:GetObjectVersion and ` +
        "kms:Decrypt, and the bucket's and the key's policies have to allow it. docs/deploy.md has the statements.",
      options,
    );
  }
  return error;
}
