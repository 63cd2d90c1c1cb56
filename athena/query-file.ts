/**
 * Saved queries: one file, one question, one statement of Athena's SQL (Trino), with a header that is also its
 * documentation. Ad-hoc SQL may go without a header.
 *
 *     -- title: Top talkers
 *     -- question: Which addresses move the most bytes?
 *     -- theme: traffic
 *     -- fields: srcaddr, dstaddr, bytes
 *     -- parameter: network cidr optional; only addresses in this network
 *     -- parameter: limit count = 20; rows to print
 *     -- next: What to do with the answer. A line that starts with two more blanks
 *     --   continues the one above.
 *     SELECT … WHERE {{time_range}} … LIMIT {{limit}}
 *
 * - `theme` is one of THEMES; `fields` are columns without which the answer is empty or means nothing. A query may use
 *   others where a format has them.
 * - `parameter` is a name, a type (query-parameters.ts), then `= default`, `optional` (SQL NULL if not given) or nothing
 *   (must be given), a semicolon and a description.
 * - `{{name}}` in the SQL becomes the parameter's literal. It brings its own quotes, so it must not stand in quotes.
 * - `{{time_range}}` is always there: a predicate over `day`, `hour` and `start` (time-range.ts).
 * - So are the tables of a WITH that several queries share: `{{counted_once}}` ends with each flow counted once
 *   (counted-once.ts), `{{connections}}`, `{{attempts}}` and `{{conversations}}` with who talks to whom (connections.ts),
 *   `{{dated_findings}}` with findings by hour (dated-findings.ts).
 */

import { ATTEMPTS, CONNECTIONS, CONVERSATIONS } from './connections.ts';
import { COUNTED_ONCE } from './counted-once.ts';
import { DATED_FINDINGS } from './dated-findings.ts';
import { QueryError } from './query-error.ts';
import { isParameterType, PARAMETER_TYPES, type Parameter, parameterLiteral } from './query-parameters.ts';
import { oneStatement, splitSql } from './sql-text.ts';
import { type TimeRange, timeRangePredicate } from './time-range.ts';

/** The themes of saved queries, in the order in which they are listed. */
export const THEMES = {
  traffic: 'Traffic',
  troubleshooting: 'Troubleshooting',
  security: 'Security',
  cost: 'Cost and estate',
  log: 'The log itself',
} as const;

export type Theme = keyof typeof THEMES;

/** SQL with typed placeholders. */
export interface Query {
  /** The file's name without its ending; for messages. */
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly sql: string;
}

/** A query with its documentation. */
export interface SavedQuery extends Query {
  readonly title: string;
  readonly question: string;
  readonly theme: Theme;
  /** Columns that the answer needs. */
  readonly fields: readonly string[];
  /** What to do with the answer. */
  readonly next: string;
}

const TIME_RANGE = 'time_range';

/** Tables of a WITH by the name of their placeholder. */
const SHARED_TABLES: ReadonlyMap<string, string> = new Map([
  ['counted_once', COUNTED_ONCE],
  ['dated_findings', DATED_FINDINGS],
  ['connections', CONNECTIONS],
  ['attempts', ATTEMPTS],
  ['conversations', CONVERSATIONS],
]);

const PLACEHOLDER = /\{\{\s*([^{}]*?)\s*\}\}/g;
const ENTRY = /^-- (title|question|theme|fields|parameter|next):(.*)$/;
const PARAMETER = /^([a-z][a-z0-9_]*) +([a-z]+)(?: +(optional)| *= *([^;]*?))? *; *(.+)$/;

/**
 * Reads a query with its header.
 *
 * @throws QueryError that names the query and says how it breaks the form.
 */
export function parseSavedQuery(name: string, text: string): SavedQuery {
  const header = readHeader(name, text);
  const theme = header.one('theme');
  if (!Object.hasOwn(THEMES, theme)) {
    throw new QueryError(
      `The query ${name} has the theme "${theme}"; it must be one of ${Object.keys(THEMES).join(', ')}.`,
    );
  }
  return {
    ...parseQuery(name, text),
    title: header.one('title'),
    question: header.one('question'),
    theme: theme as Theme,
    fields: header.one('fields').split(/\s*,\s*/),
    next: header.one('next'),
  };
}

/**
 * Reads SQL whose header may be absent or incomplete; only its parameters count.
 *
 * @throws QueryError for a wrong parameter line, an undeclared, unused or quoted placeholder, or not one statement.
 */
export function parseQuery(name: string, text: string): Query {
  const header = readHeader(name, text);
  const parameters = header.all('parameter').map((line) => parseParameter(name, line));
  const sql = substitute(oneStatement(header.body), SHARED_TABLES);
  const used = placeholders(name, sql);
  for (const [index, { name: parameter }] of parameters.entries()) {
    if (parameter === TIME_RANGE || parameters.findIndex((other) => other.name === parameter) !== index) {
      throw new QueryError(`The query ${name} declares the parameter "${parameter}" twice.`);
    }
    if (!used.has(parameter))
      throw new QueryError(`The query ${name} never uses its parameter "${parameter}".`);
  }
  for (const placeholder of used) {
    if (placeholder !== TIME_RANGE && !parameters.some((parameter) => parameter.name === placeholder)) {
      throw new QueryError(
        `The query ${name} uses {{${placeholder}}} without declaring it. ` +
          `Add a line "-- parameter: ${placeholder} TYPE; what it is" (types: ${PARAMETER_TYPES.join(', ')}) at the top.`,
      );
    }
  }
  return { name, parameters, sql };
}

