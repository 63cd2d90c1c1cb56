import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { emptyLake, flow, writeRecords } from '../local/lake-fixture.ts';
import { runFlowlogs } from './run-flowlogs.ts';

let lake: Awaited<ReturnType<typeof emptyLake>>;

beforeAll(async () => {
  lake = await emptyLake();
  await writeRecords(lake.folder, [
    flow({ srcaddr: '10.0.0.1', dstaddr: '10.0.0.2', bytes: 300 }),
    flow({ srcaddr: '10.0.0.1', dstaddr: '10.0.0.3', bytes: 9_007_199_254_740_993n }),
    flow({ interface_id: 'eni\u001b[2J', dstport: 22, action: 'REJECT' }),
  ]);
});
afterAll(() => lake.remove());

const flowlogs = (args: readonly string[], surroundings?: Parameters<typeof runFlowlogs>[2]) =>
  runFlowlogs(lake.folder, args, surroundings);

describe('query', () => {
  test('answers a saved question with a table', async () => {
    const outcome = await flowlogs(['query', 'rejected-traffic', '--lake', lake.folder]);
    expect(outcome).toMatchObject({ status: 0, stderr: '' });
    expect(outcome.stdout).toMatch(
      /^client +server +port .*\n10\.0\.0\.1 +10\.0\.0\.2 +22 +6 +request +eni\\u001b\[2J /,
    );
  });

  test('prints JSON alone on standard output, and on standard error that the limit was reached', async () => {
    const { status, stdout, stderr } = await flowlogs(
      ['query', 'top-talkers', '--param', 'limit=1', '-o', 'json'],
      { env: { FLOWLOGS_LAKE: lake.folder } },
    );
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout:
        '[\n{"address":"10.0.0.1","bytes":9007199254741293,"bytes_sent":9007199254741293,' +
        '"bytes_received":0,"packets":2,"peers":2}\n]\n',
    });
    expect(stderr).toContain('Stopped at limit=1');
  });

  test('runs SQL from standard input', async () => {
    const input = 'SELECT action, count(*) AS flows FROM flow_logs GROUP BY action ORDER BY action;\n';
    const outcome = await flowlogs(['query', '-', '--lake', lake.folder, '--output', 'csv'], { input });
    expect(outcome).toEqual({ status: 0, stdout: 'action,flows\r\nACCEPT,2\r\nREJECT,1\r\n', stderr: '' });
  });

  test('runs a file with parameters and a time range of its own', async () => {
    const file = join(lake.folder, 'mine.sql');
    await writeFile(
      file,
      '-- parameter: action text; which\nSELECT count(*) AS n FROM flow_logs WHERE {{time_range}} AND action = {{action}}',
    );
    const ask = (...args: string[]) =>
      flowlogs(['query', 'mine.sql', '--lake', lake.folder, '-o', 'csv', ...args]);
    expect((await ask('--param', 'action=ACCEPT')).stdout).toBe('n\r\n2\r\n');
    expect((await ask('--param', "action=' OR true --")).stdout).toBe('n\r\n0\r\n');
    expect((await ask('--param', 'action=ACCEPT', '--since', '2026-11-21')).stdout).toBe('n\r\n0\r\n');
    expect(await ask()).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('"action" (which) is missing'),
    });
  });

  test('without a lake says how to get one', async () => {
    await mkdir(join(lake.folder, 'elsewhere'), { recursive: true });
    const outcome = await flowlogs(['query', 'top-talkers', '--lake', 'elsewhere']);
    expect(outcome).toEqual({
      status: 1,
      stdout: '',
      stderr:
        'flowlogs: There is nothing to query: the lake elsewhere is missing or empty. ' +
        'Fill it with "flowlogs ingest PATH… --lake elsewhere", or try "flowlogs demo".\n',
    });
  });

  test('fails with the message of the engine, without a stack trace', async () => {
    const { status, stdout, stderr } = await flowlogs(['query', '-', '--lake', lake.folder], {
      input: 'SELECT nope FROM flow_logs',
    });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^flowlogs: Binder Error: .*"nope" not found/);
    expect(stderr).not.toContain('    at ');
  });
});

