import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HiveSQL } from 'dt-sql-parser/dist/parser/hive/index.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  newestStatement,
  outsideOfNatStatement,
  rowsStatement,
  stretchesStatement,
  surveyStatement,
  transitStatement,
} from '../../athena/explain/statements.ts';
import { formatsStatement } from '../../athena/missing-fields.ts';
import { addPartitionsStatement } from '../../athena/partition-statements.ts';
import type { QueryEngine } from '../../athena/query-engine.ts';
import { renderQuery, type SavedQuery } from '../../athena/query-file.ts';
import type { ParameterType } from '../../athena/query-parameters.ts';
import { savedQueries } from '../../athena/saved-queries.ts';
import { SHARED_FUNCTIONS } from '../../athena/shared-functions.ts';
import { openLake } from '../../local/duckdb.ts';
import { emptyLake, flow, writeRecords } from '../local/lake-fixture.ts';
import { readTrino } from './trino-sql.ts';

const ATHENA = join(import.meta.dirname, '../../athena');
const read = (path: string) => readFileSync(join(ATHENA, path), 'utf8');
const filesOf = (pattern: string) => globSync(pattern, { cwd: ATHENA }).sort();

const RANGE = { since: 1_795_150_800, until: 1_795_237_200 };
const SCOPE = { accounts: ['123456789010'], regions: ['eu-west-1'] };
const INTERVAL = { start: RANGE.since, end: RANGE.until };
const END = { addresses: ['10.0.0.1'], networks: ['10.0.0.0/8'], interfaceIds: ['eni-a'] };
const TRAFFIC = { source: END, destination: END, protocol: 6, port: 443 };

/** A value of each type; numbers are such that a division by one is found out. */
const VALUES: Readonly<Record<ParameterType, string>> = {
  address: '10.0.0.1',
  cidr: '10.0.0.0/8',
  port: '0',
  day: '2026-11-20',
  count: '0',
  number: '0.5',
  text: "it's",
};

interface Statement {
  readonly name: string;
  readonly sql: string;
  /** Where a line of the SQL stands. */
  place(line: number): string;
}

function ofQuery(query: SavedQuery): Statement {
  const path = `queries/${query.name}.sql`;
  const file = read(path).trimEnd().split('\n');
  const lines = query.sql.split('\n');
  // From its end on the SQL has the file's lines, up to what stands for a placeholder of several lines.
  const same = lines.findLastIndex((line, index) => line !== file[file.length - lines.length + index]) + 1;
  const place = (line: number) =>
    line > same
      ? `athena/${path}:${line + file.length - lines.length}`
      : `athena/${path} at "${lines[line - 1]?.trim()}":`;
  const values = new Map(query.parameters.map(({ name, type }) => [name, VALUES[type]]));
  return { name: query.name, sql: renderQuery(query, values, RANGE), place };
}

function ofView(path: string): Statement {
  return { name: path, sql: read(path), place: (line) => `athena/${path}:${line}` };
}

function ofCode(code: Readonly<Record<string, string>>): Statement[] {
  return Object.entries(code).map(([name, sql]) => ({
    name,
    sql,
    place: (line) => `${name}, line ${line} of its SQL: ${sql.split('\n')[line - 1]?.trim()}:`,
  }));
}

const QUERIES = [
  ...(await savedQueries()).map(ofQuery),
  ...ofCode({
    formatsStatement: formatsStatement(RANGE),
    newestStatement: newestStatement(RANGE.until),
    outsideOfNatStatement: outsideOfNatStatement(['eni-n'], TRAFFIC, INTERVAL, SCOPE),
    rowsStatement: rowsStatement(TRAFFIC, INTERVAL, INTERVAL.end, SCOPE),
    stretchesStatement: stretchesStatement(['eni-a'], INTERVAL, SCOPE),
    surveyStatement: surveyStatement({ ...END, instanceIds: ['i-a'] }, INTERVAL, INTERVAL, SCOPE),
    transitStatement: transitStatement(TRAFFIC, INTERVAL, SCOPE),
  }),
];
const VIEWS = filesOf('views/*.sql').map(ofView);

/** What no SELECT is: Athena takes DDL in Hive's grammar. */
const DDL: readonly (readonly [string, string])[] = [
  ...filesOf('tables/*.sql').map((path) => [`athena/${path}`, read(path)] as const),
  [
    'addPartitionsStatement',
    addPartitionsStatement('lake', 'flow_logs', [
      { table: 'flow_logs', accountId: '123456789010', region: 'eu-west-1', day: '2026-11-20', hour: '05' },
    ]),
  ],
];