/**
 * The SQL to run: values as literals, the time range as a predicate.
 *
 * @param values values by parameter name; absent ones take their defaults
 * @throws QueryError for an unknown, missing or unfit parameter, or a time range that the query cannot apply
 */
export function renderQuery(query: Query, values: ReadonlyMap<string, string>, range: TimeRange): string {
  for (const name of values.keys()) {
    if (query.parameters.some((parameter) => parameter.name === name)) continue;
    const known = query.parameters.map((parameter) => parameter.name);
    throw new QueryError(
      `The query ${query.name} has no parameter "${name}". ` +
        (known.length === 0 ? 'It has none.' : `It has: ${known.join(', ')}.`),
    );
  }
  const hasRange = range.since !== undefined || range.until !== undefined;
  if (hasRange && !takesTimeRange(query)) {
    throw new QueryError(
      `The query ${query.name} takes no time range. Leave out --since and --until, or put {{${TIME_RANGE}}} in its WHERE.`,
    );
  }
  return fillIn(query, values, timeRangePredicate(range), (literal) => literal);
}

/**
 * The SQL for people who change it in an editor: a comment behind each value names its parameter.
 *
 * @param timeRange the predicate that `{{time_range}}` stands for
 * @throws QueryError for a missing or unfit parameter.
 */
export function renderForEditor(
  query: Query,
  values: ReadonlyMap<string, string>,
  timeRange: string,
): string {
  return fillIn(query, values, timeRange, (text, name) => `${text} /* ${name} */`);
}

function fillIn(
  query: Query,
  values: ReadonlyMap<string, string>,
  timeRange: string,
  mark: (text: string, name: string) => string,
): string {
  const texts = new Map([[TIME_RANGE, mark(timeRange, TIME_RANGE)]]);
  for (const parameter of query.parameters) {
    const literal = parameterLiteral(parameter, values.get(parameter.name));
    texts.set(parameter.name, mark(literal, parameter.name));
  }
  return substitute(query.sql, texts);
}

/** Whether a query can be asked of a time range, because it has `{{time_range}}`. */
export function takesTimeRange(query: Query): boolean {
  return placeholders(query.name, query.sql).has(TIME_RANGE);
}

/** The SQL with texts for its placeholders, as far as there are. One pass over the code: what is put in stays as it is. */
function substitute(sql: string, texts: ReadonlyMap<string, string>): string {
  return splitSql(sql)
    .map(({ kind, text }) =>
      kind === 'code'
        ? text.replaceAll(PLACEHOLDER, (whole, name: string) => texts.get(name) ?? whole)
        : text,
    )
    .join('');
}

function placeholders(name: string, sql: string): Set<string> {
  const found = new Set<string>();
  for (const { kind, text } of splitSql(sql)) {
    for (const match of text.matchAll(PLACEHOLDER)) {
      if (kind === 'quoted') {
        throw new QueryError(
          `The query ${name} has ${match[0]} inside quotes. Leave the quotes out: a value brings its own.`,
        );
      }
      if (kind === 'code') found.add(match[1] ?? '');
    }
  }
  return found;
}

function parseParameter(query: string, line: string): Parameter {
  const [, name = '', type = '', optional, text, description = ''] = PARAMETER.exec(line) ?? [];
  if (!isParameterType(type)) {
    throw new QueryError(
      `The query ${query} has a parameter line that cannot be read: "${line}". ` +
        `It is NAME TYPE [= DEFAULT | optional]; DESCRIPTION, with a type of ${PARAMETER_TYPES.join(', ')}.`,
    );
  }
  const parameter = { name, type, default: optional === undefined ? text : null, description };
  // A default must fit its type, too.
  if (text !== undefined) parameterLiteral(parameter, undefined);
  return parameter;
}

interface Header {
  /** All entries of this key. */
  all(key: string): string[];
  /** The only entry of this key. */
  one(key: string): string;
  readonly body: string;
}

function readHeader(name: string, text: string): Header {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const entries: { key: string; value: string }[] = [];
  let line = 0;
  for (; line < lines.length; line += 1) {
    const [, key, value = ''] = ENTRY.exec(lines[line] ?? '') ?? [];
    const last = entries.at(-1);
    const continuation = /^-- {3,}(\S.*)$/.exec(lines[line] ?? '')?.[1];
    if (key !== undefined) entries.push({ key, value: value.trim() });
    else if (last !== undefined && continuation !== undefined) last.value += ` ${continuation.trim()}`;
    else break;
  }
  const all = (key: string) => entries.filter((entry) => entry.key === key).map((entry) => entry.value);
  return {
    all,
    one(key) {
      const [value, second] = all(key);
      if (value !== undefined && value !== '' && second === undefined) return value;
      throw new QueryError(`The query ${name} needs exactly one line "-- ${key}: …" in its header.`);
    },
    body: lines.slice(line).join('\n'),
  };
}
