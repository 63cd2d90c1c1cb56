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

/**
 * A 32-bit hash of the bytes from `start` to `end`, read four at a time. Addresses mostly have 8 to 16 bytes: these are
 * read as two overlapping pairs of words, without a loop whose end the processor could not foresee.
 */
export function hashBytes(data: DataView, start: number, end: number): number {
  const length = end - start;
  if (length < 8 || length > 16) return hashAnyBytes(data, start, end);
  const a = Math.imul(data.getInt32(start, true) ^ length, 0x9e3779b1);
  const b = Math.imul(data.getInt32(start + 4, true), 0x85ebca6b);
  const c = Math.imul(data.getInt32(end - 8, true), 0xc2b2ae3d);
  const d = Math.imul(data.getInt32(end - 4, true), 0x27d4eb2f);
  // Products mix upwards only, so each is folded before the next multiplication.
  const hash =
    Math.imul(a ^ (a >>> 15), 0x165667b1) +
    Math.imul(b ^ (b >>> 13), 0xcc9e2d51) +
    Math.imul(c ^ (c >>> 14), 0x1b873593) +
    Math.imul(d ^ (d >>> 16), 0x7feb352d);
  return (hash ^ (hash >>> 15)) | 0;
}

function hashAnyBytes(data: DataView, start: number, end: number): number {
  let hash = end - start;
  const last = end - 4;
  if (last >= start) {
    for (let at = start; at < last; at += 4) {
      hash = Math.imul(hash ^ data.getInt32(at, true), 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    // The last word may overlap the one before: cheaper than reading the rest byte by byte.
    hash = Math.imul(hash ^ data.getInt32(last, true), 0x9e3779b1);
  } else {
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ data.getUint8(at), 0x9e3779b1);
  }
  return hash ^ (hash >>> 15);
}

/** A 32-bit hash of a record's value in a column. */
export function hashToken({ data, tokenStart, tokenEnd }: RecordView, column: number): number {
  return hashBytes(data, tokenStart[column]!, tokenEnd[column]!);
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

/** A 32-bit hash of a text, for what is not in a record's bytes in one piece. */
export function hashText(text: string): number {
  const bytes = Buffer.from(text);
  return hashBytes(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length);
}