const readings = new Map(
  [...VIEWS, ...QUERIES].map((statement) => [statement, readTrino(statement.sql)] as const),
);

describe.each([...readings].map(([statement, reading]) => [statement.name, statement, reading] as const))(
  '%s',
  (_, statement, { problems, calls }) => {
    test('is SQL that Athena and DuckDB share', () => {
      expect(problems.map(({ line, text }) => `${statement.place(line)} ${text}`)).toEqual([]);
      expect(calls.size).toBeGreaterThan(0);
    });
  },
);

describe('DuckDB', () => {
  let lake: Awaited<ReturnType<typeof emptyLake>>;
  let engine: QueryEngine;
  beforeAll(async () => {
    lake = await emptyLake();
    await writeRecords(lake.folder, [flow({})]);
    engine = await openLake(lake.folder);
  });
  afterAll(async () => {
    engine.close();
    await lake.remove();
  });

  test.each(QUERIES.map(({ name, sql }) => [name, sql]))('runs %s', async (_, sql) => {
    expect((await engine.run(sql)).columns).not.toEqual([]);
  });
});

test.each(DDL)('%s is in the grammar of Hive', (_, sql) => {
  expect(new HiveSQL().validate(sql)).toEqual([]);
});

test('no statement that the code makes is missing here', async () => {
  const modules = await Promise.all(filesOf('**/*.ts').map((path) => import(join(ATHENA, path))));
  const made = modules.flatMap((module) => Object.keys(module)).filter((name) => /Statement$/.test(name));
  // Those of tables and views are written to files, oneStatement() cuts SQL that others made.
  const elsewhere = ['createTableStatement', 'createViewStatement', 'oneStatement'];
  const here = [...QUERIES.map(({ name }) => name), ...DDL.map(([name]) => name), ...elsewhere];
  expect(made.filter((name) => !here.includes(name))).toEqual([]);
  expect(made.length).toBeGreaterThan(elsewhere.length);
});

test('each function of the list is used, or says what it is kept for', () => {
  const calls = new Set([...readings.values()].flatMap((reading) => [...reading.calls]));
  const isUsed = (name: string, parameters: readonly string[]) =>
    parameters.at(-1) === '...'
      ? [...calls].some((call) => call.startsWith(`${name}/`))
      : calls.has(`${name}/${parameters.length}`);
  const used = SHARED_FUNCTIONS.map(({ name, parameters, keptFor }) => ({
    call: `${name}(${parameters.join(', ')})`,
    isUsed: isUsed(name, parameters) ? true : keptFor !== undefined,
    keptForNothing: isUsed(name, parameters) && keptFor !== undefined,
  }));
  expect(used.filter(({ isUsed, keptForNothing }) => !isUsed || keptForNothing)).toEqual([]);
});

