/** From when to when something happened, Unix seconds; infinite while nothing has. */
export interface TimeSpan {
  first: number;
  last: number;
}

/** A span in which nothing has happened. */
export function emptySpan(): TimeSpan {
  return { first: Number.POSITIVE_INFINITY, last: Number.NEGATIVE_INFINITY };
}

/** Widens a span by a record's interval. A missing start or end (-1) is taken from the other. */
export function widen(span: TimeSpan, start: number, end: number): void {
  if (start < 0 && end < 0) return;
  span.first = Math.min(span.first, start < 0 ? end : start);
  span.last = Math.max(span.last, end < 0 ? start : end);
}

/** The keys of a finding that say when; undefined if no record had a time. Times stop where numbers are exact. */
export function describeSpan({ first, last }: TimeSpan) {
  if (last < 0) return { first_time: undefined, last_time: undefined };
  return {
    first_time: Math.min(first, Number.MAX_SAFE_INTEGER),
    last_time: Math.min(last, Number.MAX_SAFE_INTEGER),
  };
}
