import { CR, NINE, SPACE, ZERO } from './bytes.ts';
import type { ColumnType } from './fields.ts';
import type { QuarantineReason } from './quarantine.ts';

/** Where a token stands in a buffer: its first byte, and one past its last. */
export interface Token {
  readonly start: number;
  readonly end: number;
}

const LARGEST: Readonly<Record<Exclude<ColumnType, 'string'>, string>> = {
  int: '2147483647',
  bigint: '9223372036854775807',
};

/** The tokens of a line: what stands between runs of spaces. Outer spaces and carriage returns do not count. */
export function tokenise(bytes: Uint8Array, lineStart: number, lineEnd: number): Token[] {
  let end = lineEnd;
  while (end > lineStart && (bytes[end - 1] === SPACE || bytes[end - 1] === CR)) end--;
  const tokens: Token[] = [];
  let at = lineStart;
  while (at < end) {
    while (bytes[at] === SPACE) at++;
    const start = at;
    while (at < end && bytes[at] !== SPACE) at++;
    tokens.push({ start, end: at });
  }
  return tokens;
}

/** Why a token is no value of a numeric column, or undefined if it is one: `0`, or digits without a leading zero. */
export function numberProblem(
  bytes: Buffer,
  { start, end }: Token,
  type: Exclude<ColumnType, 'string'>,
): QuarantineReason | undefined {
  for (let at = start; at < end; at++) {
    if (bytes[at]! < ZERO || bytes[at]! > NINE) return 'not-a-number';
  }
  if (bytes[start] === ZERO && end - start > 1) return 'not-a-number';
  const largest = LARGEST[type];
  if (end - start < largest.length) return undefined;
  // Of equally long numbers the text order is the order of values, so nothing is lost to floating point.
  if (end - start === largest.length && bytes.toString('latin1', start, end) <= largest) return undefined;
  return 'number-too-large';
}
