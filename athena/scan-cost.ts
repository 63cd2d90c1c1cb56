/**
 * What Athena charges for a query: for the bytes that it scanned, each query rounded up to a megabyte and to ten at
 * least. Queries that fail cost nothing, those that are cancelled cost what they scanned.
 *
 * Source: "Amazon Athena Pricing" (SQL queries). An estimate for people: prices differ between Regions, and AWS does not
 * say how many bytes its terabyte has. 10^12 gives the higher price.
 */

/** The Region of the price, and the month when it was looked up. */
export const PRICE_REGION = 'us-east-1';
export const PRICE_DATE = 'November 2026';

const DOLLARS_PER_TERABYTE = 5;
const MEGABYTE = 1_000_000;
const LEAST_MEGABYTES = 10;

/** US dollars for one query that scanned so many bytes. */
export function scanCost(scannedBytes: number): number {
  // What reads nothing, such as EXPLAIN, is not charged.
  if (scannedBytes === 0) return 0;
  const megabytes = Math.max(Math.ceil(scannedBytes / MEGABYTE), LEAST_MEGABYTES);
  return (megabytes * MEGABYTE * DOLLARS_PER_TERABYTE) / 1e12;
}

/** Bytes for people: `1.2 GB`, in powers of ten as prices are. */
export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  let value = bytes;
  let unit = '';
  for (const next of ['kB', 'MB', 'GB', 'TB', 'PB']) {
    value /= 1000;
    unit = next;
    if (Number(value.toFixed(1)) < 1000) break;
  }
  return `${value.toFixed(1)} ${unit}`;
}
