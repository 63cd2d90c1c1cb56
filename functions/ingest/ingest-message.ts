import type { S3Client } from '@aws-sdk/client-s3';
import { type CreatedObject, parseNotification } from '../../shared/aws/object-created.ts';
import { s3SourceObject } from '../../shared/aws/source-object.ts';
import { BrokenReadError } from '../../shared/aws/whole-body.ts';
import { PermanentError } from '../../shared/errors.ts';
import { type IngestResult, type IngestSettings, ingestObject } from '../../shared/lake/ingest.ts';
import type { ObjectStore } from '../../shared/lake/object-store.ts';
import { ignoreReason } from '../../shared/lake/source-key.ts';
import type { Budget } from '../../shared/lambda/budget.ts';
import { failureOf } from '../../shared/lambda/deadline.ts';
import { memoryOf } from './memory.ts';
import type { IngestReport } from './report.ts';

export interface IngestJob {
  readonly s3: S3Client;
  readonly lake: ObjectStore;
  readonly settings: IngestSettings;
  readonly budget: Budget;
  readonly report: IngestReport;
  /** Aborts when the invocation's time is nearly over. */
  readonly signal: AbortSignal;
}

/** How often an object is read before its message goes back to the queue. */
const MAX_READS = 3;

/**
 * Ingests every object that a message announces. One that fails does not keep the others from being read.
 *
 * @throws the failure that decides about the message: one that a retry may mend before one that it can't, because the
 *   next delivery skips what is done and meets the other again.
 */
export async function ingestMessage(body: string, job: IngestJob): Promise<void> {
  const { objects, ignored } = parseNotification(body);
  for (const reason of ignored) job.report.ignored(reason);
  const failures: unknown[] = [];
  for (const object of objects) {
    const reason = ignoreReason(object.key, object.size ?? Number.NaN);
    if (reason !== undefined) {
      job.report.ignored(reason, object);
      continue;
    }
    try {
      const result = await job.budget.admit(memoryOf(object.size), () => readUntilWhole(object, job));
      job.report.done(object, result);
    } catch (error) {
      const failure = failureOf(error, job.signal);
      job.report.failed(object, failure);
      failures.push(failure);
    }
  }
  if (failures.length > 0) throw failures.find((error) => !(error instanceof PermanentError)) ?? failures[0];
}

/** Ingests an object, and reads it again from its beginning if the connection breaks midway. */
async function readUntilWhole(object: CreatedObject, job: IngestJob): Promise<IngestResult> {
  for (let reads = 1; ; reads++) {
    job.signal.throwIfAborted();
    const source = await s3SourceObject(job.s3, object, job.signal);
    try {
      return await ingestObject(source, job.lake, job.settings);
    } catch (error) {
      if (!(error instanceof BrokenReadError) || reads === MAX_READS) throw error;
      job.report.readAgain(object, error);
    }
  }
}
