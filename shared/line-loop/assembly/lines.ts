/**
 * The loop over lines. Each column is one load of sixteen bytes, which are stored behind the column's key and compared
 * to find where the token ends; a longer token takes more rounds.
 */
import {
  ACTION_COLUMN_AT,
  COLUMN_BYTES,
  COLUMN_COUNT_AT,
  COLUMNS_AT,
  EARLIEST_AT,
  END_COLUMN_AT,
  FIRST_TIME_AT,
  FIRST_WINDOW_BYTES,
  FLUSH_BYTES,
  KEPT_LINE_BYTES,
  KEPT_LINES_AT,
  KEY_ADDRESS,
  KEY_BYTES,
  LAST_TIME_AT,
  LATEST_AT,
  LINE_END_AT,
  LINE_START_AT,
  LINES_TAKEN_AT,
  LOG_STATUS_COLUMN_AT,
  LOSS_COLUMN_COUNT_AT,
  LOSS_COLUMNS_AT,
  NODATA,
  NUMBERS_AT,
  OBJECT_TIME_AT,
  OUTPUT_AT,
  OUTPUT_END_AT,
  PACKETS_LOST,
  REJECTED,
  RUN_HOUR_AT,
  RUN_RECORDS_AT,
  RUN_START_AT,
  SAFE_DIGITS,
  SAMPLE_BYTES,
  SKIPDATA,
  START_COLUMN_AT,
  STOPS_AT,
  TOKEN_END_AT,
  TOKEN_START_AT,
  TRAFFIC_OFF_AT,
  WINDOW_BYTES,
} from '../layout';
import { digitsValue } from './bytes';
import { accepted, isMissing, learn, numberIn, tokenEnd, tokenStart } from './traffic';

/** Records of this hour follow. False: the object may open no more partitions. */
declare function startRun(hour: i32): bool;
/** Hands over the records from RUN_START to OUTPUT_END. */
declare function handOverRun(): void;
/** The line at hand is no plain accepted flow; `what` it is instead. */
declare function noteworthy(what: i32): void;

const LF: u8 = 0x0a;
const SPACE: u8 = 0x20;
const QUOTE: u8 = 0x22;
const DASH: u8 = 0x2d;
const ZERO: u8 = 0x30;
const SECONDS_PER_HOUR: i64 = 3600;

/**
 * Takes lines from `position` on, up to `limit` (which follows an LF), and stops before the first that it cannot take;
 * returns where. What it takes: tokens separated by exactly one space, numbers that fit whatever their digits are,
 * strings of plain ASCII, an end of "\n" or "\r\n", a plausible time. A record is written while its line is being read;
 * if the line turns out not to be of this kind, the output simply goes on where the record began.
 */
export function lines(position: i32, limit: i32): i32 {
  let taken = 0;
  let windowBytes = FIRST_WINDOW_BYTES;
  while (position < limit) {
    const windowEnd = min(position + windowBytes, limit);
    const stops = findStops(position, windowEnd);
    const before = taken;
    // A line has at least as many stops as columns; what is left of the window belongs to a line that goes on behind it.
    let stop = STOPS_AT;
    const columnsOfLine = load<i32>(COLUMN_COUNT_AT) << 2;
    while (stop + columnsOfLine <= stops) {
      const next = takeLine(position, stop);
      if (next === 0) {
        store<i32>(LINES_TAKEN_AT, taken);
        return position;
      }
      taken++;
      position = load<i32>(next - 4) + 1;
      stop = next;
    }
    // The line at hand has too few tokens, or is longer than the largest window.
    if (taken === before && (windowEnd === limit || windowBytes === WINDOW_BYTES)) break;
    windowBytes = min(windowBytes * 2, WINDOW_BYTES);
  }
  store<i32>(LINES_TAKEN_AT, taken);
  return position;
}

/**
 * Writes down where tokens end: the places of all bytes from `from` up to `to` that no plain token has. These are control
 * characters and space, what is not ASCII (negative here), quote and backslash. Returns where the list ends.
 */
function findStops(from: i32, to: i32): i32 {
  let list = STOPS_AT;
  for (let at = from; at < to; at += 64) {
    let mask = stopsOf(at) | (stopsOf(at + 16) << 16) | (stopsOf(at + 32) << 32) | (stopsOf(at + 48) << 48);
    if (to - at < 64) mask &= ((<u64>1) << (to - at)) - 1;
    const count = <i32>popcnt(mask);
    // A fixed number of rounds costs less than asking after each whether it was the last.
    mask = noteStop(list, at, mask);
    mask = noteStop(list + 4, at, mask);
    mask = noteStop(list + 8, at, mask);
    mask = noteStop(list + 12, at, mask);
    mask = noteStop(list + 16, at, mask);
    mask = noteStop(list + 20, at, mask);
    mask = noteStop(list + 24, at, mask);
    mask = noteStop(list + 28, at, mask);
    mask = noteStop(list + 32, at, mask);
    mask = noteStop(list + 36, at, mask);
    mask = noteStop(list + 40, at, mask);
    mask = noteStop(list + 44, at, mask);
    for (let i = 48; mask !== 0; i += 4) mask = noteStop(list + i, at, mask);
    list += count << 2;
  }
  return list;
}