describe('planted mistakes', () => {
  const SYNTAX = [
    ['columns left out', 'SELECT * EXCLUDE (bytes) FROM flow_logs'],
    ['QUALIFY', 'SELECT bytes FROM flow_logs QUALIFY row_number() OVER (ORDER BY bytes) = 1'],
    ['integer division', 'SELECT bytes // 2 AS half FROM flow_logs'],
    ['a comma too many', 'SELECT bytes, FROM flow_logs'],
    ['GROUP BY ALL', 'SELECT action, count(*) AS flows FROM flow_logs GROUP BY ALL'],
    ['a cast with colons', 'SELECT bytes::varchar AS bytes FROM flow_logs'],
    ['FROM first', 'FROM flow_logs'],
    ['a list in brackets', 'SELECT [bytes] AS list FROM flow_logs'],
    ['a struct in braces', "SELECT {'bytes': bytes} AS row FROM flow_logs"],
    ['a lambda of DuckDB', 'SELECT array_sort(lambda x: x) AS x FROM flow_logs'],
    ['a reserved word as a column', 'SELECT end FROM flow_logs'],
    ['ILIKE', "SELECT bytes FROM flow_logs WHERE action ILIKE 'accept'"],
    ['OFFSET after LIMIT', 'SELECT bytes FROM flow_logs LIMIT 10 OFFSET 5'],
    ['an interval without quotes', 'SELECT bytes FROM flow_logs WHERE start_time > INTERVAL 1 DAY'],
    ['a half sentence', 'SELECT bytes FROM'],
  ] as const;
  test.each(SYNTAX)('%s is no Trino', (_, sql) => {
    expect(readTrino(sql).problems[0]?.text).toMatch(
      /^is no Trino: .*(not valid|incomplete|failed predicate)/,
    );
  });

  const PLANTED: readonly (readonly [string, string])[] = [
    // Functions of one engine only.
    ['SELECT list_sum(ARRAY[bytes]) AS x FROM flow_logs', 'list_sum() with 1 arguments'],
    ["SELECT regexp_matches(action, 'A') AS x FROM flow_logs", 'regexp_matches() with 2 arguments'],
    ["SELECT json_extract_scalar(action, '$') AS x FROM flow_logs", 'json_extract_scalar() with 2 arguments'],
    ['SELECT COLUMNS(*) AS x FROM flow_logs', 'columns() with 1 arguments'],
    ['SELECT array_agg(bytes) AS x, approx_set(bytes) AS y FROM flow_logs', 'approx_set() with 1 arguments'],
    // Hidden in what surrounds them.
    ['SELECT sum(bytes) FILTER (WHERE hash(bytes) = 1) AS x FROM flow_logs', 'hash() with 1'],
    ['SELECT array_agg(bytes ORDER BY hash(bytes)) AS x FROM flow_logs', 'hash() with 1'],
    ['SELECT sum(bytes) OVER (PARTITION BY hash(bytes)) AS x FROM flow_logs', 'hash() with 1'],
    [
      'SELECT CASE WHEN TRY_CAST(hash(bytes) AS varchar) IN (action) THEN 1 END AS x FROM flow_logs',
      'hash() with 1',
    ],
    ['SELECT x FROM flow_logs CROSS JOIN UNNEST(hash(bytes)) AS t (x)', 'hash() with 1'],
    ['SELECT x FROM (SELECT hash(bytes) AS x FROM flow_logs) ORDER BY x', 'hash() with 1'],
    ['WITH t AS (SELECT hash(bytes) AS x FROM flow_logs) SELECT x FROM t', 'hash() with 1'],
    ['SELECT action FROM flow_logs GROUP BY action HAVING hash(action) > 1', 'hash() with 1'],
    // Another number of arguments.
    ["SELECT array_sort(array_agg(bytes), 'DESC') AS x FROM flow_logs", 'array_sort() with 2 arguments'],
    ["SELECT regexp_extract(action, 'A') AS x FROM flow_logs", 'regexp_extract() with 2 arguments'],
    // Syntax that the engines write or read differently.
    ['SELECT count(bytes -> 1) AS x FROM flow_logs', '(Lambda)'],
    ['SELECT array_agg(bytes)[1] AS x FROM flow_logs', '(Subscript)'],
    ['SELECT EXTRACT(HOUR FROM start_time) AS x FROM flows', '(Extract)'],
    ['SELECT ROW(bytes, packets) AS x FROM flow_logs', '(RowConstructor)'],
    ['SELECT bytes FROM flow_logs TABLESAMPLE BERNOULLI (10)', '(SampleType)'],
    ['SELECT bytes FROM flow_logs WHERE bytes = (SELECT max(bytes) FROM flow_logs)', '(SubqueryExpression)'],
    ['SELECT first_value(bytes) IGNORE NULLS OVER (ORDER BY start) AS x FROM flow_logs', '(NullTreatment)'],
    ['SELECT `bytes` FROM flow_logs', '(BackQuotedIdentifier)'],
    ['SELECT bytes FROM flow_logs UNION SELECT packets FROM flow_logs', '(SetOperation)'],
    ['SELECT bytes FROM flow_logs; SELECT bytes FROM flow_logs', 'must be one statement'],
    ['SELECT flow_logs.bytes FROM flow_logs ASOF JOIN receipts ON true', 'gives a name without AS'],
    ['SELECT bytes size FROM flow_logs', 'gives a name without AS'],
    // Types.
    ['SELECT CAST(bytes AS hugeint) AS x FROM flow_logs', 'hugeint is not a type'],
    ["SELECT uuid '1' AS x FROM flow_logs", 'uuid is not a type'],
    ["SELECT CAST('1.5' AS bigint) AS x FROM flow_logs", 'CAST to bigint takes NULL only'],
    ["SELECT bytes FROM flow_logs WHERE dstport = '22'", 'compares a text with a number'],
    ["SELECT bytes FROM flow_logs WHERE 1 IN (traffic_path, '2')", 'compares a text with a number'],
    ['SELECT bytes FROM flow_logs WHERE (hour) BETWEEN 5 AND 6', 'compares a text with a number'],
    ['SELECT bytes FROM flow_logs WHERE account_id IS DISTINCT FROM 123456789010', 'compares a text with a'],
    // Division.
    ['SELECT bytes / packets AS x FROM flow_logs', 'may divide by zero'],
    ['SELECT bytes % (packets) AS x FROM flow_logs', 'may divide by zero'],
    ['SELECT bytes / 0 AS x FROM flow_logs', 'may divide by zero'],
    ['SELECT bytes / nullif(packets, 1) AS x FROM flow_logs', 'may divide by zero'],
    ['SELECT 100.0 * bytes / nullif(packets, 0) AS x FROM flow_logs', 'divides decimals'],
    // Regular expressions.
    ["SELECT action FROM flow_logs WHERE regexp_like(action, '^(?=A)')", 'uses "(?"'],
    ["SELECT action FROM flow_logs WHERE regexp_like(action, '(A)\\1')", 'uses "\\1"'],
    ["SELECT action FROM flow_logs WHERE regexp_like(action, '[[:alpha:]]')", 'uses "[["'],
    ["SELECT action FROM flow_logs WHERE regexp_like(action, 'A++')", 'uses "++"'],
    ['SELECT action FROM flow_logs WHERE regexp_like(action, srcaddr)', 'must have its pattern as a literal'],
    // Names.
    ['SELECT bytes + 1 AS more, more * 2 AS twice FROM flow_logs', '"more" is named by this SELECT itself'],
    ['SELECT bytes + 1 AS more FROM flow_logs WHERE more > 2', '"more" is named by this SELECT itself'],
    [
      'SELECT lower AS x, count(*) AS flows FROM (SELECT action AS lower FROM flow_logs) GROUP BY x',
      '"x" is named',
    ],
    ['SELECT count(*) AS flows FROM flow_logs HAVING flows > 2', '"flows" is named by this SELECT itself'],
    [
      'SELECT sum(bytes) AS bytes FROM flow_logs ORDER BY abs(bytes)',
      'refuses such names in functions of ORDER BY',
    ],
    ['SELECT nothing FROM flow_logs', '"nothing" is no column'],
    ['WITH t AS (SELECT bytes AS size FROM flow_logs) SELECT bytes FROM t', '"bytes" is no column'],
    ['SELECT bytes FROM flow_logs ORDER BY nothing', '"nothing" is no column that ORDER BY knows'],
  ];
  test.each(PLANTED)('%s', (sql, problem) => {
    expect(readTrino(sql).problems.map(({ text }) => text)).toEqual([expect.stringContaining(problem)]);
  });

  test('are found on their line, and all of them', () => {
    const sql = 'SELECT\n  hash(bytes) AS a,\n  bytes / packets AS b\nFROM flow_logs';
    expect(readTrino(sql).problems.map(({ line }) => line)).toEqual([2, 3]);
    expect(readTrino('SELECT\n  bytes,\n  ,\nFROM flow_logs').problems[0]?.line).toBe(3);
  });

  test('are not seen in what both engines share', () => {
    const sql = `WITH t AS (
  SELECT action, sum(bytes) AS bytes, count(*) AS flows, max("end") AS last
  FROM flow_logs AS f
  WHERE regexp_like(srcaddr, '^10\\.[0-9]{1,3}(\\.|:)') AND TRY_CAST(srcaddr AS ipaddress) IS NOT NULL
  GROUP BY 1
  HAVING sum(bytes) / 2 > 1
)
SELECT action, t.bytes / nullif(flows, 0) AS mean, CAST(bytes AS double) / greatest(flows, 1) AS exact
FROM t
CROSS JOIN UNNEST(ARRAY[1, 2]) AS numbers (number)
WHERE number = 1
ORDER BY mean DESC, last`;
    expect(readTrino(sql)).toEqual({
      problems: [],
      calls: new Set(['sum/1', 'count/1', 'max/1', 'regexp_like/2', 'nullif/2', 'greatest/2']),
    });
  });
});
