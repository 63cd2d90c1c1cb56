import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { text } from 'node:stream/consumers';
import { type Command, InvalidArgumentError } from 'commander';
import type { QueryResult } from '../../athena/query-engine.ts';
import { QueryError } from '../../athena/query-error.ts';
import { parseQuery, type Query, renderQuery } from '../../athena/query-file.ts';
import { savedQueries, savedQuery } from '../../athena/saved-queries.ts';
import { parseTimeRange } from '../../athena/time-range.ts';
import { lakeOption, outputOption } from '../options.ts';
import { formatResult, type OutputFormat } from '../output.ts';

interface QueryOptions {
  readonly lake: string;
  readonly param?: ReadonlyMap<string, string>;
  readonly since?: string;
  readonly until?: string;
  readonly output: OutputFormat;
}

const EXAMPLES = `
Times are UTC: an age (2h, 3d) or ISO 8601 (2026-11-20, 2026-11-20T05:30). Without them the whole lake is read.
The tables are flow_logs, transit_gateway_flow_logs, quarantine, findings and receipts. The views flows and
transit_flows add names, client and server, path and more to the records (docs/lake.md).

Examples:
  flowlogs query top-talkers --since 2h
  flowlogs query conversation --param source=10.0.1.5 --param destination=10.0.2.7
  flowlogs query rejected-traffic --param network=10.0.0.0/16 -o csv > rejected.csv
  flowlogs query my-question.sql
  echo 'SELECT action, count(*) AS flows FROM flow_logs GROUP BY action' | flowlogs query -`;

/** Adds `flowlogs query NAME|FILE|-`. */
export function registerQuery(program: Command): void {
  program
    .command('query')
    .summary('ask the lake: a saved query, or SQL of your own')
    .description(
      "Run a saved query, a file with one SQL statement in Athena's dialect, or SQL from standard input (-).",
    )
    .argument('<name>', 'name of a saved query (see "flowlogs queries"), a file, or -')
    .addOption(lakeOption())
    .option('--param <name=value>', 'value of a parameter; can be repeated', collectParameter)
    .option('--since <time>', 'only records from this time on')
    .option('--until <time>', 'only records before this time')
    .addOption(outputOption())
    .addHelpText('after', EXAMPLES)
    .action(async (name: string, options: QueryOptions) => {
      const query = await readQuery(name);
      // The default is the whole lake: a laptop's is small, and reading it costs nothing.
      const range = parseTimeRange(options, Date.now() / 1000);
      const values = options.param ?? new Map<string, string>();
      const sql = renderQuery(query, values, range);
      const result = await runLocally(options.lake, sql);
      process.stdout.write(formatResult(result, options.output, process.stdout.columns));
      const limit = values.get('limit') ?? query.parameters.find((p) => p.name === 'limit')?.default;
      if (result.rows.length > 0 && result.rows.length === Number(limit)) {
        process.stderr.write(
          `Stopped at limit=${limit}; there may be more rows. --param limit=N prints more.
`,
        );
      }
    });
}

async function runLocally(lake: string, sql: string): Promise<QueryResult> {
  // DuckDB's native library takes a while to load; help and wrong usage should not wait for it.
  const { openLake } = await import('../../local/duckdb.ts');
  const engine = await openLake(lake);
  try {
    return await engine.run(sql);
  } finally {
    engine.close();
  }
}

async function readQuery(name: string): Promise<Query> {
  if (name === '-') return parseQuery('of standard input', await text(process.stdin));
  const isSaved = (await savedQueries()).some((query) => query.name === name);
  const isFile = !isSaved && (name.endsWith('.sql') || name.includes('/') || existsSync(name));
  if (!isFile) return savedQuery(name);
  try {
    return parseQuery(basename(name), await readFile(name, 'utf8'));
  } catch (error) {
    if (error instanceof QueryError) throw error;
    const reason =
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : String(error);
    throw new QueryError(`Cannot read the query file ${name}: ${reason}.`);
  }
}

function collectParameter(
  pair: string,
  before: ReadonlyMap<string, string> = new Map(),
): ReadonlyMap<string, string> {
  const equals = pair.indexOf('=');
  if (equals < 1) throw new InvalidArgumentError('It takes NAME=VALUE, such as limit=10.');
  return new Map([...before, [pair.slice(0, equals), pair.slice(equals + 1)]]);
}
