import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { AbortMultipartUploadCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { ObjectBody } from '../lake/object-store.ts';
import {
  AccessError,
  attemptsOf,
  isAccessDenied,
  isConditionFailed,
  isConflict,
  isOutcomeUnknown,
} from './s3-errors.ts';
import { headObject } from './s3-head-object.ts';

/** What is no larger goes up in one request. Also the size of a multipart upload's parts; S3 asks for 5 MiB at least. */
export const PART_BYTES = 8 * 1024 * 1024;
/** Parts on their way at a time, each held in memory. */
const PARTS_IN_FLIGHT = 2;
/** Attempts after a conflict, and the pause before the second one in milliseconds; it doubles. */
const MAX_ATTEMPTS = 5;
const FIRST_PAUSE = 100;
/** For giving up an upload, in milliseconds. */
const CLEAN_UP_TIME = 4_000;

/**
 * Creates an object, whole or not at all; one that exists stays as it is. The SDK repeats what is throttled or answered
 * with 5xx; conflicts with another writer (409) are repeated here, for a multipart upload from its beginning, and after
 * an error that leaves open what became of the write the bucket is asked.
 *
 * Source: "Add preconditions to S3 operations with conditional requests" (Amazon S3 User Guide).
 *
 * @throws the SDK's errors, and the signal's reason as soon as it aborts. No upload is left behind.
 */
export async function createObject(
  s3: S3Client,
  bucket: string,
  key: string,
  body: ObjectBody,
  signal: AbortSignal,
): Promise<'created' | 'exists' | 'unsure'> {
  let mayBeOurs = false;
  for (let attempt = 1; ; attempt++) {
    try {
      await upload(s3, bucket, key, body, signal);
      return 'created';
    } catch (error) {
      signal.throwIfAborted();
      // An earlier attempt, ours or the SDK's, may have been the one that created it.
      mayBeOurs ||= attemptsOf(error) > 1;
      if (isConditionFailed(error)) return mayBeOurs ? 'unsure' : 'exists';
      if (isConflict(error) && attempt < MAX_ATTEMPTS) {
        await sleep(FIRST_PAUSE * 2 ** (attempt - 1) * (0.5 + Math.random()), undefined, { signal });
        continue;
      }
      if (isOutcomeUnknown(error) && (await headObject(s3, bucket, key, signal)) !== undefined)
        return 'unsure';
      if (isAccessDenied(error)) throw mayNotWrite(`s3://${bucket}/${key}`, error);
      throw error;
    }
  }
}

function mayNotWrite(target: string, cause: unknown): AccessError {
  return new AccessError(
    `${target} may not be written: ${(cause as Error).message}. The function's role needs s3:PutObject there, and ` +
      'kms:GenerateDataKey and kms:Decrypt if the bucket is encrypted with a key of its own.',
    { cause },
  );
}

async function upload(
  s3: S3Client,
  bucket: string,
  key: string,
  body: ObjectBody,
  signal: AbortSignal,
): Promise<void> {
  const target = { Bucket: bucket, Key: key, IfNoneMatch: '*' };
  if (body.size <= PART_BYTES) {
    // A Buffer and not a stream: the SDK can send it again.
    const content = 'file' in body ? await readFile(body.file) : Buffer.concat(body.chunks);
    await s3.send(new PutObjectCommand({ ...target, Body: content }), { abortSignal: signal });
    return;
  }
  // The upload's own `abort` waits neither for the requests under way nor until S3 has dropped the parts. Requests that
  // fail and a source that ends do: what is left to the upload then is to give up.
  const source = 'file' in body ? createReadStream(body.file) : body.chunks;
  const params = { ...target, Body: Readable.from(until(signal, source)) };
  const client = stoppedBy(signal, s3);
  await new Upload({ client, params, partSize: PART_BYTES, queueSize: PARTS_IN_FLIGHT }).done();
}

/** The same client, whose requests end when the signal aborts, but for those that clean up; these have little time. */
function stoppedBy(signal: AbortSignal, s3: S3Client): S3Client {
  const send = (command: Parameters<S3Client['send']>[0]) => {
    const isCleanUp = command instanceof AbortMultipartUploadCommand;
    return s3.send(command, { abortSignal: isCleanUp ? AbortSignal.timeout(CLEAN_UP_TIME) : signal });
  };
  return { config: s3.config, send } as unknown as S3Client;
}

/** The same chunks, up to the moment when the signal aborts. */
async function* until(
  signal: AbortSignal,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    signal.throwIfAborted();
    yield chunk;
  }
}
