import type { Delivery } from './delivery-store.ts';
import type { Policy } from './policy.ts';
import type { Part } from './situation.ts';

/** Who delivered in so many of 24 hours, at any time of the last days, delivers regularly. */
const REGULAR_HOURS = 22;

/**
 * Accounts and Regions that delivered regularly for a day and then nothing for the policy's time. An account without
 * traffic still delivers (NODATA); one without interfaces never did.
 *
 * @param now Unix seconds
 * @returns each with an id that is equal for an hour, in which it is counted once
 */
export function silencesOf(
  deliveries: readonly Delivery[],
  policy: Policy,
  now: number,
): { readonly id: string; readonly part: Part }[] {
  if (policy.off.includes('NO_DELIVERY') || policy.off.includes('no-delivery')) return [];
  return deliveries
    .filter((delivery) => now - delivery.last >= policy.silenceSeconds && wasRegular(delivery))
    .filter(({ accountId }) => !policy.ignore.some((rule) => isIgnored(rule, accountId)))
    .map(({ accountId, region, last }) => ({
      id: `silence ${accountId} ${region} ${last} ${Math.floor(now / 3600)}`,
      part: {
        subject: {
          kind: 'NO_DELIVERY',
          meaning: 'no-delivery',
          accountId,
          region,
          scope: { level: 'account', id: accountId },
        },
        severity: 'warning',
        flows: 0,
        packets: 0,
        firstTime: last,
        lastTime: now,
      },
    }));
}

/** At any time that is known: an outage that was mended must not hide the next one. */
function wasRegular({ hours }: Delivery): boolean {
  const sorted = [...new Set(hours)].sort((a, b) => a - b);
  return sorted.some(
    (hour, index) => (sorted[index + REGULAR_HOURS - 1] ?? Number.POSITIVE_INFINITY) < hour + 24,
  );
}

/** Rules about traffic say nothing of silence. */
function isIgnored(
  { accounts, because: _, meanings, ...others }: Policy['ignore'][number],
  accountId: string,
): boolean {
  if (Object.keys(others).length > 0) return false;
  return (
    (meanings === undefined || meanings.includes('no-delivery')) &&
    (accounts === undefined || accounts.includes(accountId))
  );
}
