/** Texts of flow log objects, real ones and what may become of them. A text has one character for each byte. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { generateFlowLogs } from '../../generator/generate.ts';
import { generateSingleObject } from '../../generator/single-object.ts';
import { DEFAULT_VPC_FORMAT, type FlowLogKind, fieldsOf } from '../../shared/flow-log/fields.ts';
import { parseVpcFormat } from '../../shared/flow-log/vpc-format.ts';
import {
  FIRST_WINDOW_BYTES,
  INPUT_BYTES,
  MAX_LINE_BYTES,
  PIECE_BYTES,
  WINDOW_BYTES,
} from '../../shared/line-loop/layout.ts';

/** The hour that most generated times lie in, Unix seconds: that of the generator. */
export const HOUR = Date.UTC(2026, 10, 20, 5) / 1000;
const DAY = 86_400;
const GOLDEN = join(import.meta.dirname, '../fixtures/golden');

type Line = ReadonlyMap<string, string>;

/** Real records of every field of a kind. */
function realLines(kind: FlowLogKind): Line[] {
  const text = Buffer.concat([...generateSingleObject({ records: 64, flowLogFormat: 'full', kind })]);
  const [header, ...lines] = text
    .toString('latin1')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' '));
  return lines.map((values) => new Map(header!.map((name, index) => [name, values[index]!])));
}

const LINES: Readonly<Record<FlowLogKind, readonly Line[]>> = {
  vpc: realLines('vpc'),
  'transit-gateway': realLines('transit-gateway'),
};

/** A layout of lines: which fields, in which order. */
interface Layout {
  readonly kind: FlowLogKind;
  readonly names: readonly string[];
}

const STRINGS = fieldsOf('vpc').flatMap(({ name, type }) => (type === 'string' ? [name] : []));
const UNKNOWN_NAMES = ['brand-new-field', 'constructor', 'a', 'z9_-', `long-${'name-'.repeat(20)}end`];

/** Layouts of headers: AWS's own, and what people configure. */
const layout: fc.Arbitrary<Layout> = fc.oneof(
  fc
    .constantFrom<readonly string[]>(DEFAULT_VPC_FORMAT, parseVpcFormat('standard'), parseVpcFormat('full'))
    .map((names): Layout => ({ kind: 'vpc', names })),
  fc.constant<Layout>({
    kind: 'transit-gateway',
    names: fieldsOf('transit-gateway').map(({ name }) => name),
  }),
  fc
    .tuple(
      fc.shuffledSubarray(
        fieldsOf('vpc').map(({ name }) => name),
        { minLength: 1, maxLength: 12 },
      ),
      fc.subarray(UNKNOWN_NAMES),
    )
    .map(
      ([known, unknown]): Layout => ({
        kind: 'vpc',
        names: [...known, ...unknown.slice(0, known.length)],
      }),
    ),
  fc
    .shuffledSubarray(STRINGS, { minLength: 1, maxLength: 6 })
    .map((names): Layout => ({ kind: 'vpc', names })),
);

const bytesOf = (text: string) => Buffer.from(text).toString('latin1');

/** Lengths at which registers of 8 and 16 bytes are just full. */
const registerLength = fc.constantFrom(1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 48, 49, 63, 64, 65);
const byte = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));
const anyBytes = fc.array(byte, { maxLength: 12 }).map((bytes) => bytes.join(''));

const digits = fc
  .tuple(
    fc.constantFrom('', '0', '1', '2', '9', '-', '+'),
    fc.integer({ min: 0, max: 21 }),
    fc.constantFrom('0', '1', '9', '12345'),
  )
  .map(([first, length, filler]) => first + filler.repeat(length).slice(0, length));

const number = fc.oneof(
  digits,
  fc.constantFrom('-', '0', '1', '00', '007', '2147483647', '2147483648', '4294967296', '1e3', '1.5', '--'),
  fc.constantFrom('9223372036854775807', '9223372036854775808', '9007199254740993', '18446744073709551616'),
  fc.nat(70_000).map(String),
);

const time = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(0, 3600, -3600, 7200, DAY, -7 * DAY, 300 * 3600),
      fc.constantFrom(-1, 0, 1, 59, 3599),
    )
    .map(([from, by]) => String(HOUR + from + by)),
  fc.constantFrom('-', '0', '999999999', '99999999999', '253402300799', '253402300800', '9999999999999999'),
);

