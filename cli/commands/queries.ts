import type { Command } from 'commander';
import type { QueryResult } from '../../athena/query-engine.ts';
import { type SavedQuery, THEMES } from '../../athena/query-file.ts';
import { accepts, type Parameter } from '../../athena/query-parameters.ts';
import { savedQueries, savedQuery } from '../../athena/saved-queries.ts';
import { outputOption } from '../options.ts';
import { formatResult, type OutputFormat } from '../output.ts';

const EXAMPLES = `
Examples:
  flowlogs queries                 all saved queries, by theme
  flowlogs queries port-scan       what it answers, its parameters, what to do with the answer
  flowlogs queries -o json         the list for programs`;

/** Adds `flowlogs queries [NAME]`. */
export function registerQueries(program: Command): void {
  program
    .command('queries')
    .summary('list the saved queries')
    .description('List the saved queries by theme, or describe one of them.')
    .argument('[name]', 'the query to describe')
    .addOption(outputOption())
    .addHelpText('after', EXAMPLES)
    .action(async (name: string | undefined, { output }: { output: OutputFormat }) => {
      const queries = name === undefined ? await savedQueries() : [await savedQuery(name)];
      const [only] = queries;
      if (output !== 'table') process.stdout.write(formatResult(asResult(queries), output));
      else if (name !== undefined && only !== undefined) process.stdout.write(describe(only));
      else process.stdout.write(listByTheme(queries, process.stdout.columns));
    });
}

function listByTheme(queries: readonly SavedQuery[], width: number | undefined): string {
  const nameWidth = Math.max(...queries.map(({ name }) => name.length));
  const themes = Map.groupBy(queries, ({ theme }) => theme);
  const blocks = [...themes].map(([theme, group]) =>
    [THEMES[theme], ...group.map(({ name, question }) => `  ${name.padEnd(nameWidth)}  ${question}`)]
      .map((line) => (width !== undefined && line.length > width ? `${line.slice(0, width - 1)}…` : line))
      .join('\n'),
  );
  return `${blocks.join('\n\n')}\n`;
}

function describe(query: SavedQuery): string {
  const sections = [
    `${query.title} (${query.name})`,
    query.question,
    `Parameters:\n${[...query.parameters.map(parameterLine), '  --since, --until  time range (default: the whole lake, with --athena 24 hours)'].join('\n')}`,
    `Needs the fields: ${query.fields.join(', ')}`,
    `What to do with the answer: ${query.next}`,
  ];
  return `${sections.join('\n\n')}\n`;
}

function parameterLine({ name, type, description, default: value }: Parameter): string {
  const when = value === undefined ? 'required' : value === null ? 'optional' : `default ${value}`;
  return `  --param ${name}=…  ${description}: ${accepts(type)} (${when})`;
}

function asResult(queries: readonly SavedQuery[]): QueryResult {
  const names = ['name', 'theme', 'title', 'question', 'fields', 'parameters', 'next'] as const;
  return {
    columns: names.map((name) => ({ name, kind: 'text' })),
    rows: queries.map((query) => [
      query.name,
      query.theme,
      query.title,
      query.question,
      query.fields,
      query.parameters.map(({ name, type, description, default: value }) => ({
        name,
        type,
        description,
        required: value === undefined,
        default: value ?? null,
      })),
      query.next,
    ]),
  };
}