function stopsOf(at: i32): u64 {
  const text = v128.load(at);
  const stops = v128.or(
    i8x16.lt_s(text, i8x16.splat(0x21)),
    v128.or(i8x16.eq(text, i8x16.splat(QUOTE)), i8x16.eq(text, i8x16.splat(0x5c))),
  );
  return <u64>(<u32>i8x16.bitmask(stops));
}

/** Notes the first place of a mask; returns the mask without it. */
function noteStop(list: i32, at: i32, mask: u64): u64 {
  store<i32>(list, at + <i32>ctz(mask));
  return mask & (mask - 1);
}

/** Takes the line that starts at `p`, whose tokens end at the stops from `stop` on; returns its next stop, or 0. */
function takeLine(p: i32, stop: i32): i32 {
  const lineStart = p;
  const recordStart = load<i32>(OUTPUT_END_AT);
  let out = recordStart;
  const lastColumn = COLUMNS_AT + (load<i32>(COLUMN_COUNT_AT) - 1) * COLUMN_BYTES;
  let column = COLUMNS_AT;
  let token = TOKEN_START_AT;
  let end = 0;
  while (true) {
    end = load<i32>(stop);
    stop += 4;
    const length = end - p;
    const text = v128.load(p);
    const key = load<i32>(column, KEY_ADDRESS);
    const keyBytes = load<i32>(column, KEY_BYTES);
    // Nearly all keys fit two registers; storing two in any case is faster than asking.
    v128.store(out, v128.load(key));
    v128.store(out, v128.load(key, 16), 16);
    if (keyBytes > 32) copyKeyRest(out, key, keyBytes);
    const value = out + keyBytes;
    v128.store(value, text);
    store<i32>(token, p);
    store<i32>(token, end, TOKEN_END_AT - TOKEN_START_AT);
    const safeDigits = load<i32>(column, SAFE_DIGITS);
    if (safeDigits !== 0) {
      const digits = v128.xor(text, i8x16.splat(ZERO));
      const others = i8x16.bitmask(i8x16.gt_u(digits, i8x16.splat(9)));
      // Length 0 wraps to a huge number.
      if (<u32>(length - 1) >= <u32>safeDigits || (others & ((1 << length) - 1)) !== 0) {
        if (length !== 1 || load<u8>(p) !== DASH) return 0;
      } else {
        if (length > 1 && load<u8>(p) === ZERO) return 0;
        out = value + length;
      }
    } else {
      if (length <= 1) {
        if (length === 0) return 0;
        if (load<u8>(p) !== DASH) {
          store<u8>(value, QUOTE, 1);
          out = value + 2;
        }
      } else {
        if (length > 16) copyTokenRest(value, p, length);
        store<u8>(value + length, QUOTE);
        out = value + length + 1;
      }
    }
    if (column === lastColumn) break;
    if (load<u8>(end) !== SPACE) return 0;
    p = end + 1;
    token += 4;
    column += COLUMN_BYTES;
  }
  store<i32>(LINE_START_AT, lineStart);
  store<i32>(LINE_END_AT, end);
  if (load<u8>(end) !== LF) {
    if (load<u16>(end) !== 0x0a0d) return 0;
    // Already in the list, unless the window ends between the two.
    store<i32>(stop, end + 1);
    stop += 4;
  }

  // In place of the first key's comma; a record without values has no key.
  store<u8>(recordStart, 0x7b);
  if (out === recordStart) out++;
  store<u16>(out, 0x0a7d);
  return place(recordStart, out + 2) ? stop : 0;
}

function copyTokenRest(value: i32, from: i32, length: i32): void {
  for (let at = 16; at < length; at += 16) v128.store(value + at, v128.load(from + at));
}

function copyKeyRest(out: i32, key: i32, keyBytes: i32): void {
  for (let at = 32; at < keyBytes; at += 16) v128.store(out + at, v128.load(key + at));
}

/** Puts a record into the run of its hour and notes what it tells. False if its time or hour has no place. */
function place(recordStart: i32, out: i32): bool {
  const startColumn = load<i32>(START_COLUMN_AT);
  const endColumn = load<i32>(END_COLUMN_AT);
  const start = timeIn(startColumn);
  const end = timeIn(endColumn);
  const time = start >= 0 ? start : end >= 0 ? end : load<i64>(OBJECT_TIME_AT);
  if (time < load<i64>(EARLIEST_AT) || time > load<i64>(LATEST_AT)) return false;
  const runHour = load<i32>(RUN_HOUR_AT);
  // Most records stay in the hour, which a subtraction tells; the division can wait.
  if (runHour < 0 || <u64>(time - <i64>runHour * SECONDS_PER_HOUR) >= <u64>SECONDS_PER_HOUR) {
    const hour = <i32>(time / SECONDS_PER_HOUR);
    // What waits ends where this record begins.
    store<i32>(OUTPUT_END_AT, recordStart);
    if (!startRun(hour)) return false;
  }
  store<i32>(OUTPUT_END_AT, out);
  store<i32>(RUN_RECORDS_AT, load<i32>(RUN_RECORDS_AT) + 1);
  noteTimes(start, end);
  note();
  if (out > OUTPUT_AT + FLUSH_BYTES) {
    handOverRun();
    store<i32>(OUTPUT_END_AT, OUTPUT_AT);
    store<i32>(RUN_START_AT, OUTPUT_AT);
  }
  return true;
}