const text = fc.oneof(
  fc.tuple(registerLength, fc.constantFrom('a', '\\', '"', 'é', '\x1b')).map(([length, odd]) => {
    const filler = 'abcdefghijklmnopqrstuvwxyz0123456789'.repeat(2);
    return filler.slice(0, length - 1) + bytesOf(odd);
  }),
  fc.constantFrom('"', '\\', '\\"', '\x00', '\x1f', '\x7f', '\t', '\r', '-', '--', '{}', '","a":"'),
  fc.constantFrom('é', '€', '𝄞', '\u2028', '\ufeff', 'ѕrcaddr').map(bytesOf),
  // Not UTF-8: cut off, too long, a surrogate, beyond Unicode.
  fc.constantFrom('\xff', '\xc3', '\xe2\x82', '\xc0\xaf', '\xed\xa0\x80', '\xf4\x90\x80\x80', 'a\x80'),
  fc.constantFrom('ACCEPT', 'REJECT', 'OK', 'NODATA', 'SKIPDATA', 'srcaddr', 'bytes', '10.0.0.1', '::1'),
  fc.string({ minLength: 1, maxLength: 40 }).map((value) => value.replaceAll(' ', '_') || '_'),
  anyBytes,
);

/** A value to be put into a line in place of a real one. */
const oddValue = fc.oneof(
  { weight: 3, arbitrary: number },
  { weight: 3, arbitrary: time },
  { weight: 4, arbitrary: text },
);

/** Lengths of lines at which something changes: the loop's windows, and the longest line. */
const lineLength = fc
  .tuple(
    fc.constantFrom(
      FIRST_WINDOW_BYTES,
      WINDOW_BYTES,
      WINDOW_BYTES,
      MAX_LINE_BYTES,
      MAX_LINE_BYTES,
      PIECE_BYTES,
    ),
    fc.integer({ min: -4, max: 5 }),
  )
  .map(([length, by]) => length + by);

const separator = fc.constantFrom('  ', '   ', '\t', '', '\r', ' \r', '\x00', '\xa0', '\n');

interface LineChange {
  readonly column: number;
  /** The value's place in the line gets another value, separator, or nothing. */
  readonly value?: string;
  readonly separator?: string;
  /** The line is made so long by a longer value. */
  readonly length?: number;
}

const change: fc.Arbitrary<LineChange> = fc.oneof(
  { weight: 20, arbitrary: fc.record({ column: fc.nat(60), value: oddValue }) },
  { weight: 4, arbitrary: fc.record({ column: fc.nat(60), separator }) },
  { weight: 1, arbitrary: fc.record({ column: fc.nat(60), length: lineLength }) },
);

/** A record's line with some changes; most have none. */
function lineOf(
  { kind, names }: Layout,
  { index, changes }: { index: number; changes: readonly LineChange[] },
): string {
  const real = LINES[kind][index % LINES[kind].length]!;
  const values = names.map((name) => real.get(name) ?? 'x');
  const separators: string[] = names.map((_, column) => (column === 0 ? '' : ' '));
  for (const { column, value, separator } of changes) {
    if (value !== undefined) values[column % names.length] = value;
    if (separator !== undefined) separators[column % names.length] = separator;
  }
  const lengthened = changes.find(({ length }) => length !== undefined);
  if (lengthened !== undefined) {
    const rest = values.join('').length + separators.join('').length;
    values[lengthened.column % names.length] += 'y'.repeat(Math.max(0, lengthened.length! - rest));
  }
  return values.map((value, column) => separators[column] + value).join('');
}

const recordLine = fc.record({
  index: fc.nat(63),
  changes: fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    { weight: 3, arbitrary: fc.array(change, { minLength: 1, maxLength: 3 }) },
  ),
});

/** What else stands in objects. */
const otherLine = fc.oneof(
  fc.constantFrom('', '\r', ' ', '  \r\r', '\t', '-', '- - -', 'bytes', 'OK', '\xef\xbb\xbf'),
  layout.map(({ names }) => names.join(' ')),
  // Lines in another layout, with and without their header.
  fc
    .tuple(layout, recordLine, fc.boolean())
    .map(
      ([other, record, headed]) => `${headed ? `${other.names.join(' ')}\n` : ''}${lineOf(other, record)}`,
    ),
  oddValue,
  lineLength.map((length) => 'z'.repeat(length)),
  lineLength.map((length) => ' '.repeat(length)),
);

/** A change of the whole text, anywhere. */
const slip = fc.record({
  at: fc.nat(),
  remove: fc.constantFrom(0, 1, 1, 2, 40),
  insert: fc.oneof(fc.constant(''), byte, fc.constantFrom('\n', ' ', '\r\n', '\n\n', '"')),
});

function slipped(text: string, slips: readonly { at: number; remove: number; insert: string }[]): string {
  return slips.reduce((before, { at, remove, insert }) => {
    const place = at % (before.length + 1);
    return before.slice(0, place) + insert + before.slice(place + remove);
  }, text);
}

