import { QueryError } from './query-error.ts';

/** A piece of SQL: code, a quoted literal or name with its quotes, or a comment. */
export interface SqlPart {
  readonly kind: 'code' | 'quoted' | 'comment';
  readonly text: string;
}

// Trino's lexical rules: quotes are doubled to escape them, backslashes mean nothing, comments do not nest.
const QUOTED_OR_COMMENT = /'(?:[^']|'')*'?|"(?:[^"]|"")*"?|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g;

/**
 * Cuts SQL into code, quoted text and comments, so that nothing inside a literal is taken for code. The parts' texts
 * joined are the SQL.
 *
 * @throws QueryError if a quote or a comment is not closed.
 */
export function splitSql(sql: string): SqlPart[] {
  const parts: SqlPart[] = [];
  let end = 0;
  for (const { 0: text, index } of sql.matchAll(QUOTED_OR_COMMENT)) {
    if (index > end) parts.push({ kind: 'code', text: sql.slice(end, index) });
    end = index + text.length;
    parts.push({ kind: closed(text), text });
  }
  if (end < sql.length) parts.push({ kind: 'code', text: sql.slice(end) });
  return parts;
}

function closed(text: string): 'quoted' | 'comment' {
  if (text.startsWith('--')) return 'comment';
  if (text.startsWith('/*')) {
    if (text.length >= 4 && text.endsWith('*/')) return 'comment';
    throw new QueryError('The SQL has a comment /* that is never closed with */.');
  }
  const quote = text.charAt(0);
  // An even number of quotes closes the text: two around it, two for each one inside.
  if ((text.split(quote).length - 1) % 2 === 0) return 'quoted';
  throw new QueryError(`The SQL has a quote ${quote} that is never closed.`);
}

/**
 * The SQL without outer blanks, without the semicolon that may end it and without comments after it.
 *
 * @throws QueryError unless there is exactly one statement.
 */
export function oneStatement(sql: string): string {
  const parts = splitSql(sql);
  const last = parts.findLastIndex(
    ({ kind, text }) => kind === 'quoted' || (kind === 'code' && !/^[;\s]*$/.test(text)),
  );
  if (last < 0) throw new QueryError('There is no SQL statement to run.');
  const statement = parts.slice(0, last + 1).map(({ kind, text }, index) => ({
    kind,
    text: kind === 'code' && index === last ? text.replace(/[;\s]+$/, '') : text,
  }));
  if (statement.some(({ kind, text }) => kind === 'code' && text.includes(';'))) {
    throw new QueryError(
      'There is more than one SQL statement. Give one statement; only its end may have a semicolon.',
    );
  }
  return statement
    .map(({ text }) => text)
    .join('')
    .trim();
}

/** Whether a statement is a query, or the plan of one. In Trino's SQL what writes begins with another word. */
export function onlyReads(sql: string): boolean {
  const code = splitSql(sql)
    .map(({ kind, text }) => (kind === 'comment' ? ' ' : text))
    .join('');
  return /^[\s(]*(?:EXPLAIN\s+(?:ANALYZE\s+)?(?:VERBOSE\s+)?(?:\([^()]*\)\s*)?[\s(]*)?(?:SELECT|WITH|VALUES|TABLE)\b/i.test(
    code,
  );
}

/** A text as a literal of SQL. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
