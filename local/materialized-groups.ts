import { splitSql } from '../athena/sql-text.ts';

/** Where a WITH table begins, up to its parenthesis. Nothing else has a query behind AS. */
const WITH_TABLE = /\bAS\s*\((?=\s*(?:SELECT|WITH)\b)/gi;
const GROUPS = /\bGROUP\s+BY\b/i;
const GROUPS_OR_WINDOWS = /\b(?:GROUP\s+BY|OVER)\b/i;

/**
 * A statement of Trino's as DuckDB plans it fast: a WITH table that groups rows is `AS MATERIALIZED`, which Trino lacks,
 * if more groups or windows come after it.
 *
 * DuckDB's planner looks twice below each GROUP BY and each window, so its time doubles with each: eleven of them in a row
 * take a second before the first row is read. A materialized table is planned by itself. Only what groups, because it has
 * few rows and must be complete before the first of them can be read: memory and time over a large lake stay as they are.
 *
 * Source: duckdb/duckdb issue 25373, mended after DuckDB 1.5.
 *
 * @throws QueryError if a quote or a comment is not closed.
 */
export function materializeGroups(sql: string): string {
  // Blanks for what is no code, so that places stay.
  const code = splitSql(sql)
    .map(({ kind, text }) => (kind === 'code' ? text : ' '.repeat(text.length)))
    .join('');
  let result = '';
  let end = 0;
  for (const { 0: beginning, index } of code.matchAll(WITH_TABLE)) {
    const body = index + beginning.length;
    const after = closing(code, body);
    if (!GROUPS.test(code.slice(body, after)) || !GROUPS_OR_WINDOWS.test(code.slice(after))) continue;
    result += `${sql.slice(end, index)}AS MATERIALIZED (`;
    end = body;
  }
  return result + sql.slice(end);
}

/** The place of the parenthesis that closes what is open at a place, or the end of the code. */
function closing(code: string, from: number): number {
  let depth = 1;
  for (const { 0: parenthesis, index } of code.slice(from).matchAll(/[()]/g)) {
    depth += parenthesis === '(' ? 1 : -1;
    if (depth === 0) return from + index;
  }
  return code.length;
}
