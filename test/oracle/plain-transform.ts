import { isUtf8 } from 'node:buffer';
import { PermanentError } from '../../shared/errors.ts';
import type { ColumnType, FlowLogKind } from '../../shared/flow-log/fields.ts';
import { type Column, columnIndex, type Format } from '../../shared/flow-log/format.ts';
import {
  DEFAULT_FORMAT,
  fitsDefaultFormat,
  formatOfHeader,
  sameFormat,
} from '../../shared/flow-log/header.ts';
import type { QuarantinedLine, QuarantineReason } from '../../shared/flow-log/quarantine.ts';
import type { TransformCounts, TransformOptions } from '../../shared/flow-log/transform.ts';

/** The records of one kind and hour. */
export interface PlainPartition {
  readonly kind: FlowLogKind;
  /** Since 1970. */
  readonly hour: number;
  /** NDJSON. */
  readonly bytes: Buffer;
  readonly records: number;
  /** The record that opened the partition: its values as the source has them, by the names of its columns. */
  readonly openedBy: ReadonlyMap<string, string>;
}

/** What becomes of an object's text. */
export interface PlainOutcome {
  /** In the order in which they were opened. */
  readonly partitions: readonly PlainPartition[];
  readonly quarantined: readonly QuarantinedLine[];
  readonly counts: TransformCounts;
  /** Each time the format changed. */
  readonly formats: readonly Format[];
  readonly firstTime: number | undefined;
  readonly lastTime: number | undefined;
}

export interface PlainOptions extends Omit<TransformOptions, 'loop' | 'sink'> {
  /** So many partitions the object may open. */
  readonly maxPartitions: number;
}

const MAX_LINE_BYTES = 65_536;
const QUARANTINED_LINE_BYTES = 4096;
const BYTE_ORDER_MARK = '\xef\xbb\xbf';
const END_OF_YEAR_9999 = Date.UTC(9999, 11, 31, 23, 59, 59) / 1000;
const LARGEST = { int: 2n ** 31n - 1n, bigint: 2n ** 63n - 1n } as const;

/**
 * The transformation as one writes it who minds only what is right: the whole text at once, line by line, each split and
 * judged. It is the oracle of the differential tests, which hold the real one (`shared/flow-log/transform.ts`) against it.
 * The two share what reads a header and nothing else. Text is held as one character for each byte.
 *
 * @throws PermanentError for an object whose format cannot be known, for the same reason as the real one.
 */
