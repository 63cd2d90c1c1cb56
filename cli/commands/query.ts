import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { text } from 'node:stream/consumers';
import { type Command, InvalidArgumentError } from 'commander';
import { formatsStatement, kindsOf, missingFieldsNote } from '../../athena/missing-fields.ts';
import type { QueryEngine } from '../../athena/query-engine.ts';
import { QueryError } from '../../athena/query-error.ts';
import {
  parseQuery,
  type Query,
  renderQuery,
  type SavedQuery,
  takesTimeRange,
} from '../../athena/query-file.ts';
import { savedQueries, savedQuery } from '../../athena/saved-queries.ts';
import { parseTimeRange, type TimeRange } from '../../athena/time-range.ts';
import { addEngineOptions, type EngineOptions, openEngine } from '../engine.ts';
import { lakeOption, outputOption } from '../options.ts';
import { formatResult, note, type OutputFormat } from '../output.ts';

interface QueryOptions extends EngineOptions {
  readonly lake: string;
  readonly param?: ReadonlyMap<string, string>;
  readonly since?: string;
  readonly until?: string;
  readonly output: OutputFormat;
}

const EXAMPLES = `
Times are UTC: an age (2h, 3d) or ISO 8601 (2026-11-20, 2026-11-20T05:30). Without them the whole lake is read, with
--athena the last 24 hours: there it costs money.
The tables are flow_logs, transit_gateway_flow_logs, quarantine, findings and receipts. The views flows and
transit_flows add names, client and server, path and more to the records (docs/lake.md).

Examples:
  flowlogs query top-talkers --since 2h
  flowlogs query conversation --param source=10.0.1.5 --param destination=10.0.2.7
  flowlogs query rejected-traffic --param network=10.0.0.0/16 -o csv > rejected.csv
  flowlogs query my-question.sql
  flowlogs query port-scan --since 6h --athena --stage prod
  echo 'SELECT action, count(*) AS flows FROM flow_logs GROUP BY action' | flowlogs query -`;

/** Adds `flowlogs query NAME|FILE|-`. */
export function registerQuery(program: Command): void {
  const command = program
    .command('query')
    .summary('ask the lake: a saved query, or SQL of your own')
    .description(
      "Run a saved query, a file with one SQL statement in Athena's dialect, or SQL from standard input (-), on the folder " +
        'of a lake or on Athena.',
    )
    .argument('<name>', 'name of a saved query (see "flowlogs queries"), a file, or -')
    .addOption(lakeOption())
    .option('--param <name=value>', 'value of a parameter; can be repeated', collectParameter)
    .option('--since <time>', 'only records from this time on')
    .option('--until <time>', 'only records before this time')
    .addOption(outputOption());
  addEngineOptions(command)
    .addHelpText('after', EXAMPLES)
    .action(async (name: string, options: QueryOptions) => {
      const query = await readQuery(name);
      const range = timeRange(query, options);
      const values = options.param ?? new Map<string, string>();
      const sql = renderQuery(query, values, range);
      const engine = await openEngine(options);
      if (isCutToDay(query, options)) {
        const until = options.until === undefined ? '' : ` before ${options.until}`;
        note(
          `Without --since Athena reads 24 hours${until}. --since 30d, or --since 2026-01-01, reads more.`,
        );
      }
      try {
        const result = await engine.run(sql);
        process.stdout.write(formatResult(result, options.output, process.stdout.columns));
        const limit = values.get('limit') ?? query.parameters.find((p) => p.name === 'limit')?.default;
        if (result.rows.length > 0 && result.rows.length === Number(limit)) {
          note(`Stopped at limit=${limit}; there may be more rows. --param limit=N prints more.`);
        }
        if ('fields' in query) await noteMissingFields(engine, query, range);
      } finally {
        engine.close();
      }
    });
}

const DAY_SECONDS = 86_400;

/**
 * The range that the options mean. Without a beginning it is the whole lake on a laptop, whose lake is small and free to
 * read, and a day on Athena, where nobody shall scan years by accident.
 */
function timeRange(query: Query, options: QueryOptions): TimeRange {
  const now = Date.now() / 1000;
  const range = parseTimeRange(options, now);
  return isCutToDay(query, options)
    ? { ...range, since: Math.floor(range.until ?? now) - DAY_SECONDS }
    : range;
}

function isCutToDay(query: Query, { athena, since }: QueryOptions): boolean {
  return athena === true && since === undefined && takesTimeRange(query);
}

/** Says which of the fields that a query needs the logs do not have. The answer is there already, so nothing fails. */
async function noteMissingFields(engine: QueryEngine, query: SavedQuery, range: TimeRange): Promise<void> {
  if (kindsOf(query.sql).length === 0) return;
  try {
    const { rows } = await engine.run(formatsStatement(range));
    const missing = missingFieldsNote(
      query,
      rows.map(([format]) => String(format)),
    );
    if (missing !== undefined) note(missing);
  } catch (error) {
    const { message } = error as Error;
    note(`Whether the logs have the fields that ${query.name} needs is unknown: ${message}`, {
      keepLineFeeds: true,
    });
  }
}

async function readQuery(name: string): Promise<Query | SavedQuery> {
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
