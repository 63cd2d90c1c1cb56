import { isUtf8 } from 'node:buffer';
import { PermanentError } from '../errors.ts';
import {
  EARLIEST_AT,
  INPUT_AT,
  INPUT_BYTES,
  LATEST_AT,
  LINE_END_AT,
  LINE_START_AT,
  LINES_TAKEN_AT,
  MAX_LINE_BYTES,
  OBJECT_TIME_AT,
  OUTPUT_AT,
  OUTPUT_END_AT,
  RUN_HOUR_AT,
  RUN_RECORDS_AT,
  RUN_START_AT,
} from '../line-loop/layout.ts';
import type { LineLoop } from '../line-loop/line-loop.ts';
import { CR, DASH, LF, LOWER_A, LOWER_Z } from './bytes.ts';
import type { Format, RecordView } from './format.ts';
import { DEFAULT_FORMAT, fitsDefaultFormat, formatOfHeader, sameFormat } from './header.ts';
import { type ColumnPlan, compilePlan, LATEST_TIME } from './plan.ts';
import { QUARANTINED_LINE_BYTES, type QuarantinedLine, type QuarantineReason } from './quarantine.ts';
import { numberProblem, type Token, tokenise } from './tokens.ts';

const SECONDS_PER_HOUR = 3600;
const NO_HOUR = -1;

/** Where a transformation's results go. Every call is synchronous; buffers and views are valid only during the call. */
export interface TransformSink {
  /** The lines that follow are in this format. */
  formatChanged(format: Format): void;
  /** Asks for a place for records of an hour (hours since 1970). False: the object may open no more; quarantine. */
  openPartition(hour: number, record: RecordView): boolean;
  /** Whole NDJSON records for the partition that was opened last: so many, in `bytes` from `from` up to `to`. */
  records(bytes: Buffer, from: number, to: number, count: number): void;
  quarantine(line: QuarantinedLine): void;
}

export interface TransformOptions {
  /** The loop that works on the object; its caller borrows and releases it. */
  readonly loop: LineLoop;
  /** The format of objects without a header; absent: AWS's default format, if the first line fits it. */
  readonly headerlessFormat: Format | undefined;
  /** Unix seconds between which a record's time is plausible, and the time of records that have none. */
  readonly earliest: number;
  readonly latest: number;
  readonly objectTime: number;
  readonly sink: TransformSink;
}

export interface TransformCounts {
  /** Lines that are neither blank nor headers: `lines = records + quarantined`. */
  lines: number;
  records: number;
  quarantined: number;
  headers: number;
  /** Inflated bytes taken in. */
  bytes: number;
}

/** Turns the inflated bytes of one object into NDJSON records. Chunks may be cut anywhere. */
export interface Transform {
  push(chunk: Uint8Array): void;
  /** To be called once, when the input has ended cleanly: the last line need not have a line end. */
  end(): void;
  readonly counts: Readonly<TransformCounts>;
  /** The format that was taken because the object has no header in front. */
  readonly headerlessFormat: Format | undefined;
}

/** Where no line is of the common kind, so many go the slow way before the loop is asked again. */
const MOST_SLOW_LINES = 64;
const MISSING = -1;
const BYTE_ORDER_MARK_BYTES = 3;

/**
 * Starts the transformation of one object.
 *
 * How it works: input is collected in the line loop's memory until it holds whole lines. The loop (`line-loop/assembly`)
 * validates them, writes their records and stops at the first line that is not of the common kind (anything rare: other
 * white space, escapes, long numbers, errors, headers), which `slowLine` then takes as a whole and judges at leisure; then
 * the loop goes on. Both make the same record of the same line.
 *
 * `push` and `end` throw PermanentError for an object whose format cannot be known.
 */
