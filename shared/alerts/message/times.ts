/** Times in messages: UTC, whole seconds. Log lines can claim any time, so they are kept within four-digit years. */

const LAST_SECOND = 253_402_300_799;

/** `2026-11-20T05:03:38Z` of Unix seconds. */
export function isoTime(seconds: number): string {
  const kept = Math.min(Math.max(Math.floor(seconds), 0), LAST_SECOND);
  return new Date(kept * 1000).toISOString().replace('.000Z', 'Z');
}

/** `2026-11-20 05:03:38` of an ISO time. */
export function dayAndTime(iso: string): string {
  return iso.replace('T', ' ').replace('Z', '');
}

/** `2026-11-20 05:03:38 to 05:14:45 UTC` of two ISO times. */
export function spanText(first: string, last: string): string {
  if (first === last) return `${dayAndTime(first)} UTC`;
  const isSameDay = first.slice(0, 10) === last.slice(0, 10);
  return `${dayAndTime(first)} to ${isSameDay ? last.slice(11, 19) : dayAndTime(last)} UTC`;
}

/** `65 minutes`, `3 hours`, `2 days`: whole ones, of the largest unit that there are two of. */
export function lengthText(seconds: number): string {
  const [length, unit] = (
    [
      [86_400, 'day'],
      [3600, 'hour'],
      [60, 'minute'],
      [1, 'second'],
    ] as const
  ).find(([unitLength]) => seconds >= 2 * unitLength) ?? [1, 'second'];
  const number = Math.floor(seconds / length);
  return `${number} ${unit}${number === 1 ? '' : 's'}`;
}
