/** A value of an answer. Whole numbers beyond 2^53 are `bigint`; times are ISO 8601 text in UTC. */
export type QueryValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly QueryValue[]
  | { readonly [key: string]: QueryValue };

export interface ResultColumn {
  readonly name: string;
  /** Numbers are aligned to the right and need no protection in spreadsheets. */
  readonly kind: 'number' | 'text';
}

/** The answer to a query: distinct column names, and rows in the order of the columns. */
export interface QueryResult {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly QueryValue[])[];
}

/** What an engine says of a statement that is not SELECT or EXPLAIN. */
export const ONLY_READS = 'Only SELECT statements can be run: queries read the lake and never change it.';

/** What runs one SQL statement (Athena's dialect) over the tables of a lake: Athena, or DuckDB on a laptop. */
export interface QueryEngine {
  /** @throws Error with a message for people if the statement is wrong or the lake cannot be read. */
  run(sql: string): Promise<QueryResult>;
  close(): void;
}
