/**
 * Answers as text: a table for people, CSV (RFC 4180) for spreadsheets, JSON for programs.
 *
 * Values come from logs, so anyone who can send a packet or tag an instance may have written them. No control character
 * reaches a terminal: tables and CSV show them as `\u001b`, JSON escapes them, which loses nothing.
 */

import Table from 'cli-table3';
import type { QueryResult, QueryValue } from '../athena/query-engine.ts';

export const OUTPUT_FORMATS = ['table', 'csv', 'json'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

// Control and format characters (escape sequences, text direction, zero width) and Unicode's own line ends.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** What stands for NULL in tables: flow logs write it so. */
const NULL_IN_TABLES = '-';

const MIN_TEXT_WIDTH = 12;
const COLUMN_GAP = 2;

/**
 * An answer in the wanted format, with a line feed at its end.
 *
 * @param width columns of the terminal, for tables; undefined if there is none
 */
export function formatResult(result: QueryResult, format: OutputFormat, width?: number): string {
  if (format === 'json') return formatJson(result);
  return format === 'csv' ? formatCsv(result) : formatTable(result, width);
}

/** Text with control and format characters shown as `\u001b`. Line feeds too, unless they are to be kept. */
export function visible(text: string, { keepLineFeeds = false } = {}): string {
  return text.replaceAll(INVISIBLE, (char) => (keepLineFeeds && char === '\n' ? char : unicodeEscape(char)));
}

/** A sentence for people, on standard error: the answer itself may be read by a program. */
export function note(text: string, options?: Parameters<typeof visible>[1]): void {
  process.stderr.write(`${visible(text, options)}\n`);
}

function unicodeEscape(char: string): string {
  const units = Array.from({ length: char.length }, (_, index) => char.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}

/**
 * A table with numbers to the right. If the terminal is too narrow, long texts are broken over lines; if that is not
 * enough, each row becomes a block of its own with a line for each column.
 */
export function formatTable({ columns, rows }: QueryResult, width?: number): string {
  if (rows.length === 0) return 'No rows.\n';
  const names = columns.map(({ name }) => visible(name));
  const cells = rows.map((row) =>
    row.map((value) => (value === null ? NULL_IN_TABLES : visible(valueText(value)))),
  );
  const widths = names.map((name, index) =>
    cells.reduce((width, row) => Math.max(width, row[index]?.length ?? 0), name.length),
  );
  const fitted = fitWidths(
    widths,
    columns.map(({ kind }, index) =>
      kind === 'text' ? Math.min(MIN_TEXT_WIDTH, widths[index] ?? 0) : undefined,
    ),
    width,
  );
  if (fitted === undefined) return formatBlocks(names, cells);
  const table = new Table({
    head: names,
    colAligns: columns.map(({ kind }) => (kind === 'number' ? 'right' : 'left')),
    // Widths only if something must be broken: the library counts the cells of wide characters itself.
    ...(fitted === widths
      ? {}
      : { colWidths: fitted.map((size) => size + COLUMN_GAP), wordWrap: true, wrapOnWordBoundary: false }),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': COLUMN_GAP, compact: true },
    chars: Object.fromEntries(BORDERS.map((border) => [border, ''])),
  });
  table.push(...cells);
  const lines = table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
  return `${lines.join('\n')}\n`;
}

const BORDERS = [
  'top',
  'top-mid',
  'top-left',
  'top-right',
  'bottom',
  'bottom-mid',
  'bottom-left',
  'bottom-right',
  'left',
  'left-mid',
  'mid',
  'mid-mid',
  'right',
  'right-mid',
  'middle',
] as const;

/**
 * The columns' widths within the terminal's: the same array if they fit already, undefined if they cannot.
 *
 * @param minimal how narrow each column may become; undefined for columns that must not be broken
 */
function fitWidths(
  widths: readonly number[],
  minimal: readonly (number | undefined)[],
  terminal: number | undefined,
): readonly number[] | undefined {
  const gaps = COLUMN_GAP * (widths.length - 1);
  let excess = terminal === undefined ? 0 : widths.reduce((sum, width) => sum + width, gaps) - terminal;
  if (excess <= 0) return widths;
  const fitted = [...widths];
  while (excess > 0) {
    // The widest one loses a column at a time, so that equals stay equal.
    let widest = -1;
    for (const [index, width] of fitted.entries()) {
      if (width > (minimal[index] ?? width) && width > (fitted[widest] ?? 0)) widest = index;
    }
    if (widest < 0) return undefined;
    fitted[widest] = (fitted[widest] ?? 0) - 1;
    excess -= 1;
  }
  return fitted;
}

function formatBlocks(names: readonly string[], rows: readonly (readonly string[])[]): string {
  const width = Math.max(...names.map((name) => name.length));
  const blocks = rows.map((row, number) =>
    [
      `row ${number + 1}`,
      ...row.map((cell, index) => `  ${(names[index] ?? '').padEnd(width)}  ${cell}`),
    ].join('\n'),
  );
  return `${blocks.join('\n')}\n`;
}

/**
 * CSV as RFC 4180 has it, with a header and CR LF. NULL is an empty cell, an empty text is `""`.
 *
 * Spreadsheets run texts that start with `= + - @` (also of full width), tab or carriage return as formulas, and then a log
 * line can send data away. Such a text gets an apostrophe in front, which spreadsheets take for "this is text" (OWASP, CSV
 * injection; ASVS 1.2.10), and so does what follows a semicolon: where numbers have decimal commas, it separates cells.
 * Columns of numbers need none and get none.
 */
export function formatCsv({ columns, rows }: QueryResult): string {
  const lines = [
    columns.map(({ name }) => csvText(name)),
    ...rows.map((row) =>
      row.map((value, index) => {
        if (value === null) return '';
        return columns[index]?.kind === 'number' ? valueText(value) : csvText(valueText(value));
      }),
    ),
  ];
  return lines.map((line) => `${line.join(',')}\r\n`).join('');
}

/** Where a spreadsheet would begin to read a formula. */
const FORMULA = /(?:^|;)(?=[=+\-@\uff1d\uff0b\uff0d\uff20\t\r])/g;

function csvText(text: string): string {
  const guarded = visible(text.replaceAll(FORMULA, "$&'"));
  return guarded === '' || /[",]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

/** An array of row objects, a row on each line. Whole numbers of any size keep all their digits. */
export function formatJson({ columns, rows }: QueryResult): string {
  const lines = rows.map((row) => {
    const pairs = columns.map(({ name }, index) => `${json(name)}:${json(row[index] ?? null)}`);
    return `{${pairs.join(',')}}`;
  });
  return lines.length === 0 ? '[]\n' : `[\n${lines.join(',\n')}\n]\n`;
}

function json(value: QueryValue): string {
  // JSON.stringify would throw for a bigint and turn Infinity and NaN, which DuckDB can give, into null.
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number' && !Number.isFinite(value)) return JSON.stringify(String(value));
  if (isList(value)) return `[${value.map(json).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const pairs = Object.entries(value).map(([key, item]) => `${json(key)}:${json(item)}`);
    return `{${pairs.join(',')}}`;
  }
  return escapeInvisible(JSON.stringify(value));
}

/** A JSON document for people as well as for programs: indented, with a line feed at its end. */
export function formatDocument(document: unknown): string {
  return `${escapeInvisible(JSON.stringify(document, undefined, 2))}\n`;
}

/** JSON.stringify escapes the C0 controls only. Those that are left in JSON are line feeds between values. */
function escapeInvisible(json: string): string {
  return visible(json, { keepLineFeeds: true });
}

function isList(value: QueryValue): value is readonly QueryValue[] {
  return Array.isArray(value);
}

function valueText(value: NonNullable<QueryValue>): string {
  return typeof value === 'object' ? json(value) : String(value);
}
