import type { RecordView } from '../flow-log/format.ts';

const DASH = 0x2d;
/** Longest token that is decoded. Ids and addresses are far shorter; what is longer is not worth its memory. */
const LONGEST_TEXT = 128;
/** Whether a record has no value in a column: the format lacks the column (index -1) or the value is a dash. */
export function isMissing({ bytes, tokenStart, tokenEnd }: RecordView, column: number): boolean {
  if (column < 0) return true;
  const start = tokenStart[column]!;
  return bytes[start] === DASH && tokenEnd[column]! - start === 1;
}

/** A record's value in a column as text of at most 128 bytes, or undefined where it is missing. */
export function textOf(record: RecordView, column: number): string | undefined {
  if (isMissing(record, column)) return undefined;
  return decode(record.bytes, record.tokenStart[column]!, record.tokenEnd[column]!, LONGEST_TEXT);
}

/** The text of the bytes from `start` to `end`, cut to at most `limit` bytes without cutting a character. */
export function decode(bytes: Uint8Array, start: number, end: number, limit: number): string {
  let stop = end;
  if (end - start > limit) {
    stop = start + limit;
    while (stop > start && (bytes[stop]! & 0xc0) === 0x80) stop--;
  }
  return asBuffer(bytes).toString('utf8', start, stop);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** A record's number in a column, or -1 where it is missing. */
export function numberOf({ numbers }: RecordView, column: number): number {
  return column < 0 ? -1 : numbers[column]!;
}
