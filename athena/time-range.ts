/**
 * Time ranges: from the command line's `--since` and `--until` to a predicate that reads only the partitions it needs.
 */

import { QueryError } from './query-error.ts';

/** From `since` (inclusive) to `until` (exclusive), Unix seconds. A side that is absent is open. */
export interface TimeRange {
  readonly since?: number | undefined;
  readonly until?: number | undefined;
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** Records without `start` are filed under their `end`: later by one aggregation interval, which is ten minutes at most. */
const PADDING_SECONDS = 600;

const ACCEPTED =
  'It takes an age ("90s", "30m", "2h", "3d", "1w"), "now", or a UTC time such as "2026-11-20" or "2026-11-20T05:30".';

const ISO = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2})(?::(\d{2})(?::(\d{2})(?:\.\d+)?)?)?(Z|[+-]\d{2}:\d{2})?)?$/;

/**
 * The time range that the options mean. Ages count back from `now` (Unix seconds); times without a zone are UTC, as
 * everything in the lake is.
 *
 * @throws QueryError that names the option and what it accepts.
 */
export function parseTimeRange(
  options: { readonly since?: string | undefined; readonly until?: string | undefined },
  now: number,
): TimeRange {
  const since = options.since === undefined ? undefined : parseTime('--since', options.since, now);
  const until = options.until === undefined ? undefined : parseTime('--until', options.until, now);
  if (since !== undefined && until !== undefined && since >= until) {
    throw new QueryError(
      `--since ${options.since} is not before --until ${options.until}, so the range is empty.`,
    );
  }
  return { since, until };
}

function parseTime(option: string, text: string, now: number): number {
  if (text === 'now') return Math.ceil(now);
  const age = /^(\d{1,6})([smhdw])$/.exec(text);
  if (age !== null) return Math.floor(now) - Number(age[1]) * (SECONDS[age[2] ?? ''] ?? 0);
  const iso = ISO.exec(text);
  const [, date = '', hour = '00', minute = '00', second = '00', zone = 'Z'] = iso ?? [];
  const time = Date.parse(`${date}T${hour}:${minute}:${second}${zone}`);
  // Date.parse takes the 30th of February for the 2nd of March.
  const isDay = iso !== null && !Number.isNaN(time) && isCalendarDay(date);
  if (!isDay) throw new QueryError(`${option} "${text}" is no time. ${ACCEPTED}`);
  return time / 1000;
}

/** Whether the text is a day of the calendar, `2026-11-20`. */
export function isCalendarDay(text: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/**
 * The predicate that `{{time_range}}` stands for, over the columns `day`, `hour` and `start`.
 *
 * Day and hour are compared as one text, because `day >= … AND hour >= …` is wrong across midnight; the extra bound on
 * `day` alone is for the Glue catalogue, which can filter by single partition columns only. All values are constants:
 * a value from a subquery would not prune partitions. Records of formats without `start` are kept: of them no more is
 * known than their hour.
 */
export function timeRangePredicate({ since, until }: TimeRange): string {
  const bounds: string[] = [];
  if (since !== undefined) {
    const { day, hour } = partitionOf(since - PADDING_SECONDS);
    bounds.push(
      `day >= '${day}'`,
      `concat(day, hour) >= '${day}${hour}'`,
      `(start >= ${since} OR start IS NULL)`,
    );
  }
  if (until !== undefined) {
    const { day, hour } = partitionOf(until + PADDING_SECONDS);
    bounds.push(
      `day <= '${day}'`,
      `concat(day, hour) <= '${day}${hour}'`,
      `(start < ${until} OR start IS NULL)`,
    );
  }
  return bounds.length === 0 ? 'true' : `(${bounds.join(' AND ')})`;
}

function partitionOf(seconds: number): { day: string; hour: string } {
  const clamped = Math.min(Math.max(seconds, 0), 253_402_300_799);
  const iso = new Date(clamped * 1000).toISOString();
  return { day: iso.slice(0, 10), hour: iso.slice(11, 13) };
}
