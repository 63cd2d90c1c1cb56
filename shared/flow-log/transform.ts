import { isUtf8 } from 'node:buffer';
import { PermanentError } from '../errors.ts';
import { CLOSE_BRACE, CR, DASH, LF, LOWER_A, LOWER_Z, OPEN_BRACE, QUOTE, SPACE, ZERO } from './bytes.ts';
import type { Format, RecordView } from './format.ts';
import { DEFAULT_FORMAT, fitsDefaultFormat, formatOfHeader, sameFormat } from './header.ts';
import { type ColumnPlan, compilePlan, LATEST_TIME } from './plan.ts';
import { QUARANTINED_LINE_BYTES, type QuarantinedLine, type QuarantineReason } from './quarantine.ts';
import { decimal, numberProblem, type Token, tokenise } from './tokens.ts';

/** Longest line that can be a record or a header, in bytes without its line end. */
export const MAX_LINE_BYTES = 64 * 1024;

/** Input is worked on in pieces of this size, which stay in the processor's cache together with their output. */
const PIECE_BYTES = 256 * 1024;
const MAX_INPUT_BYTES = MAX_LINE_BYTES + PIECE_BYTES;
/** Records are handed to the sink when this much of them is waiting. */
const FLUSH_BYTES = 256 * 1024;
/** A control character becomes six bytes (`\u0000`); nothing grows more. */
const MAX_ESCAPED_BYTES = 6;
const INPUT_PADDING = 16;
const SECONDS_PER_HOUR = 3600;
const NO_HOUR = -1;

/** Where a transformation's results go. Every call is synchronous; buffers and views are valid only during the call. */
export interface TransformSink {
  /** The lines that follow are in this format. */
  formatChanged(format: Format): void;
  /** Asks for a place for records of an hour (hours since 1970). False: the object may open no more; quarantine. */
  openPartition(hour: number, record: RecordView): boolean;
  /** Whole NDJSON records for the partition that was opened last: `bytes` from `from` up to `to`. */
  records(bytes: Uint8Array, from: number, to: number): void;
  /** One record, as it stands in the source; called for each. */
  record(record: RecordView): void;
  quarantine(line: QuarantinedLine): void;
}

export interface TransformOptions {
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
}

const MISSING = -1;

/** A view that the transformation may move. */
type MovableView = { -readonly [K in keyof RecordView]: RecordView[K] };

/**
 * Starts the transformation of one object.
 *
 * How it works: input is collected in one buffer until it holds whole lines. `fastLines` walks them byte by byte,
 * once, validating, copying and noting where the tokens are. It stops at the first line that is not of the common
 * kind (anything rare: other white space, escapes, long numbers, errors, headers), which `slowLine` then takes as a
 * whole and judges at leisure; then the fast loop goes on. Both make the same record of the same line.
 *
 * `push` and `end` throw PermanentError for an object whose format cannot be known.
 */
