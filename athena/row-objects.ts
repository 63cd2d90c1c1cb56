import type { QueryResult, QueryValue } from './query-engine.ts';

/**
 * The rows of an answer as objects, by the names of their columns. Whole numbers beyond 2^53 are rounded, because nobody
 * can calculate with both kinds.
 */
export function rowObjects({ columns, rows }: QueryResult): Record<string, Exclude<QueryValue, bigint>>[] {
  return rows.map((row) =>
    Object.fromEntries(columns.map(({ name }, index) => [name, withoutBigInt(row[index] ?? null)])),
  );
}

function withoutBigInt(value: QueryValue): Exclude<QueryValue, bigint> {
  return typeof value === 'bigint' ? Number(value) : value;
}