/** Text of flow log objects: short ones mostly, but some are larger than a window or a piece of the line loop. */
export const flowLogText: fc.Arbitrary<string> = fc
  .record({
    layout,
    mark: fc.constantFrom('', '', '', '', '', '\xef\xbb\xbf'),
    header: fc.constantFrom('header', 'header', 'header', 'header', 'none', 'blank lines'),
    records: fc.array(fc.oneof({ weight: 8, arbitrary: recordLine }, { weight: 1, arbitrary: otherLine }), {
      maxLength: 24,
    }),
    lineEnd: fc.constantFrom('\n', '\n', '\n', '\r\n'),
    isClosed: fc.boolean(),
    slips: fc.oneof(fc.constant([]), fc.array(slip, { maxLength: 3 })),
    /** So many bytes at least. */
    atLeast: fc.oneof(
      { weight: 30, arbitrary: fc.constant(0) },
      { weight: 6, arbitrary: fc.integer({ min: 2000, max: 3 * WINDOW_BYTES }) },
      { weight: 1, arbitrary: fc.integer({ min: PIECE_BYTES, max: INPUT_BYTES + PIECE_BYTES }) },
    ),
  })
  .map(({ layout, mark, header, records, lineEnd, isClosed, slips, atLeast }) => {
    const names = layout.names.join(' ');
    const head = { header: [names], none: [], 'blank lines': ['', ' ', names] }[header]!;
    const lines = records.map((record) => (typeof record === 'string' ? record : lineOf(layout, record)));
    const block = lines.join(lineEnd);
    const times = block === '' ? 1 : Math.max(1, Math.ceil(atLeast / (block.length + lineEnd.length)));
    const whole = [...head, ...Array.from({ length: times }, () => block)].join(lineEnd);
    return slipped(mark + whole + (isClosed ? lineEnd : ''), slips);
  });

/** Whole objects: those of the golden files, and generated ones of both kinds with planted incidents. */
const REAL_TEXTS: readonly string[] = [
  ...readdirSync(GOLDEN).map((name) => readFileSync(join(GOLDEN, name, 'input.log'), 'latin1')),
  ...generateFlowLogs({ records: 1500 })
    .map(({ text }) => Buffer.concat([...text]).toString('latin1'))
    .filter((text) => text.length > 2000)
    .take(24),
];

/** Texts of whole objects, with some slips. */
export const realText: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom(...REAL_TEXTS), fc.array(slip, { maxLength: 6 }))
  .map(([text, slips]) => slipped(text, slips));

/** Where a text is cut into chunks, told without knowing how long it is. */
export type Cutting =
  | { readonly every: number }
  | { readonly sizes: readonly number[] }
  | { readonly edges: readonly number[] };

/** Cuttings: whole, in small pieces, in pieces of different sizes, and at the edges of the line loop's memory. */
export const cutting: fc.Arbitrary<Cutting> = fc.oneof(
  fc.constant({ every: Number.MAX_SAFE_INTEGER }),
  fc.record({ every: fc.oneof(fc.constant(1), fc.integer({ min: 2, max: 300 }), fc.constant(WINDOW_BYTES)) }),
  fc.record({ sizes: fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 12 }) }),
  fc.record({
    edges: fc.array(
      fc
        .tuple(
          fc.constantFrom(WINDOW_BYTES, MAX_LINE_BYTES, PIECE_BYTES, INPUT_BYTES),
          fc.integer({ min: -4, max: 5 }),
        )
        .map(([edge, by]) => edge + by),
      { minLength: 1, maxLength: 4 },
    ),
  }),
);

/** Single bytes tell as much of a short text as of a long one, and cost far more there. */
const MOST_CHUNKS = 20_000;

/** The chunks of a text. */
export function chunksOf(text: Uint8Array, cutting: Cutting): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let at = 0;
  const take = (size: number) => {
    chunks.push(text.subarray(at, at + size));
    at += size;
  };
  if ('every' in cutting) {
    while (at < text.length) take(chunks.length < MOST_CHUNKS ? cutting.every : text.length);
  } else if ('sizes' in cutting) {
    const sizes = cutting.sizes.some((size) => size > 0) ? cutting.sizes : [1];
    for (let next = 0; at < text.length && chunks.length < MOST_CHUNKS; next++) {
      take(sizes[next % sizes.length]!);
    }
  } else {
    for (const edge of [...cutting.edges].sort((a, b) => a - b)) if (edge > at) take(edge - at);
  }
  chunks.push(text.subarray(at));
  return chunks;
}
