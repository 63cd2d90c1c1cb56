import { type Delivery, type DeliveryStore, KEPT_HOURS } from '../../../shared/alerts/delivery-store.ts';

const WEEK = 7 * 86_400;

/** Deliveries in memory. `now`: Unix seconds. */
export function memoryDeliveries(now: () => number): DeliveryStore {
  const deliveries = new Map<string, Delivery>();
  return {
    async note(accountId, region, at) {
      const key = `${accountId} ${region}`;
      const before = deliveries.get(key);
      const last = Math.max(at, before?.last ?? 0);
      const hours = new Set([...(before?.hours ?? []), Math.floor(at / 3600)]);
      const oldest = Math.floor(last / 3600) - KEPT_HOURS + 1;
      const kept = [...hours].filter((hour) => hour >= oldest).sort((a, b) => a - b);
      deliveries.set(key, { accountId, region, last, hours: kept });
    },
    async *all() {
      for (const delivery of [...deliveries.values()]) if (delivery.last + WEEK > now()) yield delivery;
    },
  };
}
