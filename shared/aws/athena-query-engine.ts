import {
  type AthenaClient,
  type ColumnInfo,
  type GetQueryResultsCommandOutput,
  paginateGetQueryResults,
  type QueryExecution,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import {
  ONLY_READS,
  type QueryEngine,
  type QueryResult,
  type QueryValue,
} from '../../athena/query-engine.ts';
import { decimalNumber, distinctNames, isoTime, wholeNumber } from '../../athena/query-values.ts';
import { onlyReads } from '../../athena/sql-text.ts';
import { athenaQueryError } from './athena-query-error.ts';
import { type AthenaTarget, endOfStatement, StatementError, startStatement } from './athena-statement.ts';

/** How far a query is. */
export interface QueryProgress {
  readonly queryId: string;
  /** Athena's word: QUEUED, RUNNING, SUCCEEDED, FAILED, CANCELLED. */
  readonly state: string;
  /** Whole seconds since it was started. */
  readonly seconds: number;
  readonly scannedBytes: number;
}

/**
 * Athena as a query engine. Values are what DuckDB gives (QueryValue), but for arrays, maps, rows and binary values: of
 * these Athena gives a text only, `[10.0.0.1, 10.0.0.2]`, which cannot be read back and is passed on as it is. Ask for
 * `array_join(…)` or `json_format(CAST(… AS json))` where that matters.
 *
 * @param onProgress is told of a query's state each time Athena is asked, the last time when the query has ended
 * @param signal stops the running query, which costs money, and all later ones
 */
export function athenaQueryEngine(
  athena: AthenaClient,
  target: AthenaTarget,
  onProgress: (progress: QueryProgress) => void,
  signal: AbortSignal,
): QueryEngine {
  async function run(sql: string): Promise<QueryResult> {
    signal.throwIfAborted();
    // Not with the signal: a start whose answer nobody hears could not be stopped.
    const id = await startStatement(athena, sql, target);
    const started = performance.now();
    const watch = ({ Status, Statistics }: QueryExecution) =>
      onProgress({
        queryId: id,
        state: Status?.State ?? 'QUEUED',
        seconds: Math.round((performance.now() - started) / 1000),
        scannedBytes: Statistics?.DataScannedInBytes ?? 0,
      });
    let execution: QueryExecution;
    try {
      execution = await endOfStatement(athena, id, signal, watch);
    } catch (error) {
      // Whatever keeps us from waiting for the answer: nobody else will read it.
      if (!(error instanceof StatementError)) await stop(athena, id, error);
      throw error;
    }
    return results(athena, id, execution, signal);
  }

  return {
    async run(sql) {
      if (!onlyReads(sql)) throw new Error(ONLY_READS);
      try {
        return await run(sql);
      } catch (error) {
        if (signal.aborted) throw new Error('Interrupted: the query was stopped.', { cause: error });
        throw athenaQueryError(error, target);
      }
    },
    close: () => athena.destroy(),
  };
}

async function stop(athena: AthenaClient, id: string, cause: unknown): Promise<void> {
  try {
    await athena.send(new StopQueryExecutionCommand({ QueryExecutionId: id }));
  } catch (error) {
    throw new Error(
      `The query ${id} may still be running and cost money, because it could not be stopped ` +
        `(${(error as Error).message}). Stop it in Athena's console, or with ` +
        `"aws athena stop-query-execution --query-execution-id ${id}".`,
      { cause },
    );
  }
}

async function results(
  athena: AthenaClient,
  id: string,
  execution: QueryExecution,
  signal: AbortSignal,
): Promise<QueryResult> {
  let columns: readonly ColumnInfo[] = [];
  let readers: readonly ((text: string) => QueryValue)[] = [];
  const rows: QueryValue[][] = [];
  const pages = paginateGetQueryResults(
    { client: athena, pageSize: MAX_ROWS_OF_PAGE },
    { QueryExecutionId: id },
    {
      abortSignal: signal,
    },
  );
  let isFirst = true;
  for await (const page of pages) {
    const texts = textsOf(page);
    if (isFirst) {
      columns = page.ResultSet?.ResultSetMetadata?.ColumnInfo ?? [];
      readers = columns.map(({ Type }) => readerOf(Type));
      if (hasHeader(execution, columns, texts[0])) texts.shift();
      isFirst = false;
    }
    for (const row of texts) {
      rows.push(readers.map((read, index) => (row[index] === undefined ? null : read(row[index]))));
    }
  }
  const names = distinctNames(columns.map(({ Name }) => Name ?? ''));
  return {
    columns: columns.map(({ Type }, index) => ({
      name: names[index] ?? '',
      kind: isNumber(Type) ? 'number' : 'text',
    })),
    rows,
  };
}

/** A limit of Athena's. */
const MAX_ROWS_OF_PAGE = 1000;

/** The values of a page, row by row. Athena leaves out the text of a NULL; an empty text is there. */
function textsOf({ ResultSet }: GetQueryResultsCommandOutput): (string | undefined)[][] {
  return (ResultSet?.Rows ?? []).map(({ Data = [] }) => Data.map(({ VarCharValue }) => VarCharValue));
}

/** Of a SELECT, and of nothing else, the first row of the first page repeats the columns' names. */
function hasHeader(
  { StatementType }: QueryExecution,
  columns: readonly ColumnInfo[],
  row: readonly (string | undefined)[] | undefined,
): boolean {
  return (
    StatementType === 'DML' && row !== undefined && columns.every(({ Name }, index) => row[index] === Name)
  );
}

const WHOLE_NUMBERS = new Set(['tinyint', 'smallint', 'integer', 'bigint']);
const FLOATS = new Set(['float', 'real', 'double']);

function isNumber(type: string | undefined): boolean {
  return type !== undefined && (WHOLE_NUMBERS.has(type) || FLOATS.has(type) || type === 'decimal');
}

/** How a column's texts become values. Types are named as the API names them, which gives neither lengths nor elements. */
function readerOf(type: string | undefined): (text: string) => QueryValue {
  if (type === undefined) return String;
  if (WHOLE_NUMBERS.has(type)) return (text) => wholeNumber(BigInt(text));
  if (FLOATS.has(type)) return Number;
  if (type === 'decimal') return decimalNumber;
  if (type === 'boolean') return (text) => text === 'true';
  if (type.startsWith('timestamp')) return isoTime;
  return String;
}
