import type { QueryResult, QueryValue } from './query-engine.ts';

/** The rows of an answer as objects, by the names of their columns. */
export function rowObjects({ columns, rows }: QueryResult): Record<string, QueryValue>[] {
  return rows.map((row) => Object.fromEntries(columns.map(({ name }, index) => [name, row[index] ?? null])));
}
