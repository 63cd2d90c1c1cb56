import { type Alerting, takeSilences, tellWaiting } from '../../shared/alerts/alerting.ts';
import type { DeliveryStore } from '../../shared/alerts/delivery-store.ts';
import { silencesOf } from '../../shared/alerts/silence.ts';

/** Tells people what is due although no finding came. One of the two must not keep the other from being told. */
export async function tellOnSchedule(
  alerting: Alerting & { readonly deliveries: DeliveryStore },
): Promise<void> {
  const results = await Promise.allSettled([tellSilences(alerting), tellWaiting(alerting)]);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

async function tellSilences(alerting: Alerting & { readonly deliveries: DeliveryStore }): Promise<void> {
  const deliveries = await Array.fromAsync(alerting.deliveries.all());
  await takeSilences(silencesOf(deliveries, alerting.policy, alerting.now()), alerting);
}
