import * as at from '../line-loop/layout.ts';
import type { LineLoop } from '../line-loop/line-loop.ts';
import type { Format } from './format.ts';
import { columnIndex } from './format.ts';

/**
 * Longest decimal text that always fits a column type; one digit more and the value itself decides. The line loop looks
 * at numbers in one register, so those of 16 digits and more are left to the slow path as well.
 */
const SAFE_DIGITS = { int: 9, bigint: 15, string: 0 } as const;
/** Of a time, all of whose values are before LATEST_TIME. */
const SAFE_TIME_DIGITS = 11;

/** The end of the year 9999 in Unix seconds. No query engine makes a time of what is beyond, and fails the whole query. */
export const LATEST_TIME = 253_402_300_799;

/** A format, and what the transformation has to know of it. */
export interface ColumnPlan {
  readonly format: Format;
  /** Column indexes of the times that decide the partition, -1 where the format lacks them. */
  readonly startColumn: number;
  readonly endColumn: number;
  /** Whether a column is numeric. Only then can the line loop tell a header from a record (a name is no number). */
  readonly hasNumbers: boolean;
  /** Whether the line loop can take lines of the format; if not, each goes the slow way. */
  readonly isFast: boolean;
}

/**
 * Compiles a format into the line loop's plan: everything about a column that the loop needs, by column, so that a line
 * costs no look-up by name. Of a record two thirds are keys, so each lies ready to be copied in whole registers.
 */
export function compilePlan(format: Format, loop: LineLoop): ColumnPlan {
  const { columns } = format;
  if (columns.length > at.MAX_COLUMNS) throw new RangeError(`a format of ${columns.length} columns`);
  const startColumn = columnIndex(format, 'start');
  const endColumn = columnIndex(format, 'end');
  loop.setRegister(at.COLUMN_COUNT_AT, columns.length);
  loop.setRegister(at.START_COLUMN_AT, startColumn);
  loop.setRegister(at.END_COLUMN_AT, endColumn);
  const keys = columns.map(({ key, type }) => `,"${key}":${type === 'string' ? '"' : ''}`);
  const hasNumbers = columns.some(({ type }) => type !== 'string');
  for (const [index, { type }] of columns.entries()) {
    const isTime = index === startColumn || index === endColumn;
    const key = at.KEYS_AT + index * at.KEY_PLACE_BYTES;
    const column = at.COLUMNS_AT + index * at.COLUMN_BYTES;
    const keyBytes = loop.bytes.write(keys[index]!.slice(0, at.MAX_KEY_BYTES), key, 'latin1');
    loop.setRegister(column + at.KEY_ADDRESS, key);
    loop.setRegister(column + at.KEY_BYTES, keyBytes);
    loop.setRegister(column + at.SAFE_DIGITS, isTime ? SAFE_TIME_DIGITS : SAFE_DIGITS[type]);
  }
  const isFast = hasNumbers && keys.every((key) => key.length <= at.MAX_KEY_BYTES);
  return { format, startColumn, endColumn, hasNumbers, isFast };
}