export function plainTransform(object: Uint8Array, options: PlainOptions): PlainOutcome {
  const partitions = new Map<string, Omit<PlainPartition, 'bytes' | 'records'> & { lines: string[] }>();
  const quarantined: QuarantinedLine[] = [];
  const formats: Format[] = [];
  const counts = { lines: 0, records: 0, quarantined: 0, headers: 0, bytes: object.length };
  let format: Format | undefined;
  let firstTime: number | undefined;
  let lastTime: number | undefined;

  let offset = 0;
  for (const [index, text] of linesOf(object).entries()) {
    const markBytes = index === 0 && text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0;
    const line = text.slice(markBytes, text.endsWith('\r') ? -1 : undefined);
    const reason = takeLine(line);
    if (reason !== undefined) {
      counts.lines++;
      counts.quarantined++;
      quarantined.push({
        reason,
        lineNumber: index + 1,
        offset: offset + markBytes,
        lineBytes: line.length,
        line: decoded(line.slice(0, QUARANTINED_LINE_BYTES)),
      });
    }
    offset += text.length + 1;
  }

  /** Makes the line what it is: blank, a header, a record; or says why it is none of these. */
  function takeLine(line: string): QuarantineReason | undefined {
    if (line.length > MAX_LINE_BYTES) {
      if (format === undefined) throw noHeader();
      return 'line-too-long';
    }
    const values = valuesOf(line);
    if (values.length === 0 || takeHeader(values)) return undefined;
    if (format === undefined) useFormat(formatWithoutHeader(values));
    return takeRecord(values, format!);
  }

  function takeHeader(values: readonly string[]): boolean {
    const header = formatOfHeader(values);
    if (header === undefined) return false;
    if (format === undefined || !sameFormat(header, format)) {
      if (format !== undefined && !maySucceed(header, format)) return false;
      useFormat(header);
    }
    counts.headers++;
    return true;
  }

  function formatWithoutHeader(values: readonly string[]): Format {
    if (options.headerlessFormat !== undefined) return options.headerlessFormat;
    if (!fitsDefaultFormat(values)) throw noHeader();
    return DEFAULT_FORMAT;
  }

  function useFormat(next: Format): void {
    format = next;
    formats.push(next);
  }

  function takeRecord(values: readonly string[], format: Format): QuarantineReason | undefined {
    const { kind, columns } = format;
    if (!isUtf8(Buffer.from(values.join(' '), 'latin1'))) return 'invalid-utf8';
    if (values.length !== columns.length) return 'column-count';
    for (const [index, { type }] of columns.entries()) {
      const problem = numberProblem(values[index]!, type);
      if (problem !== undefined) return problem;
    }
    const start = timeOf(values[columnIndex(format, 'start')]);
    const end = timeOf(values[columnIndex(format, 'end')]);
    const time = start ?? end ?? options.objectTime;
    const isImaginable = (start ?? 0) <= END_OF_YEAR_9999 && (end ?? 0) <= END_OF_YEAR_9999;
    if (!isImaginable || time < options.earliest || time > options.latest) return 'implausible-time';
    const hour = Math.floor(time / 3600);
    const place = `${kind} ${hour}`;
    if (!partitions.has(place)) {
      if (partitions.size === options.maxPartitions) return 'too-many-partitions';
      const openedBy = new Map(columns.map(({ key }, index) => [key, values[index]!]));
      partitions.set(place, { kind, hour, openedBy, lines: [] });
    }
    partitions.get(place)!.lines.push(recordOf(values, columns));
    counts.lines++;
    counts.records++;
    if (start !== undefined) firstTime = Math.min(start, firstTime ?? start);
    if (end !== undefined) lastTime = Math.max(end, lastTime ?? end);
    return undefined;
  }

  return {
    partitions: [...partitions.values()].map(({ lines, ...rest }) => ({
      ...rest,
      bytes: Buffer.from(lines.join('')),
      records: lines.length,
    })),
    quarantined,
    counts,
    formats,
    firstTime,
    lastTime,
  };
}

/** The lines of a text; only the last one may lack its line feed. */
function linesOf(object: Uint8Array): string[] {
  const lines = Buffer.from(object.buffer, object.byteOffset, object.length).toString('latin1').split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** What stands between the spaces of a line; spaces and carriage returns at its end do not count. */
function valuesOf(line: string): string[] {
  let end = line.length;
  while (line[end - 1] === ' ' || line[end - 1] === '\r') end--;
  return line
    .slice(0, end)
    .split(' ')
    .filter((value) => value !== '');
}

/** Whether a header in the middle of an object may change its format. */
function maySucceed(header: Format, { columns }: Format): boolean {
  // A stray word must spoil its line, not all that follow.
  if (header.columns.length === 1) return false;
  // Where all columns are strings, a record may happen to consist of field names.
  return columns.some(({ type }) => type !== 'string') || header.columns.length !== columns.length;
}

function numberProblem(value: string, type: ColumnType): QuarantineReason | undefined {
  if (type === 'string' || value === '-') return undefined;
  if (!/^(0|[1-9]\d*)$/.test(value)) return 'not-a-number';
  return BigInt(value) > LARGEST[type] ? 'number-too-large' : undefined;
}

function timeOf(value: string | undefined): number | undefined {
  return value === undefined || value === '-' ? undefined : Number(value);
}

function recordOf(values: readonly string[], columns: readonly Column[]): string {
  const members = columns.flatMap(({ key, type }, index) => {
    const value = decoded(values[index]!);
    if (value === '-') return [];
    return [`"${key}":${type === 'string' ? JSON.stringify(value) : value}`];
  });
  return `{${members.join(',')}}\n`;
}

function decoded(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}

function noHeader(): PermanentError {
  return new PermanentError('no-header', 'The columns are not known.');
}