export function createTransform(options: TransformOptions): Transform {
  const { loop, sink, earliest, latest, objectTime } = options;
  const counts: TransformCounts = { lines: 0, records: 0, quarantined: 0, headers: 0, bytes: 0 };

  // Input: a line that is not complete yet is carried at the front. It is at most MAX_LINE_BYTES and a "\r" long;
  // longer lines are not collected (see `skipped`).
  const input = loop.bytes;
  let inputEnd = INPUT_AT;
  /** Position in the object of the first byte of the input. */
  let inputOffset = 0;
  let position = INPUT_AT;
  let lineNumber = 0;
  /** The long line being skipped: what is needed for its quarantine entry. */
  let skipped: { head: Buffer; bytes: number; offset: number; lastByte: number } | undefined;

  let plan: ColumnPlan | undefined;
  let headerlessFormat: Format | undefined;

  loop.setLongRegister(EARLIEST_AT, Math.ceil(earliest));
  loop.setLongRegister(LATEST_AT, Math.floor(Math.min(latest, LATEST_TIME)));
  loop.setLongRegister(OBJECT_TIME_AT, Math.floor(objectTime));
  loop.events.startRun = startRun;
  loop.events.handOverRun = handOverRun;

  function push(chunk: Uint8Array): void {
    counts.bytes += chunk.length;
    let from = 0;
    while (from < chunk.length) {
      if (skipped !== undefined) {
        from = skipLongLine(skipped, chunk, from);
        continue;
      }
      const size = Math.min(chunk.length - from, INPUT_AT + INPUT_BYTES - inputEnd);
      const searchFrom = inputEnd;
      input.set(chunk.subarray(from, from + size), inputEnd);
      inputEnd += size;
      from += size;
      takeWholeLines(searchFrom);
    }
  }

  function end(): void {
    if (skipped !== undefined) {
      quarantineSkipped(skipped);
    } else if (inputEnd > INPUT_AT) {
      input[inputEnd++] = LF;
      takeWholeLines(inputEnd - 1);
    }
    emptyOutput();
  }

  /** Transforms all whole lines of the input and carries the rest to the front. No LF stands before `searchFrom`. */
  function takeWholeLines(searchFrom: number): void {
    let limit = inputEnd;
    while (limit > searchFrom && input[limit - 1] !== LF) limit--;
    if (limit === searchFrom) limit = INPUT_AT;
    position = INPUT_AT;
    /** Lines to be taken the slow way before the loop is asked again: it looks far ahead each time, perhaps in vain. */
    let patience = 0;
    let atOnce = 1;
    while (position < limit) {
      if (plan?.isFast && patience-- <= 0) {
        atOnce = fastLines(limit) > 0 ? 1 : Math.min(2 * atOnce, MOST_SLOW_LINES);
        patience = atOnce - 1;
      }
      if (position < limit && !passBlankLines(limit)) slowLine();
    }
    if (limit > INPUT_AT) input.copyWithin(INPUT_AT, limit, inputEnd);
    inputOffset += limit - INPUT_AT;
    inputEnd -= limit - INPUT_AT;
    const waiting = inputEnd - INPUT_AT;
    // One byte more than the longest line, because that byte may be the "\r" of its line end.
    if (waiting > markBytesAt(INPUT_AT) + MAX_LINE_BYTES + 1) {
      const head = Buffer.from(input.subarray(INPUT_AT, INPUT_AT + QUARANTINED_LINE_BYTES));
      skipped = { head, bytes: waiting, offset: inputOffset, lastByte: input[inputEnd - 1]! };
      inputOffset += waiting;
      inputEnd = INPUT_AT;
      if (plan === undefined) throw noHeader();
    }
  }

  /** Takes what lines the loop can; returns how many. */
  function fastLines(limit: number): number {
    position = loop.lines(position, limit);
    const taken = loop.register(LINES_TAKEN_AT);
    lineNumber += taken;
    counts.lines += taken;
    counts.records += taken;
    return taken;
  }

  /** Passes over empty lines; a bomb of nothing else must cost no more than its bytes. False if there were none. */
  function passBlankLines(limit: number): boolean {
    const start = position;
    while (position < limit && input[position] === LF) position++;
    lineNumber += position - start;
    return position > start;
  }

  // --- The slow path -----------------------------------------------------------------------------------------------

  /** Takes the one line at `position`, whatever it is. */
  function slowLine(): void {
    const start = position + markBytesAt(position);
    const lineFeed = input.indexOf(LF, start);
    position = lineFeed + 1;
    lineNumber++;
    const end = lineFeed > start && input[lineFeed - 1] === CR ? lineFeed - 1 : lineFeed;
    const reason = judgeLine(start, end);
    if (reason === undefined) return;
    counts.lines++;
    counts.quarantined++;
    sink.quarantine({
      reason,
      lineNumber,
      offset: inputOffset + start - INPUT_AT,
      lineBytes: end - start,
      line: input.toString('utf8', start, Math.min(end, start + QUARANTINED_LINE_BYTES)),
    });
  }

  /** Makes the line from `start` to `end` what it is (blank, header, record), or says why it is none of these. */
  function judgeLine(start: number, end: number): QuarantineReason | undefined {
    if (end - start > MAX_LINE_BYTES) {
      if (plan === undefined) throw noHeader();
      return 'line-too-long';
    }
    const tokens = tokenise(input, start, end);
    if (tokens.length === 0) return undefined;
    if (takeHeader(tokens)) return undefined;
    if (plan === undefined) {
      headerlessFormat = formatWithoutHeader(tokens);
      useFormat(headerlessFormat);
    }
    return slowRecord(plan!, tokens);
  }

  /** Takes the line as a header, if it is one. */
  function takeHeader(tokens: readonly Token[]): boolean {
    const first = input[tokens[0]!.start]!;
    if (first < LOWER_A || first > LOWER_Z) return false;
    const format = formatOfHeader(tokens.map(tokenText));
    if (format === undefined) return false;
    if (plan !== undefined) {
      if (sameFormat(format, plan.format)) {
        counts.headers++;
        return true;
      }
      // A stray word must spoil its line, not all that follow.
      if (tokens.length === 1) return false;
      // Where all columns are strings, values that happen to be field names must not switch the format.
      if (!plan.hasNumbers && tokens.length === plan.format.columns.length) return false;
    }
    counts.headers++;
    useFormat(format);
    return true;
  }

  function formatWithoutHeader(tokens: readonly Token[]): Format {
    if (options.headerlessFormat !== undefined) return options.headerlessFormat;
    if (!fitsDefaultFormat(tokens.map(tokenText))) throw noHeader();
    return DEFAULT_FORMAT;
  }

  function useFormat(format: Format): void {
    emptyOutput();
    plan = compilePlan(format, loop);
    loop.setRegister(RUN_HOUR_AT, NO_HOUR);
    sink.formatChanged(format);
  }

  /** Writes the record of a line's tokens, or says why there is none. */
  function slowRecord(plan: ColumnPlan, tokens: readonly Token[]): QuarantineReason | undefined {
    const { columns } = plan.format;
    const lineStart = tokens[0]!.start;
    const lineEnd = tokens.at(-1)!.end;
    if (!isUtf8(input.subarray(lineStart, lineEnd))) return 'invalid-utf8';
    if (tokens.length !== columns.length) return 'column-count';
    for (const [index, token] of tokens.entries()) {
      loop.tokenStart[index] = token.start;
      loop.tokenEnd[index] = token.end;
      const { type } = columns[index]!;
      if (type === 'string' || isMissing(token)) continue;
      const reason = numberProblem(input, token, type);
      if (reason !== undefined) return reason;
    }
    const times = [plan.startColumn, plan.endColumn].map((column) => timeOf(tokens[column]));
    if (times.some((seconds) => seconds > LATEST_TIME)) return 'implausible-time';
    const time = times.find((seconds) => seconds >= 0) ?? objectTime;
    if (!(time >= earliest && time <= latest)) return 'implausible-time';
    loop.setRegister(LINE_START_AT, lineStart);
    loop.setRegister(LINE_END_AT, lineEnd);
    const hour = Math.floor(time / SECONDS_PER_HOUR);
    if (hour !== loop.register(RUN_HOUR_AT) && !startRun(hour)) return 'too-many-partitions';
    emptyOutput();
    const record = Buffer.from(slowRecordText(plan, tokens));
    sink.records(record, 0, record.length, 1);
    loop.noteLine();
    counts.lines++;
    counts.records++;
    return undefined;
  }

  function timeOf(token: Token | undefined): number {
    return token === undefined || isMissing(token) ? MISSING : Number(tokenText(token));
  }

  function slowRecordText(plan: ColumnPlan, tokens: readonly Token[]): string {
    const { columns } = plan.format;
    const members = tokens.flatMap((token, index) => {
      if (isMissing(token)) return [];
      const { key, type } = columns[index]!;
      const value = tokenText(token);
      return [`"${key}":${type === 'string' ? JSON.stringify(value) : value}`];
    });
    return `{${members.join(',')}}\n`;
  }

  /** Skips over a line that is too long; returns where in the chunk the next line starts. */
  function skipLongLine(line: NonNullable<typeof skipped>, chunk: Uint8Array, from: number): number {
    const lineFeed = chunk.indexOf(LF, from);
    const end = lineFeed < 0 ? chunk.length : lineFeed;
    if (end > from) line.lastByte = chunk[end - 1]!;
    line.bytes += end - from;
    inputOffset += end - from;
    if (lineFeed < 0) return end;
    quarantineSkipped(line);
    skipped = undefined;
    inputOffset += 1;
    return end + 1;
  }

  function quarantineSkipped(line: NonNullable<typeof skipped>): void {
    lineNumber++;
    counts.lines++;
    counts.quarantined++;
    sink.quarantine({
      reason: 'line-too-long',
      lineNumber,
      offset: line.offset,
      lineBytes: line.lastByte === CR ? line.bytes - 1 : line.bytes,
      line: line.head.toString('utf8'),
    });
  }

  // --- Output --------------------------------------------------------------------------------------------------------

  /** From here on records belong to this hour; false if the sink has no place for it. */
  function startRun(hour: number): boolean {
    handOverRun();
    const open = sink.openPartition(hour, loop.view);
    loop.setRegister(RUN_HOUR_AT, open ? hour : NO_HOUR);
    return open;
  }

  /** Hands over the records that wait. Within the loop a record may already stand behind them, so it stays where it is. */
  function handOverRun(): void {
    const start = loop.register(RUN_START_AT);
    const end = loop.register(OUTPUT_END_AT);
    if (end > start) sink.records(input, start, end, loop.register(RUN_RECORDS_AT));
    loop.setRegister(RUN_START_AT, end);
    loop.setRegister(RUN_RECORDS_AT, 0);
  }

  /** Hands over the records that wait, outside of the loop. */
  function emptyOutput(): void {
    handOverRun();
    loop.setRegister(OUTPUT_END_AT, OUTPUT_AT);
    loop.setRegister(RUN_START_AT, OUTPUT_AT);
  }

  /** How many bytes of the next line, which starts at `at`, are a byte order mark: only an object's first line has one. */
  function markBytesAt(at: number): number {
    const hasMark =
      lineNumber === 0 && input[at] === 0xef && input[at + 1] === 0xbb && input[at + 2] === 0xbf;
    return hasMark ? BYTE_ORDER_MARK_BYTES : 0;
  }

  const tokenText = ({ start, end }: Token) => input.toString('utf8', start, end);
  const isMissing = ({ start, end }: Token) => end - start === 1 && input[start] === DASH;

  return {
    push,
    end,
    counts,
    get headerlessFormat() {
      return headerlessFormat;
    },
  };
}

function noHeader(): PermanentError {
  const example = ['version', 'account-id', 'interface-id'].map((name) => `\${${name}}`).join(' ');
  return new PermanentError(
    'no-header',
    'The first line is no header that names the columns, and it does not fit the default format either. If these are ' +
      'flow logs without a header, say which columns they have: set FLOW_LOG_FORMAT (headerlessFormat in the stage file, on the command line ' +
      "--flow-log-format) to the flow log's own LogFormat, for example '" +
      `${example}…'.`,
  );
}
