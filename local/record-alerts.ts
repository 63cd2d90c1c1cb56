import type { Policy } from '../shared/alerts/policy.ts';
import { replay, type SentAlert } from '../shared/alerts/replay.ts';
import { record } from '../shared/alerts/telling.ts';
import type { ObjectStore } from '../shared/lake/object-store.ts';
import { arrivals } from './lake-alerts.ts';

/**
 * What the pipeline would have sent for findings that are new in the lake, each some minutes after its packets; recorded in
 * the lake's `alerts` table.
 *
 * @param keys of the findings objects
 */
export async function recordAlerts(
  lake: Pick<ObjectStore, 'get' | 'create'>,
  keys: readonly string[],
  policy: Policy,
): Promise<readonly SentAlert[]> {
  const alerts: SentAlert[] = [];
  for await (const alert of replay(arrivals(lake, keys), policy)) {
    alerts.push(alert);
    await record(alert.notices, alert.message.subject, alert.at, lake);
  }
  return alerts;
}
