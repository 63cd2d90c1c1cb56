import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AthenaAnswer, type AthenaRequest, athenaStandIn } from './athena-stand-in.ts';
import { runFlowlogs } from './run-flowlogs.ts';

const VERSION_2 = 'version account-id interface-id srcaddr dstaddr packets bytes start end action log-status';

let folder: string;
let athena: Awaited<ReturnType<typeof athenaStandIn>>;
/** How a query is whenever the command asks. */
let state: object;
let stateOf: (sql: string) => object;
/** The rows of an answer, without the header. */
let answerOf: (sql: string) => { columns: [name: string, type: string][]; rows: (string | undefined)[][] };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flowlogs-athena-'));
  state = { Status: { State: 'SUCCEEDED' }, Statistics: { DataScannedInBytes: 12_345_678 } };
  stateOf = () => state;
  answerOf = (sql) =>
    sql.includes('UNNEST(formats)')
      ? { columns: [['format', 'varchar']], rows: [[VERSION_2]] }
      : {
          columns: [
            ['port', 'integer'],
            ['records', 'bigint'],
          ],
          rows: [
            ['22', '9007199254740993'],
            [undefined, '1'],
          ],
        };
  athena = await athenaStandIn(answer);
});
afterEach(async () => {
  await athena.close();
  await rm(folder, { recursive: true });
});

function answer({ operation, input }: AthenaRequest): AthenaAnswer {
  if (operation === 'StartQueryExecution') return { QueryExecutionId: `query-${started().length}` };
  const sql = started()[Number(input.QueryExecutionId.slice('query-'.length)) - 1]!.QueryString;
  if (operation === 'GetQueryExecution') return { QueryExecution: { StatementType: 'DML', ...stateOf(sql) } };
  if (operation !== 'GetQueryResults') return {};
  const { columns, rows } = answerOf(sql);
  const header = columns.map(([name]) => name);
  return {
    ResultSet: {
      ResultSetMetadata: { ColumnInfo: columns.map(([Name, Type]) => ({ Name, Type })) },
      Rows: [header, ...rows].map((row) => ({ Data: row.map((text) => ({ VarCharValue: text })) })),
    },
  };
}

const inputs = (operation: string) =>
  athena.requests.filter((request) => request.operation === operation).map(({ input }) => input);
const started = () => inputs('StartQueryExecution');

function flowlogs(
  args: readonly string[],
  { env = {}, ...surroundings }: Parameters<typeof runFlowlogs>[2] = {},
) {
  // A home without any AWS configuration.
  return runFlowlogs(folder, args, { ...surroundings, env: { HOME: folder, ...athena.env, ...env } });
}

const STAGE = ['--athena', '--stage', 'prod-eu'];

