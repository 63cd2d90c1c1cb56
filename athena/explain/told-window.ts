/** Of what time a question is, and of what part of it the answer. Times are Unix seconds. */

import { isoTime } from '../../shared/explain/iso-time.ts';
import type { FlowRow, InterfaceLog, Interval, Question } from '../../shared/explain/observation.ts';
import { intervalOf, isAt, overlaps } from '../../shared/explain/sighting.ts';
import { QueryError } from '../query-error.ts';

/** Without --since, the question is about two hours. */
const DEFAULT_SECONDS = 7200;
/** What an interval before or after the window may tell of it: flags, replies, late packets. */
export const PADDING = 600;

/**
 * The time in question; what lies in the future has no records.
 *
 * @throws QueryError if all of it does.
 */
export function windowOf(
  { since, until }: { readonly since: number | undefined; readonly until: number | undefined },
  now: number,
): Interval {
  const end = Math.min(until ?? now, now);
  const start = since ?? end - DEFAULT_SECONDS;
  if (start >= end) {
    throw new QueryError(
      `--since ${isoTime(start)} is in the future: it is ${isoTime(now)}. Ask about a time that has passed.`,
    );
  }
  return { start, end };
}

/** Up to when something of the window is delivered of all ends; logs that end before it tell nothing of it anyway. */
export function deliveredUntil(
  padded: Interval,
  window: Interval,
  logs: ReadonlyMap<string, InterfaceLog>,
): number {
  const times = [...logs.values()].map(({ completeUntil }) => completeUntil);
  return times.filter((each) => each > window.start).reduce((a, b) => Math.min(a, b), padded.end);
}

/** The part of the window whose records are all in the range, with what comes before it for flags as far as it goes. */
export function windowWithin(range: Interval, window: Interval): Interval {
  const end = Math.min(window.end, range.end);
  const padding = Math.min(PADDING, Math.floor((end - range.start) / 2));
  return { start: Math.max(window.start, range.start + padding), end };
}

/**
 * The part of the window for which the logs of both ends are complete: what is younger would make every silence "not
 * delivered yet", and up to its first record a log is silent for a while anyway. On each side all of it, if there are
 * records beyond, which may tell more, or if more than such a while is missing at its start; all of it as well if nothing
 * would be left.
 */
export function deliveredPart(
  window: Interval,
  { source, destination }: Pick<Question, 'source' | 'destination'>,
  between: readonly FlowRow[],
  logs: ReadonlyMap<string, InterfaceLog>,
): Interval {
  const known = [...source.interfaceIds, ...destination.interfaceIds].flatMap((id) => logs.get(id) ?? []);
  const from = Math.max(window.start, ...known.flatMap(({ completeFrom }) => completeFrom ?? []));
  const start = from <= window.start + PADDING ? from : window.start;
  const end = Math.min(window.end, ...known.map(({ completeUntil }) => completeUntil));
  if (end <= start) return window;
  const isOfPair = (row: FlowRow) => {
    const [from, to] = [row.pkt_srcaddr ?? row.srcaddr, row.pkt_dstaddr ?? row.dstaddr];
    return (isAt(source, from) && isAt(destination, to)) || (isAt(destination, from) && isAt(source, to));
  };
  const own = between.filter((row) => overlaps(row, window) && isOfPair(row)).map(intervalOf);
  return {
    start: own.some((each) => each === undefined || each.start < start) ? window.start : start,
    end: own.some((each) => each === undefined || each.end > end) ? window.end : end,
  };
}

/** Says of what part of the window the verdicts are. */
export function windowNotes(window: Interval, told: readonly Interval[]): string[] {
  const start = told.reduce((latest, each) => Math.max(latest, each.start), window.start);
  const end = told.reduce((earliest, each) => Math.min(earliest, each.end), window.end);
  return [
    ...(start > window.start
      ? [`Asked from ${isoTime(window.start)}; the log of an end begins at ${isoTime(start)}.`]
      : []),
    ...(end < window.end
      ? [
          `Asked until ${isoTime(window.end)}; the log of an end stops at ${isoTime(end)}: the rest is not delivered yet, ` +
            'or the interface is gone.',
        ]
      : []),
  ];
}
