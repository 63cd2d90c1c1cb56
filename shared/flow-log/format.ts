import type { ColumnType, FlowLogKind } from './fields.ts';

/** One column of a flow log's format. */
export interface Column {
  /** Name as the header has it, `interface-id`. */
  readonly name: string;
  /** Key in the record and column in the lake: `interface_id`, or `x_…` for a field the catalogue does not know. */
  readonly key: string;
  readonly type: ColumnType;
}

/** The layout of a flow log's lines: which columns, in which order. It comes from a header or from configuration. */
export interface Format {
  readonly kind: FlowLogKind;
  readonly columns: readonly Column[];
}

/**
 * One valid line, seen in place: which bytes hold which column. The transformation owns one view and moves it from
 * line to line, so a view and its arrays may be read only during the call that hands it over.
 */
export interface RecordView {
  /** The buffer that holds the line. */
  readonly bytes: Uint8Array;
  /** First byte of the line, and one past its last byte (without `\r` and `\n`). */
  readonly lineStart: number;
  readonly lineEnd: number;
  /** First byte, and one past the last byte, of each column's token. A token of one `-` is a missing value. */
  readonly tokenStart: Int32Array;
  readonly tokenEnd: Int32Array;
  /** Values of the numeric columns; -1 where missing. Exact below 2^53. Undefined content for string columns. */
  readonly numbers: Float64Array;
  /** A 32-bit hash of a column's token. */
  hashOf(column: number): number;
  /** The number of the IPv4 address in a column, or -1 if it is none that is written without leading zeros. */
  ipv4Of(column: number): number;
}

/** The format's header line: the columns' names. */
export function headerOf({ columns }: Format): string {
  return columns.map(({ name }) => name).join(' ');
}

/** The index of the column with this key (`log_status`) in a format, or -1. */
export function columnIndex(format: Format, key: string): number {
  return format.columns.findIndex((column) => column.key === key);
}