export function createTransform(options: TransformOptions): Transform {
  const { sink, earliest, latest, objectTime } = options;
  const counts: TransformCounts = { lines: 0, records: 0, quarantined: 0, headers: 0, bytes: 0 };

  // Input: a line that is not complete yet is carried at the front. It is at most MAX_LINE_BYTES and a "\r" long;
  // longer lines are not collected (see `skipped`). A few bytes of padding let the fast loop look one byte ahead.
  // Most objects are small: input and output grow with what comes, up to their bounds.
  let input = Buffer.alloc(INPUT_PADDING);
  let inputEnd = 0;
  /** Position in the object of the first byte of `input`. */
  let inputOffset = 0;
  let position = 0;
  let lineNumber = 0;
  /** The long line being skipped: what is needed for its quarantine entry. */
  let skipped: { head: Buffer; bytes: number; offset: number; lastByte: number } | undefined;

  // Output: records from `runStart` on belong to `runHour` and are handed over when the hour changes.
  let output = Buffer.alloc(0);
  let outputWords = new DataView(output.buffer);
  let outputEnd = 0;
  let runStart = 0;
  let runHour = NO_HOUR;

  let plan: ColumnPlan | undefined;
  const view: MovableView = {
    bytes: input,
    data: new DataView(input.buffer, input.byteOffset, input.length),
    lineStart: 0,
    lineEnd: 0,
    tokenStart: new Int32Array(0),
    tokenEnd: new Int32Array(0),
    numbers: new Float64Array(0),
  };

  function push(chunk: Uint8Array): void {
    counts.bytes += chunk.length;
    let from = 0;
    while (from < chunk.length) {
      if (skipped !== undefined) {
        from = skipLongLine(skipped, chunk, from);
        continue;
      }
      const size = makeInputRoom(chunk.length - from);
      const searchFrom = inputEnd;
      input.set(chunk.subarray(from, from + size), inputEnd);
      inputEnd += size;
      from += size;
      takeWholeLines(searchFrom);
    }
  }

  /** Makes room for more input; returns how much of it, at most `wanted` bytes and at least one, there is room for. */
  function makeInputRoom(wanted: number): number {
    const needed = Math.min(inputEnd + wanted, MAX_INPUT_BYTES);
    const capacity = input.length - INPUT_PADDING;
    if (needed > capacity) {
      const larger = Buffer.alloc(Math.min(Math.max(needed, 2 * capacity), MAX_INPUT_BYTES) + INPUT_PADDING);
      input.copy(larger, 0, 0, inputEnd);
      input = larger;
      view.bytes = input;
      view.data = new DataView(input.buffer, input.byteOffset, input.length);
    }
    return needed - inputEnd;
  }

  function end(): void {
    if (skipped !== undefined) {
      quarantineSkipped(skipped);
    } else if (inputEnd > 0) {
      input[inputEnd++] = LF;
      takeWholeLines(inputEnd - 1);
    }
    handOverRun();
    outputEnd = 0;
    runStart = 0;
  }

  /** Transforms all whole lines of the input and carries the rest to the front. No LF stands before `searchFrom`. */
  function takeWholeLines(searchFrom: number): void {
    let limit = inputEnd;
    while (limit > searchFrom && input[limit - 1] !== LF) limit--;
    if (limit === searchFrom) limit = 0;
    position = 0;
    while (position < limit) {
      if (plan?.hasNumbers) fastLines(plan, limit);
      if (position < limit && !passBlankLines(limit)) slowLine();
    }
    if (limit > 0) input.copyWithin(0, limit, inputEnd);
    inputOffset += limit;
    inputEnd -= limit;
    // One byte more than the longest line, because that byte may be the "\r" of its line end.
    if (inputEnd > MAX_LINE_BYTES + 1) {
      const head = Buffer.from(input.subarray(0, QUARANTINED_LINE_BYTES));
      skipped = { head, bytes: inputEnd, offset: inputOffset, lastByte: input[inputEnd - 1]! };
      inputOffset += inputEnd;
      inputEnd = 0;
      if (plan === undefined) throw noHeader();
    }
  }

  /** Passes over empty lines; a bomb of nothing else must cost no more than its bytes. False if there were none. */
  function passBlankLines(limit: number): boolean {
    const start = position;
    while (position < limit && input[position] === LF) position++;
    lineNumber += position - start;
    return position > start;
  }

  // --- The fast loop -----------------------------------------------------------------------------------------------

  /**
   * Transforms lines from `position` on, up to `limit` (which follows an LF), and stops before the first line that it
   * cannot take. What it takes: tokens separated by exactly one space, numbers that fit whatever their digits are,
   * strings of plain ASCII, an end of "\n" or "\r\n", a plausible time. A record is written while its line is being
   * read; if the line turns out not to be of this kind, the output position simply goes back to the record's start.
   */
  function fastLines(plan: ColumnPlan, limit: number): void {
    // Everything the loop touches is a local: closure variables would be loads and stores through the context.
    const bytes = input;
    let out = output;
    const data = view.data;
    let outData = outputWords;
    const { columnCount, safeDigits, keyLength, keyStart, keyWords, startColumn, endColumn } = plan;
    const { keyBytesPerRecord } = plan;
    const { tokenStart, tokenEnd, numbers } = view;
    const lastColumn = columnCount - 1;
    const firstLine = lineNumber;
    let lines = 0;
    let p = position;
    let o = outputEnd;
    let hourNow = runHour;

    nextLine: while (p < limit) {
      // How long the line is nobody knows yet, but it ends before the limit.
      if (o + limit - p + keyBytesPerRecord > out.length) {
        makeOutputRoom(plan, limit - p);
        out = output;
        outData = outputWords;
      }
      const lineStart = p;
      const recordStart = o;
      let byte = 0;
      for (let column = 0; column < columnCount; column++) {
        const start = p;
        byte = bytes[p]!;
        tokenStart[column] = start;
        if (byte === DASH && isTokenEnd(bytes[p + 1]!)) {
          numbers[column] = MISSING;
          byte = bytes[++p]!;
        } else {
          // Nearly all keys fit three words; storing three in any case is faster than a loop over one, two or three.
          const word = keyStart[column]!;
          outData.setFloat64(o, keyWords[word]!, true);
          outData.setFloat64(o + 8, keyWords[word + 1]!, true);
          outData.setFloat64(o + 16, keyWords[word + 2]!, true);
          const length = keyLength[column]!;
          for (let at = 24; at < length; at += 8)
            outData.setFloat64(o + at, keyWords[word + (at >> 3)]!, true);
          o += length;
          const safe = safeDigits[column]!;
          if (safe === 0) {
            let special: number;
            do {
              // Four bytes at once; those from the first special one on are overwritten by what follows.
              const word = data.getInt32(p, true);
              outData.setInt32(o, word, true);
              special = specialBytes(word);
              const plain = special === 0 ? 4 : (31 - Math.clz32(special & -special)) >> 3;
              o += plain;
              p += plain;
            } while (special === 0);
            byte = bytes[p]!;
            if (p === start) break nextLine;
            out[o++] = QUOTE;
          } else {
            const first = byte;
            let value = 0;
            let digit = byte - ZERO;
            while (digit >>> 0 <= 9) {
              value = (Math.imul(value, 10) + digit) | 0;
              out[o++] = byte;
              byte = bytes[++p]!;
              digit = byte - ZERO;
            }
            const digits = p - start;
            if (digits === 0 || digits > safe || (first === ZERO && digits > 1)) break nextLine;
            numbers[column] = digits <= 9 ? value : decimal(bytes, start, p, value);
          }
        }
        tokenEnd[column] = p;
        if (column < lastColumn) {
          if (byte !== SPACE) break nextLine;
          p++;
        }
      }
      const lineEnd = p;
      if (byte === CR) byte = bytes[++p]!;
      if (byte !== LF || lineEnd - lineStart > MAX_LINE_BYTES) break;

      let time = startColumn < 0 ? MISSING : numbers[startColumn]!;
      if (time < 0) time = endColumn < 0 ? MISSING : numbers[endColumn]!;
      if (time < 0) time = objectTime;
      if (!(time >= earliest && time <= latest)) break;
      const hour = Math.floor(time / SECONDS_PER_HOUR);
      view.lineStart = lineStart;
      view.lineEnd = lineEnd;
      if (hour !== hourNow) {
        outputEnd = recordStart;
        if (!startRun(hour)) {
          hourNow = NO_HOUR;
          break;
        }
        hourNow = hour;
      }
      if (o === recordStart) o++;
      out[recordStart] = OPEN_BRACE; // In place of the first key's comma.
      out[o++] = CLOSE_BRACE;
      out[o++] = LF;
      sink.record(view);
      lines++;
      p++;
      if (o > FLUSH_BYTES) {
        outputEnd = o;
        handOverRun();
        o = 0;
      }
      // Behind this line all is done; a line that is given up starts again from here.
      position = p;
      outputEnd = o;
    }
    lineNumber = firstLine + lines;
    counts.lines += lines;
    counts.records += lines;
  }

  // --- The slow path -----------------------------------------------------------------------------------------------

  /** Takes the one line at `position`, whatever it is. */
  function slowLine(): void {
    lineNumber++;
    let start = position;
    const lineFeed = input.indexOf(LF, position);
    position = lineFeed + 1;
    if (lineNumber === 1 && startsWithByteOrderMark(input)) start += 3;
    const end = lineFeed > start && input[lineFeed - 1] === CR ? lineFeed - 1 : lineFeed;
    const reason = judgeLine(start, end);
    if (reason === undefined) return;
    counts.lines++;
    counts.quarantined++;
    sink.quarantine({
      reason,
      lineNumber,
      offset: inputOffset + start,
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
    if (plan === undefined) useFormat(formatWithoutHeader(tokens));
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
      if (!plan.hasNumbers && tokens.length === plan.columnCount) return false;
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
    handOverRun();
    plan = compilePlan(format);
    const { columnCount } = plan;
    view.tokenStart = new Int32Array(columnCount);
    view.tokenEnd = new Int32Array(columnCount);
    view.numbers = new Float64Array(columnCount);
    outputEnd = 0;
    runStart = 0;
    runHour = NO_HOUR;
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
      const { start, end } = token;
      const { type } = columns[index]!;
      view.tokenStart[index] = start;
      view.tokenEnd[index] = end;
      view.numbers[index] = MISSING;
      if (type === 'string' || isMissing(token)) continue;
      const reason = numberProblem(input, token, type);
      if (reason !== undefined) return reason;
      view.numbers[index] = Number(tokenText(token));
    }
    const times = [plan.startColumn, plan.endColumn].map((column) => view.numbers[column] ?? MISSING);
    if (times.some((seconds) => seconds > LATEST_TIME)) return 'implausible-time';
    const time = times.find((seconds) => seconds >= 0) ?? objectTime;
    if (!(time >= earliest && time <= latest)) return 'implausible-time';
    view.lineStart = lineStart;
    view.lineEnd = lineEnd;
    const hour = Math.floor(time / SECONDS_PER_HOUR);
    if (hour !== runHour && !startRun(hour)) return 'too-many-partitions';
    makeOutputRoom(plan, (lineEnd - lineStart) * MAX_ESCAPED_BYTES);
    writeSlowRecord(plan, tokens);
    sink.record(view);
    counts.lines++;
    counts.records++;
    if (outputEnd > FLUSH_BYTES) handOverRun();
    return undefined;
  }

  function writeSlowRecord(plan: ColumnPlan, tokens: readonly Token[]): void {
    const { columns } = plan.format;
    let separator = '{';
    for (const [index, token] of tokens.entries()) {
      if (isMissing(token)) continue;
      const { key, type } = columns[index]!;
      const value = tokenText(token);
      outputEnd += output.write(
        `${separator}"${key}":${type === 'string' ? JSON.stringify(value) : value}`,
        outputEnd,
      );
      separator = ',';
    }
    outputEnd += output.write(separator === '{' ? '{}\n' : '}\n', outputEnd);
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

  // --- Shared by both ----------------------------------------------------------------------------------------------

  /** From here on records belong to this hour; false if the sink has no place for it. */
  function startRun(hour: number): boolean {
    handOverRun();
    const open = sink.openPartition(hour, view);
    runHour = open ? hour : NO_HOUR;
    return open;
  }

  /**
   * Makes room behind the records that wait for one more whose values take up to `valueBytes`. At most there is room
   * for the records that wait for the flush and one more of the largest kind.
   */
  function makeOutputRoom({ keyBytesPerRecord }: ColumnPlan, valueBytes: number): void {
    const needed = outputEnd + valueBytes + keyBytesPerRecord;
    if (needed <= output.length) return;
    const most = FLUSH_BYTES + MAX_LINE_BYTES * MAX_ESCAPED_BYTES + keyBytesPerRecord;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, Math.min(2 * output.length, most)));
    output.copy(larger, runStart, runStart, outputEnd);
    output = larger;
    outputWords = new DataView(output.buffer, output.byteOffset, output.length);
  }

  /**
   * Hands over the records that wait. The buffer starts again only at a flush: within the fast loop a record may
   * already stand behind the ones that are handed over.
   */
  function handOverRun(): void {
    if (outputEnd > runStart) sink.records(output, runStart, outputEnd);
    runStart = outputEnd;
    if (outputEnd > FLUSH_BYTES) {
      outputEnd = 0;
      runStart = 0;
    }
  }

  const tokenText = ({ start, end }: Token) => input.toString('utf8', start, end);
  const isMissing = ({ start, end }: Token) => end - start === 1 && input[start] === DASH;

  return { push, end, counts };
}

function isTokenEnd(byte: number): boolean {
  return byte === SPACE || byte === LF || byte === CR;
}

function startsWithByteOrderMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
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

/**
 * The high bit of each byte of a word that a JSON string cannot hold as it is, or that ends a token: control characters
 * and space, the quote, the backslash, and what is not ASCII. Bytes above the lowest such byte may be marked wrongly,
 * because a subtraction borrows from them.
 */
function specialBytes(word: number): number {
  return (
    ((word - 0x21212121) | word | ((word ^ 0x22222222) - 0x01010101) | ((word ^ 0x5c5c5c5c) - 0x01010101)) &
    -0x7f7f7f80
  );
}