/** The first six of ten digits of the time that was read last, and what they stand for: an object's times share them. */
let timeHead: u64 = 0;
let timeBase: i64 = 0;
const HEAD_MASK: u64 = 0xffffffffffff;

/** The time in a column, -1 where it is missing. */
function timeIn(column: i32): i64 {
  if (column < 0) return -1;
  const start = tokenStart(column);
  const end = tokenEnd(column);
  if (end - start !== 10) return numberIn(column);
  const head = load<u64>(start) & HEAD_MASK;
  if (head !== timeHead) {
    timeHead = head;
    timeBase = digitsValue(start, start + 6) * 10000;
  }
  let tail = load<u32>(start, 6) - 0x30303030;
  tail = tail * 10 + (tail >> 8);
  return timeBase + <i64>((tail & 0xff) * 100 + ((tail >> 16) & 0xff));
}

function noteTimes(start: i64, end: i64): void {
  if (start >= 0 && start < load<i64>(FIRST_TIME_AT)) store<i64>(FIRST_TIME_AT, start);
  if (end > load<i64>(LAST_TIME_AT)) store<i64>(LAST_TIME_AT, end);
}

/** Words are compared as numbers; those of six letters as two that overlap. */
const OK: u16 = 0x4b4f;
const NODA: u32 = 0x41444f4e;
const DATA: u32 = 0x41544144;
const SKIP: u32 = 0x50494b53;
const ACCE: u32 = 0x45434341;
const CEPT: u32 = 0x54504543;
const REJE: u32 = 0x454a4552;
const JECT: u32 = 0x5443454a;

/** Whether the line's value in a column are these four letters and, two letters on, those. */
function isSixLetters(column: i32, head: u32, tail: u32): bool {
  const at = tokenStart(column);
  return tokenEnd(column) - at === 6 && load<u32>(at) === head && load<u32>(at, 2) === tail;
}

/** Notes what the line at hand tells: accepted flows here, what is noteworthy in TypeScript. */
function note(): void {
  if (load<i32>(TRAFFIC_OFF_AT) !== 0) return;
  const status = load<i32>(LOG_STATUS_COLUMN_AT);
  if (status >= 0) {
    const at = tokenStart(status);
    const length = tokenEnd(status) - at;
    if (length !== 2 || load<u16>(at) !== OK) {
      if (isSixLetters(status, NODA, DATA)) {
        tell(NODATA);
        return;
      }
      if (length === 8 && load<u32>(at) === SKIP && load<u32>(at, 4) === DATA) {
        tell(SKIPDATA);
        return;
      }
    }
  }
  const action = load<i32>(ACTION_COLUMN_AT);
  if (action >= 0) {
    if (isSixLetters(action, ACCE, CEPT)) accepted();
    else if (isSixLetters(action, REJE, JECT)) {
      learn();
      tell(REJECTED);
      return;
    }
  }
  const losses = load<i32>(LOSS_COLUMN_COUNT_AT);
  for (let i = 0; i < losses; i++) {
    if (numberIn(load<i32>(LOSS_COLUMNS_AT + (i << 2))) > 0) {
      tell(PACKETS_LOST);
      return;
    }
  }
}

function tell(what: i32): void {
  readNumbers();
  noteworthy(what);
}

/** Notes a line that the slow path took: its tokens are in place, its record is handed over elsewhere. */
export function noteLine(): void {
  noteTimes(timeIn(load<i32>(START_COLUMN_AT)), timeIn(load<i32>(END_COLUMN_AT)));
  note();
}

/** Keeps the line at hand, or its beginning, at a place. */
export function keepLine(place: i32): void {
  const start = load<i32>(LINE_START_AT);
  const length = min(load<i32>(LINE_END_AT) - start, SAMPLE_BYTES + 1);
  const kept = KEPT_LINES_AT + place * KEPT_LINE_BYTES;
  store<i32>(kept, length);
  for (let at = 0; at < length; at += 16) v128.store(kept + at, v128.load(start + at), 4);
}

/** Reads the line's numbers, -1 for missing ones, for what is going to look at them. */
function readNumbers(): void {
  const columns = load<i32>(COLUMN_COUNT_AT);
  for (let column = 0; column < columns; column++) {
    if (load<u32>(COLUMNS_AT + column * COLUMN_BYTES, SAFE_DIGITS) === 0) continue;
    const start = tokenStart(column);
    const value: f64 = isMissing(column) ? -1 : <f64>digitsValue(start, tokenEnd(column));
    store<f64>(NUMBERS_AT + (column << 3), value);
  }
}