describe.concurrent('wrong usage ends with status 2 and says what is right', () => {
  test.each<[string[], string]>([
    [['query', 'top-talker'], 'There is no query "top-talker". Did you mean "top-talkers"?'],
    [['query', 'missing.sql'], 'Cannot read the query file missing.sql: there is no such file.'],
    [['query', '.'], 'Cannot read the query file .:'],
    [['query', '-'], 'There is no SQL statement to run.'],
    [['query', 'top-talkers', '--param', 'limit'], 'It takes NAME=VALUE'],
    [
      ['query', 'top-talkers', '--param', 'limit=many'],
      'The parameter "limit" cannot be "many": it takes a whole number',
    ],
    [['query', 'top-talkers', '--param', 'top=5'], 'has no parameter "top". It has: network, limit.'],
    [['query', 'top-talkers', '--since', 'noon'], '--since "noon" is no time.'],
    [['query', 'top-talkers', '--lake', ''], 'It takes the path of a folder.'],
    [['query', 'top-talkers', '-o', 'xml'], 'Allowed choices are table, csv, json.'],
    [['query', 'top\u001b[2Jtalkers'], 'There is no query "top\\u001b[2Jtalkers"'],
    [['query'], "missing required argument 'name'"],
    [['queries', 'scan'], 'There is no query "scan"'],
    [['querys'], "unknown command 'querys'"],
    [['query', 'top-talkers', '--lakes', 'x'], "unknown option '--lakes'"],
    [[], 'Usage: flowlogs'],
  ])('%j', async (args, message) => {
    const { status, stdout, stderr } = await flowlogs(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('\u001b');
  });
});

describe.concurrent('help', () => {
  test.each(
    [['--help'], ['query', '--help'], ['queries', '--help'], ['help', 'query']].map((args) => [args]),
  )('%j is on standard output with status 0', async (args) => {
    const { status, stdout } = await flowlogs(args);
    expect(status).toBe(0);
    expect(stdout).toContain('Usage: flowlogs');
    if (args.includes('query')) expect(stdout).toMatch(/Examples:\n {2}flowlogs query top-talkers/);
  });

  test('--version is that of the package', async () => {
    expect(await flowlogs(['--version'])).toEqual({
      status: 0,
      stdout: `${packageJson.version}\n`,
      stderr: '',
    });
  });
});

describe('queries', () => {
  test('lists each saved query on one line under its theme', async () => {
    const { stdout } = await flowlogs(['queries']);
    expect(stdout).toMatch(
      /^Traffic\n(?: {2}.+\n)* {2}top-talkers +Which addresses .*\n(?: {2}.+\n)*\nTroubleshooting\n/,
    );
    expect(stdout).toMatch(
      /\n\nSecurity\n(?: {2}.+\n)* {2}port-scan +Which source .*\n(?: {2}.+\n)* {2}top-rejected-ports +On which ports /,
    );
  });

  test('describes one of them with its parameters and what to do', async () => {
    const { stdout } = await flowlogs(['queries', 'conversation']);
    expect(stdout).toContain(
      '--param source=…  one end: an IPv4 or IPv6 address, such as 10.0.1.5 or 2001:db8::1 (required)',
    );
    expect(stdout).toContain('(default 100)');
    expect(stdout).toContain('What to do with the answer: Requests without replies');
  });

  test('are there for programs, too', async () => {
    const { stdout } = await flowlogs(['queries', '-o', 'json']);
    expect(JSON.parse(stdout)).toContainEqual(
      expect.objectContaining({
        name: 'port-scan',
        theme: 'security',
        parameters: expect.arrayContaining([
          expect.objectContaining({ name: 'min_ports', type: 'count', default: '10' }),
        ]),
      }),
    );
  });
});
