/** Why a line cannot become a record. Athena would fail a whole query on it, or nobody could say what it means. */
export type QuarantineReason =
  | 'column-count'
  | 'not-a-number'
  | 'number-too-large'
  | 'implausible-time'
  | 'line-too-long'
  | 'invalid-utf8'
  | 'too-many-partitions';

/** What each reason means to the person who reads it. */
export const QUARANTINE_REASONS: Readonly<Record<QuarantineReason, string>> = {
  'column-count': 'the line has more or fewer tokens than its header has columns',
  'not-a-number': 'a numeric column holds something else than 0 or digits without a leading zero',
  'number-too-large': "a number does not fit its column's type",
  'implausible-time':
    'a time is beyond the year 9999, or the one that decides the partition is far from that of the object',
  'line-too-long': 'the line is longer than 64 KiB',
  'invalid-utf8': 'the line is not valid UTF-8',
  'too-many-partitions': 'the object already has records in as many hours as one object may open',
};

/** A line that was not made a record, and where it stands in the inflated object. */
export interface QuarantinedLine {
  readonly reason: QuarantineReason;
  /** Counted from 1; every line of the object counts, headers and blank lines too. */
  readonly lineNumber: number;
  /** Position of its first byte. */
  readonly offset: number;
  /** Length without its line end. */
  readonly lineBytes: number;
  /** The first 4 KiB; bytes that are not UTF-8 as U+FFFD. */
  readonly line: string;
}

/** How much of a line is kept in the quarantine. */
export const QUARANTINED_LINE_BYTES = 4096;
