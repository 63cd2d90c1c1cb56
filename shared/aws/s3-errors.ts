import { S3ServiceException } from '@aws-sdk/client-s3';

/** HTTP status of S3's answer; undefined if there was none, or if the error is not S3's. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}

/** How often the SDK sent the request. */
export function attemptsOf(error: unknown): number {
  return error instanceof S3ServiceException ? (error.$metadata.attempts ?? 1) : 1;
}

/** There is no such object, or no such version of it. */
export function isMissing(error: unknown): boolean {
  return statusOf(error) === 404;
}

/** A conditional request's condition does not hold: for a create-only write the object exists. */
export function isConditionFailed(error: unknown): boolean {
  return statusOf(error) === 412;
}

/** Two writes of one key met; S3 wants the request again. */
export function isConflict(error: unknown): boolean {
  return statusOf(error) === 409;
}

/** Nobody knows what became of the request: no answer came, or one that says nothing about the object. */
export function isOutcomeUnknown(error: unknown): boolean {
  if (error instanceof Error && error.name === 'AbortError') return false;
  const status = statusOf(error);
  return status === undefined || status >= 500;
}

/** S3 or KMS refused. It may be put right, so it is tried again like all that may pass. */
export class AccessError extends Error {
  override readonly name = 'AccessError';
}

export function isAccessDenied(error: unknown): boolean {
  // KMS's own answers (a disabled or deleted key) come through S3 with status 400.
  return statusOf(error) === 403 || (error instanceof Error && error.name.startsWith('KMS.'));
}
