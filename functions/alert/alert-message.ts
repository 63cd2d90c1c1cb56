import { type Alerting, takeObject } from '../../shared/alerts/alerting.ts';
import { parseNotification } from '../../shared/aws/object-created.ts';
import { PermanentError } from '../../shared/errors.ts';
import { findingsOfObject } from '../../shared/findings/parse-findings.ts';
import { isObjectKey } from '../../shared/lake/layout.ts';
import type { ObjectStore } from '../../shared/lake/object-store.ts';
import { failureOf } from '../../shared/lambda/deadline.ts';
import type { Observability } from '../../shared/lambda/observability.ts';

export interface AlertJob {
  readonly lake: Pick<ObjectStore, 'get'>;
  readonly lakeBucket: string;
  readonly alerting: Alerting;
  readonly observability: Observability;
  /** Aborts when the invocation's time is nearly over. */
  readonly signal: AbortSignal;
}

/**
 * Counts the findings of the objects that a message announces in their situations, and tells people what that makes due.
 * If it fails midway, the next delivery goes on: what was counted is not counted again.
 */
export async function alertMessage(body: string, job: AlertJob): Promise<void> {
  const { objects } = parseNotification(body);
  for (const { bucket, key } of objects) {
    if (bucket !== job.lakeBucket || !isObjectKey('findings', key)) {
      throw new PermanentError(
        'not-a-finding',
        `s3://${bucket}/${key} is no findings object of the lake. Look for what else sends to this queue.`,
      );
    }
    try {
      await alertObject(key, job);
    } catch (error) {
      throw failureOf(error, job.signal);
    }
  }
}

async function alertObject(
  key: string,
  { lake, alerting, observability: { logger, count } }: AlertJob,
): Promise<void> {
  const content = await lake.get(key);
  if (content === undefined) {
    throw new PermanentError(
      'gone',
      `${key} is not in the lake any more. If it should be, look for who deletes from it.`,
    );
  }
  await takeObject(findingsOfObject(key, content), alerting, (counts) => {
    logger.info('findings counted', { key, ...counts });
    count('FindingsCounted', counts.counted);
    count('FindingsTooOld', counts.tooOld);
  });
}