describe('query --athena', () => {
  test('runs a saved query in the database and the workgroup of the stage', async () => {
    const { status, stdout, stderr } = await flowlogs([
      'query',
      'top-rejected-ports',
      ...STAGE,
      '--since',
      '2026-11-20',
    ]);
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: 'port           records\n  22  9007199254740993\n   -                 1\n',
    });
    expect(started()[0]).toMatchObject({
      QueryExecutionContext: { Database: 'flowlogs_prod_eu' },
      WorkGroup: 'flowlogs-prod-eu',
      QueryString: expect.stringContaining("day >= '2026-11-19'"),
    });
    expect(stderr).toContain(
      'No flow log in this time range has the fields dstport and protocol: the answer lacks what depends on them.',
    );
    expect(stderr).toMatch(
      /Athena scanned 24\.7 MB in 2 queries: less than \$0\.01 \(list price of us-east-1, \w+ \d{4}\)\.\n$/,
    );
  });

  test('gives the same outputs as a lake', async () => {
    const ask = async (output: string) =>
      (await flowlogs(['query', 'top-rejected-ports', ...STAGE, '-o', output])).stdout;
    expect(await ask('csv')).toBe('port,records\r\n22,9007199254740993\r\n,1\r\n');
    expect(await ask('json')).toBe(
      '[\n{"port":22,"records":9007199254740993},\n{"port":null,"records":1}\n]\n',
    );
  });

  test('reads a day if no beginning is given, and says so', async () => {
    const { stderr } = await flowlogs(['query', 'top-rejected-ports', ...STAGE]);
    expect(stderr).toContain('Without --since Athena reads 24 hours. --since 30d');
    const [, since] = /start >= (\d+)/.exec(started()[0]?.QueryString) ?? [];
    expect(Math.abs(Number(since) - (Date.now() / 1000 - 86_400))).toBeLessThan(120);
    const until = await flowlogs(['query', 'top-rejected-ports', ...STAGE, '--until', '2026-11-20']);
    expect(until.stderr).toContain('Athena reads 24 hours before 2026-11-20.');
    expect(started().at(-2)?.QueryString).toContain(`start >= ${Date.UTC(2026, 10, 19) / 1000}`);
  });

  test('leaves SQL of the user as it is', async () => {
    const input = 'SELECT port, records FROM flow_logs';
    const { status, stderr } = await flowlogs(['query', '-', ...STAGE], { input });
    expect(status).toBe(0);
    expect(started().map(({ QueryString }) => QueryString)).toEqual([input]);
    expect(stderr).toBe(
      `Athena scanned 12.3 MB: less than $0.01 (list price of us-east-1, November 2026).\n`,
    );
  });

  test('estimates what large scans cost', async () => {
    state = { ...state, Statistics: { DataScannedInBytes: 2e12 } };
    const { stderr } = await flowlogs(['query', '-', ...STAGE], { input: 'SELECT 1' });
    expect(stderr).toMatch(/^Athena scanned 2\.0 TB: about \$10\.00 /);
  });

  test('takes another database, workgroup and Region, and the stage of the environment', async () => {
    const input = 'SELECT 1';
    await flowlogs(['query', '-', '--athena', '--database', 'mine', '--region', 'eu-north-1'], { input });
    expect(started().at(-1)).toMatchObject({
      QueryExecutionContext: { Database: 'mine' },
      WorkGroup: 'primary',
    });
    expect(athena.requests.at(-1)?.signedFor).toContain('/eu-north-1/athena/');
    await flowlogs(['query', '-', '--athena', '--workgroup', 'ours'], {
      input,
      env: { FLOWLOGS_STAGE: 'dev' },
    });
    expect(started().at(-1)).toMatchObject({
      QueryExecutionContext: { Database: 'flowlogs_dev' },
      WorkGroup: 'ours',
    });
  });

  test('takes credentials and Region of a profile', async () => {
    const config = join(folder, 'config');
    await writeFile(
      config,
      '[profile audit]\nregion = ap-south-1\naws_access_key_id = auditor\naws_secret_access_key = secret\n',
    );
    const env = { AWS_CONFIG_FILE: config, AWS_REGION: undefined };
    await flowlogs(['query', '-', ...STAGE, '--profile', 'audit'], { input: 'SELECT 1', env });
    expect(athena.requests[0]?.signedFor).toMatch(/^auditor\/\d{8}\/ap-south-1\/athena\//);
  });

  test('stops the query on Ctrl-C, and says that it did', async () => {
    state = { Status: { State: 'RUNNING' }, Statistics: { DataScannedInBytes: 5_000_000 } };
    const { status, stdout, stderr } = await flowlogs(['query', 'top-rejected-ports', ...STAGE], {
      onStart: (child) => {
        const timer = setInterval(() => {
          if (inputs('GetQueryExecution').length < 2) return;
          clearInterval(timer);
          child.kill('SIGINT');
        }, 50);
      },
    });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(inputs('StopQueryExecution')).toEqual([{ QueryExecutionId: 'query-1' }]);
    expect(stderr).toContain('Athena scanned 5.0 MB: less than $0.01');
    expect(stderr).toMatch(/flowlogs: Interrupted: the query was stopped\.\n$/);
  });

  test('says what to do if the stack is not there', async () => {
    state = {
      Status: {
        State: 'FAILED',
        StateChangeReason: "SCHEMA_NOT_FOUND: line 1:15: Schema 'flowlogs_prod_eu' does not exist",
      },
    };
    const { status, stdout, stderr } = await flowlogs(['query', 'top-talkers', ...STAGE]);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain("Schema 'flowlogs_prod_eu' does not exist. Is the stack deployed");
  });

  test('has its answer even if nobody can tell whether fields are missing', async () => {
    const succeeds = state;
    stateOf = (sql) =>
      sql.includes('UNNEST(formats)')
        ? { Status: { State: 'FAILED', StateChangeReason: 'no luck' } }
        : succeeds;
    const { status, stdout, stderr } = await flowlogs(['query', 'top-rejected-ports', ...STAGE, '-o', 'csv']);
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: 'port,records\r\n22,9007199254740993\r\n,1\r\n',
    });
    expect(stderr).toContain(
      'Whether the logs have the fields that top-rejected-ports needs is unknown: Athena could not run the query: no luck.',
    );
  });
});

describe('a combination of options that makes no sense ends with status 2', () => {
  test.each<[string[], string]>([
    [
      ['--athena'],
      'Add --stage NAME, the stage that was deployed (or set FLOWLOGS_STAGE), or --database NAME.',
    ],
    [['--athena', '--workgroup', 'x'], 'Which lake in AWS?'],
    [['--athena', '--stage', 'x', '--lake', 'y'], '--lake is a folder, --athena is the lake in AWS.'],
    [['--database', 'x'], '--database is for Athena. Add --athena'],
    [['--stage', 'x'], '--stage is for Athena.'],
    [['--profile', 'x'], '--profile is for Athena.'],
    [['--region', 'x'], '--region is for Athena.'],
  ])('%j', async (args, message) => {
    const { status, stdout, stderr } = await flowlogs(['query', 'top-talkers', ...args]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(athena.requests).toEqual([]);
  });

  test('but what the environment says is no choice', async () => {
    const env = { FLOWLOGS_LAKE: '/nowhere', FLOWLOGS_STAGE: 'prod' };
    const athenas = await flowlogs(['query', '-', '--athena'], { env, input: 'SELECT 1' });
    expect(athenas.status).toBe(0);
    const local = await flowlogs(['query', 'top-talkers'], { env });
    expect(local.stderr).toContain('There is nothing to query: the lake /nowhere is missing or empty.');
  });
});
