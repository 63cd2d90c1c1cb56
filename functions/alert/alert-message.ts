import { parseNotification } from '../../shared/aws/object-created.ts';
import { PermanentError } from '../../shared/errors.ts';
import { type Alert, type AlertPublisher, alertOf, isRecent } from '../../shared/findings/alert.ts';
import { parseFindings } from '../../shared/findings/parse-findings.ts';
import { isObjectKey } from '../../shared/lake/layout.ts';
import type { ObjectStore } from '../../shared/lake/object-store.ts';
import { failureOf } from '../../shared/lambda/deadline.ts';
import type { Observability } from '../../shared/lambda/observability.ts';

export interface AlertJob {
  readonly lake: ObjectStore;
  readonly lakeBucket: string;
  readonly publisher: AlertPublisher;
  readonly observability: Observability;
  /** Aborts when the invocation's time is nearly over. */
  readonly signal: AbortSignal;
}

/**
 * Publishes an alert for each recent finding of the objects that a message announces. At least once: if it fails
 * midway, the next delivery publishes all of them.
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
  { lake, publisher, observability: { logger, count } }: AlertJob,
): Promise<void> {
  const content = await lake.get(key);
  if (content === undefined) {
    throw new PermanentError(
      'gone',
      `${key} is not in the lake any more. If it should be, look for who deletes from it.`,
    );
  }
  const now = Date.now() / 1000;
  const alerts: Alert[] = [];
  let tooOld = 0;
  for await (const finding of parseFindings(content)) {
    if (isRecent(finding, now)) alerts.push(alertOf(finding));
    else tooOld++;
  }
  await publisher.publish(alerts);
  logger.info('findings published', { key, alerts: alerts.length, tooOld });
  count('AlertsPublished', alerts.length);
}
