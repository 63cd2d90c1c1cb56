/** Days and hours, UTC, of what is limited by them. */

/** `2026-11-20` of Unix seconds. */
export function dayText(now: number): string {
  return new Date(now * 1000).toISOString().slice(0, 10);
}

/** `2026-11-20T05` of Unix seconds. */
export function hourText(now: number): string {
  return new Date(now * 1000).toISOString().slice(0, 13);
}
