import { CATALOGUE } from './catalogue.ts';
import { type Check, examine, type Patient } from './check.ts';
import { FLOW_LOGS } from './flow-logs.ts';
import { LAKE_BUCKET } from './lake-bucket.ts';
import { QUEUE_CHECKS } from './queues.ts';
import { RAW_BUCKET } from './raw-bucket.ts';
import { STACK } from './stack.ts';
import { TOPICS } from './topics.ts';

/** In the order in which a record meets them. */
const EXAMINATIONS = [
  ...STACK,
  ...FLOW_LOGS,
  ...RAW_BUCKET,
  ...QUEUE_CHECKS,
  ...LAKE_BUCKET,
  ...CATALOGUE,
  ...TOPICS,
];

/** Looks at everything that can be wrong with a deployed stack. It changes nothing. */
export async function examineAll(patient: Patient): Promise<readonly Check[]> {
  const checks = await Promise.all(EXAMINATIONS.map((examination) => examine(examination, patient)));
  return checks.flat();
}
