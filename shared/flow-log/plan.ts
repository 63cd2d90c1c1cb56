import type { Format } from './format.ts';
import { columnIndex } from './format.ts';

/** Longest decimal text that always fits a column type; one digit more and the value itself decides. */
const SAFE_DIGITS = { int: 9, bigint: 18 } as const;
/** Of a time, all of whose values are before LATEST_TIME. */
const SAFE_TIME_DIGITS = 11;

/** The end of the year 9999 in Unix seconds. No query engine makes a time of what is beyond, and fails the whole query. */
export const LATEST_TIME = 253_402_300_799;

/**
 * A format compiled for the line loop: everything about a column that the loop needs, as flat arrays indexed by
 * column, so that a line costs no look-up by name.
 */
export interface ColumnPlan {
  readonly format: Format;
  readonly columnCount: number;
  /** Digits that fit the column without looking at their value; 0 for string columns. */
  readonly safeDigits: Uint8Array;
  /** `,"key":` or `,"key":"` of each column: length in bytes, and where its words start in `keyWords`. */
  readonly keyLength: Int32Array;
  readonly keyStart: Int32Array;
  /** The keys' bytes, each key padded to whole 8-byte words, to be copied as 64-bit floats (see `compileKeys`). */
  readonly keyWords: Float64Array;
  /** Most bytes that one record's keys, quotes, braces and newline can take. */
  readonly keyBytesPerRecord: number;
  /** Column indexes of the times that decide the partition, -1 where the format lacks them. */
  readonly startColumn: number;
  readonly endColumn: number;
  /** Whether a column is numeric. Only then can the line loop tell a header from a record (a name is no number). */
  readonly hasNumbers: boolean;
}

/** Compiles a format for the line loop. */
export function compilePlan(format: Format): ColumnPlan {
  const { columns } = format;
  const [startColumn, endColumn] = [columnIndex(format, 'start'), columnIndex(format, 'end')];
  const safeDigits = Uint8Array.from(columns, ({ type }) => (type === 'string' ? 0 : SAFE_DIGITS[type]));
  for (const column of [startColumn, endColumn]) if (column >= 0) safeDigits[column] = SAFE_TIME_DIGITS;
  return {
    format,
    columnCount: columns.length,
    safeDigits,
    ...compileKeys(columns.map(({ key, type }) => `,"${key}":${type === 'string' ? '"' : ''}`)),
    startColumn,
    endColumn,
    hasNumbers: columns.some(({ type }) => type !== 'string'),
  };
}

/** Words that are stored for every key, however short it is. */
const MIN_KEY_WORDS = 3;

/**
 * Keys are written far more often than anything else: two thirds of the output are keys. Copied byte by byte they
 * would cost more than all parsing, so they are laid out in 8-byte words and copied with `DataView.setFloat64`, the
 * widest store that JavaScript has without allocating. Keys are ASCII, so no word is a NaN, whose bits an engine may
 * change. The padding written behind a key is overwritten by its value.
 */
function compileKeys(
  keys: readonly string[],
): Pick<ColumnPlan, 'keyLength' | 'keyStart' | 'keyWords' | 'keyBytesPerRecord'> {
  const keyStart = new Int32Array(keys.length);
  const words: number[] = [];
  for (const [index, key] of keys.entries()) {
    keyStart[index] = words.length;
    const size = Math.max(Math.ceil(key.length / 8), MIN_KEY_WORDS) * 8;
    const bytes = Buffer.alloc(size, ' ');
    bytes.write(key, 'latin1');
    for (let at = 0; at < size; at += 8) words.push(bytes.readDoubleLE(at));
  }
  return {
    keyLength: Int32Array.from(keys, (key) => key.length),
    keyStart,
    keyWords: Float64Array.from(words),
    // Closing quotes, braces and newline, and the padding behind the last key.
    keyBytesPerRecord: words.length * 8 + keys.length + 32,
  };
}
