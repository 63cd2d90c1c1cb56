import { readdir, readFile } from 'node:fs/promises';
import { closest } from 'fastest-levenshtein';
import { QueryError } from './query-error.ts';
import { parseSavedQuery, type SavedQuery, THEMES } from './query-file.ts';

const FOLDER = new URL('./queries/', import.meta.url);

/**
 * The saved queries, by theme and then by name.
 *
 * @throws QueryError if a file breaks the form of query-file.ts.
 */
export async function savedQueries(): Promise<SavedQuery[]> {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.sql')).sort();
  const queries = await Promise.all(
    files.map(async (file) =>
      parseSavedQuery(file.slice(0, -'.sql'.length), await readFile(new URL(file, FOLDER), 'utf8')),
    ),
  );
  const order = Object.keys(THEMES);
  return queries.sort((a, b) => order.indexOf(a.theme) - order.indexOf(b.theme));
}

/**
 * The saved query of this name.
 *
 * @throws QueryError that suggests the name which was probably meant.
 */
export async function savedQuery(name: string): Promise<SavedQuery> {
  const queries = await savedQueries();
  const found = queries.find((query) => query.name === name);
  if (found !== undefined) return found;
  const names = queries.map((query) => query.name);
  throw new QueryError(
    `There is no query "${name}". Did you mean "${closest(name, names)}"? "flowlogs queries" lists all of them; ` +
      'for SQL of your own give a file that ends in .sql, or - for standard input.',
  );
}
