import {
  AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  InvalidRequestException,
  type QueryExecution,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { type AwsStub, mockClient } from 'aws-sdk-client-mock';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { QueryEngine } from '../../../athena/query-engine.ts';
import { openLake } from '../../../local/duckdb.ts';
import { athenaQueryEngine, type QueryProgress } from '../../../shared/aws/athena-query-engine.ts';
import { emptyLake, flow, writeRecords } from '../../local/lake-fixture.ts';

vi.mock('node:timers/promises', () => import('../../virtual-sleep.ts'));

type Text = string | undefined;

const ID = 'query-1';
const TARGET = { database: 'flowlogs_test', workgroup: 'flowlogs-test' };

// biome-ignore lint/suspicious/noExplicitAny: the stub's own types name every command
let athena: AwsStub<any, any, any>;
let interruption: AbortController;
let progress: QueryProgress[];

beforeEach(() => {
  vi.useFakeTimers();
  vi.setTimerTickMode('nextTimerAsync');
  athena = mockClient(AthenaClient);
  athena.on(StartQueryExecutionCommand).resolves({ QueryExecutionId: ID });
  athena.on(StopQueryExecutionCommand).resolves({});
  interruption = new AbortController();
  progress = [];
});
afterEach(() => {
  athena.restore();
  vi.useRealTimers();
});

function run(sql = 'SELECT 1') {
  const client = new AthenaClient({ region: 'eu-west-1' });
  const engine = athenaQueryEngine(client, TARGET, (state) => progress.push(state), interruption.signal);
  return engine.run(sql);
}

/** Athena's answers to the question how the query is, one after the other, the last one again and again. */
function states(...executions: readonly QueryExecution[]): void {
  let asked = 0;
  athena.on(GetQueryExecutionCommand).callsFake(() => {
    const QueryExecution = executions[Math.min(asked, executions.length - 1)];
    asked += 1;
    return { QueryExecution };
  });
}

const SUCCEEDED = { Status: { State: 'SUCCEEDED' }, StatementType: 'DML' } as const;
const RUNNING = { Status: { State: 'RUNNING' }, StatementType: 'DML' } as const;

/** Pages of results; the rows are Athena's, with the header. */
function results(columns: readonly (readonly [name: string, type: string])[], ...pages: readonly Text[][][]) {
  const ColumnInfo = columns.map(([Name, Type]) => ({ Name, Type }));
  athena.on(GetQueryResultsCommand).callsFake(({ NextToken }) => {
    const page = Number(NextToken ?? 0);
    return {
      ResultSet: {
        ResultSetMetadata: { ColumnInfo },
        Rows: (pages[page] ?? []).map((row) => ({
          Data: row.map((text) => (text === undefined ? {} : { VarCharValue: text })),
        })),
      },
      ...(page + 1 < pages.length ? { NextToken: String(page + 1) } : {}),
    };
  });
}

describe('an answer', () => {
  test('of a SELECT is without the row that repeats the names, and goes on over pages', async () => {
    states(SUCCEEDED);
    results(
      [
        ['name', 'varchar'],
        ['value', 'varchar'],
      ],
      [
        ['name', 'value'],
        ['a', undefined],
      ],
      [
        ['name', 'value'],
        ['', 'b'],
      ],
    );
    expect(await run('SELECT name, value FROM t')).toEqual({
      columns: [
        { name: 'name', kind: 'text' },
        { name: 'value', kind: 'text' },
      ],
      rows: [
        ['a', null],
        // Only the first page begins with it: this is a record.
        ['name', 'value'],
        ['', 'b'],
      ],
    });
  });

  test('of no row has its columns', async () => {
    states(SUCCEEDED);
    results([['n', 'integer']], [['n']]);
    expect(await run()).toEqual({ columns: [{ name: 'n', kind: 'number' }], rows: [] });
  });

  test('of EXPLAIN keeps its first row', async () => {
    states({ ...SUCCEEDED, StatementType: 'UTILITY' });
    results([['Query Plan', 'varchar']], [['Query Plan'], ['Fragment 0']]);
    expect((await run('EXPLAIN SELECT 1')).rows).toEqual([['Query Plan'], ['Fragment 0']]);
  });

  test('has distinct column names', async () => {
    states(SUCCEEDED);
    const columns = ['a', 'a', 'a:1', 'a'].map((name) => [name, 'varchar'] as const);
    results(columns, [columns.map(([name]) => name), ['1', '2', '3', '4']]);
    expect((await run()).columns.map(({ name }) => name)).toEqual(['a', 'a:1', 'a:1:1', 'a:2']);
  });
});

describe('a value is what DuckDB gives:', () => {
  let lake: Awaited<ReturnType<typeof emptyLake>>;
  let duckdb: QueryEngine;
  beforeAll(async () => {
    lake = await emptyLake();
    await writeRecords(lake.folder, [flow({})]);
    duckdb = await openLake(lake.folder);
  });
  afterAll(async () => {
    duckdb.close();
    await lake.remove();
  });

  test.each<[type: string, text: string, duckdb: string]>([
    ['boolean', 'true', 'true'],
    ['boolean', 'false', 'false'],
    ['tinyint', '-1', 'CAST(-1 AS tinyint)'],
    ['integer', '2147483647', '2147483647'],
    ['bigint', '9007199254740991', '9007199254740991'],
    ['bigint', '9007199254740993', '9007199254740993'],
    ['bigint', '-9223372036854775808', 'CAST(-9223372036854775808 AS bigint)'],
    ['double', '0.1', 'CAST(0.1 AS double)'],
    ['double', '1.0E10', 'CAST(1e10 AS double)'],
    ['double', 'NaN', "CAST('NaN' AS double)"],
    ['double', '-Infinity', "CAST('-Infinity' AS double)"],
    ['float', '0.5', 'CAST(0.5 AS real)'],
    ['decimal', '1.10', 'CAST(1.10 AS decimal(10, 2))'],
    ['decimal', '12345678901234567890.5', 'CAST(12345678901234567890.5 AS decimal(38, 1))'],
    ['varchar', '05', "'05'"],
    ['varchar', 'true', "'true'"],
    ['date', '2026-11-20', "DATE '2026-11-20'"],
    ['timestamp', '2026-11-20 05:00:00.000', "TIMESTAMP '2026-11-20 05:00:00'"],
    ['timestamp', '2026-11-20 05:00:00.120', "TIMESTAMP '2026-11-20 05:00:00.12'"],
    ['timestamp with time zone', '2026-11-20 05:00:00.000 UTC', 'from_unixtime(1795150800)'],
    ['json', '{"a":1}', `'{"a":1}'`],
  ])('%s %s', async (type, text, expression) => {
    const local = await duckdb.run(`SELECT ${expression} AS x`);
    states(SUCCEEDED);
    results([['x', type]], [['x'], [text]]);
    expect(await run()).toEqual(local);
  });
});

test.each([
  ['timestamp with time zone', '2026-11-20 06:00:00.000 Europe/Berlin'],
  ['array', '[10.0.0.1, 10.0.0.2]'],
  ['row', '{address=10.0.0.1, flows=3}'],
  ['varbinary', 'c0 ff ee'],
])('%s stays the text that Athena gives', async (type, text) => {
  states(SUCCEEDED);
  results([['x', type]], [['x'], [text]]);
  expect(await run()).toEqual({ columns: [{ name: 'x', kind: 'text' }], rows: [[text]] });
});

describe('a query', () => {
  test('runs in the database and the workgroup, and tells how far it is', async () => {
    states(
      { Status: { State: 'QUEUED' } },
      { ...RUNNING, Statistics: { DataScannedInBytes: 500 } },
      { ...SUCCEEDED, Statistics: { DataScannedInBytes: 2000 } },
    );
    results([['x', 'varchar']], [['x']]);
    await run('SELECT x FROM flow_logs');
    expect(athena.commandCalls(StartQueryExecutionCommand)[0]!.args[0].input).toMatchObject({
      QueryString: 'SELECT x FROM flow_logs',
      QueryExecutionContext: { Database: 'flowlogs_test' },
      WorkGroup: 'flowlogs-test',
    });
    expect(progress.map(({ state, scannedBytes }) => [state, scannedBytes])).toEqual([
      ['QUEUED', 0],
      ['RUNNING', 500],
      ['SUCCEEDED', 2000],
    ]);
    expect(progress[2]).toMatchObject({ queryId: ID, seconds: expect.any(Number) });
  });

  test.each([
    'DROP TABLE flow_logs',
    'insert into flow_logs select 1',
    '/* SELECT */ CREATE TABLE t AS SELECT 1',
    'EXPLAIN ANALYZE INSERT INTO t SELECT 1',
    "UNLOAD (SELECT 1) TO 's3://elsewhere/' WITH (format = 'JSON')",
  ])('that is more than a question is refused before Athena sees it: %s', async (sql) => {
    await expect(run(sql)).rejects.toThrow('Only SELECT statements can be run');
    expect(athena.calls()).toHaveLength(0);
  });

  test.each([
    '-- why\nWITH t AS (SELECT 1) SELECT * FROM t',
    '(SELECT 1) UNION ALL (SELECT 2)',
    'VALUES 1',
    'EXPLAIN (TYPE DISTRIBUTED) SELECT 1',
    'explain analyze verbose select 1',
  ])('may be written as %j', async (sql) => {
    states(SUCCEEDED);
    results([['x', 'varchar']], [['x']]);
    expect((await run(sql)).rows).toEqual([]);
  });
});

describe('an interruption', () => {
  test('stops the query, which costs money', async () => {
    states(RUNNING);
    setTimeout(() => interruption.abort(), 3000);
    await expect(run()).rejects.toThrow('Interrupted: the query was stopped.');
    expect(athena.commandCalls(StopQueryExecutionCommand).map(({ args }) => args[0].input)).toEqual([
      { QueryExecutionId: ID },
    ]);
  });

  test('while the query is starting stops it, too', async () => {
    states(RUNNING);
    athena.on(StartQueryExecutionCommand).callsFake(() => {
      interruption.abort();
      return { QueryExecutionId: ID };
    });
    athena.on(GetQueryExecutionCommand).callsFake(() => {
      throw new DOMException('Request aborted', 'AbortError');
    });
    await expect(run()).rejects.toThrow('Interrupted');
    expect(athena.commandCalls(StopQueryExecutionCommand)).toHaveLength(1);
  });

  test('starts nothing more', async () => {
    interruption.abort();
    await expect(run()).rejects.toThrow('Interrupted');
    expect(athena.calls()).toHaveLength(0);
  });
});

describe('a query that nobody can wait for any more', () => {
  beforeEach(() => {
    athena.on(GetQueryExecutionCommand).rejects(
      Object.assign(new Error('The security token included in the request is expired'), {
        name: 'ExpiredTokenException',
      }),
    );
  });

  test('is stopped', async () => {
    await expect(run()).rejects.toThrow(/token .* is expired\. Sign in to AWS first/);
    expect(athena.commandCalls(StopQueryExecutionCommand)).toHaveLength(1);
  });

  test('and cannot be stopped is named, with how to stop it', async () => {
    athena.on(StopQueryExecutionCommand).rejects(new Error('expired'));
    await expect(run()).rejects.toThrow(
      `The query ${ID} may still be running and cost money, because it could not be stopped (expired)`,
    );
  });
});

describe('an error says what happened and what to do:', () => {
  test.each<[state: 'FAILED' | 'CANCELLED', reason: string, message: RegExp]>([
    [
      'FAILED',
      "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.flowlogs_test.flow_logs' does not exist",
      /^Athena could not run the query: TABLE_NOT_FOUND.* does not exist\. Is the stack deployed, .*database flowlogs_test\?/,
    ],
    ['FAILED', "SCHEMA_NOT_FOUND: line 1:15: Schema 'flowlogs_test' does not exist", /Is the stack deployed/],
    [
      'FAILED',
      "SYNTAX_ERROR: line 1:8: Column 'nope' cannot be resolved",
      /cannot be resolved\. Change the SQL/,
    ],
    [
      'FAILED',
      "COLUMN_NOT_FOUND: line 2:5: Column 'x' cannot be resolved or requester is not authorized to access requested resources",
      /Change the SQL/,
    ],
    ['FAILED', 'DIVISION_BY_ZERO: Division by zero', /Change the SQL/],
    [
      'FAILED',
      'Query exhausted resources at this scale factor',
      /too much for Athena at once\. Narrow the time range/,
    ],
    ['FAILED', 'Query timeout', /Narrow the time range/],
    [
      'CANCELLED',
      'Query cancelled! : Bytes scanned limit was exceeded',
      /^Athena cancelled the query: .* The workgroup flowlogs-test .* for "flowlogs explain" also the accounts \(--account\), .*athena\.scanLimitGb/,
    ],
    ['FAILED', 'Access denied when writing output to url: s3://b/athena-results/x.csv', /ReaderPolicyArn/],
    ['FAILED', 'Insufficient permissions to execute the query. User is not authorized', /Lake Formation/],
    ['FAILED', 'HIVE_BAD_DATA: Error parsing a column', /object of the lake cannot be read/],
    [
      'FAILED',
      'GENERIC_INTERNAL_ERROR: something',
      /^Athena could not run the query: GENERIC_INTERNAL_ERROR: something\.$/,
    ],
  ])('%s %s', async (State, StateChangeReason, message) => {
    states({ Status: { State, StateChangeReason } });
    await expect(run()).rejects.toThrow(message);
    expect(athena.commandCalls(StopQueryExecutionCommand)).toHaveLength(0);
  });

  test('a failure that Athena calls retryable', async () => {
    states({
      Status: { State: 'FAILED', StateChangeReason: 'Internal error.', AthenaError: { Retryable: true } },
    });
    await expect(run()).rejects.toThrow('Internal error. It may succeed another time: try again.');
  });

  test.each<[error: Error, message: RegExp]>([
    [
      new InvalidRequestException({ message: 'WorkGroup flowlogs-test is not found.', $metadata: {} }),
      /^Athena could not be asked: WorkGroup flowlogs-test is not found\. Is the stack deployed, in this account and Region\?/,
    ],
    [
      new InvalidRequestException({ message: 'No output location provided.', $metadata: {} }),
      /does not say where results go/,
    ],
    [
      named('AccessDeniedException', 'User: x is not authorized to perform: athena:StartQueryExecution'),
      /ReaderPolicyArn/,
    ],
    [
      named('CredentialsProviderError', 'Could not load credentials from any providers'),
      /Sign in to AWS first/,
    ],
    [named('Error', 'Region is missing'), /add --region NAME/],
    [named('Error', 'getaddrinfo ENOTFOUND athena.eu-west-9.amazonaws.com'), /could not be reached/],
    [named('TooManyRequestsException', 'Rate exceeded'), /Try again in a minute/],
  ])('%s', async (error, message) => {
    athena.on(StartQueryExecutionCommand).rejects(error);
    await expect(run()).rejects.toThrow(message);
  });
});

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}
