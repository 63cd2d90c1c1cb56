/** A log whose owner wants to harm whoever reads it, taken through the commands as people run them. */

import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Outcome, runFlowlogs } from '../cli/run-flowlogs.ts';
import { zstdDecompressFrames } from '../shared/lake/zstd-frames.ts';

/** Each is a value of a field: one word, because spaces separate them. */
const VALUES = {
  'ends a literal of SQL': "eni-1'--",
  'is a statement': "');DROP/**/TABLE/**/flow_logs;--",
  'clears the screen': 'eni-\u001b[2J\u001b]0;title\u0007\u009b31m',
  'turns the text round': 'eni-\u202etxt.exe\u200b',
  'ends a line of Unicode': 'eni-\u2028Bcc:\u2029x',
  'ends a line': 'eni-\u000bBcc:everyone@example.com\u0085y',
  'is a formula': '=HYPERLINK("http://evil.example/";"click")',
  'is a formula of another kind': "@SUM(1+1)*cmd|'/C\u00a0calc'!A0",
  'mentions and links': '<!here>@channel[a](http://evil.example)`code`',
  'leaves the folder': '../../../../../../etc/cron.d/x',
  'is the name of a prototype': '__proto__',
  'is no SQL name': '"x"; -- \\\\'.replaceAll(' ', '\u00a0'),
  'runs a command': '$(touch\u00a0hacked);`id`',
} as const;

const TOKENS: readonly string[] = Object.values(VALUES);
const START = Date.UTC(2026, 10, 20, 5) / 1000;
const HEADER =
  'account-id region interface-id vpc-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status constructor';
/** Of two peers each: so it shows which of the addresses is the interface's own. */
const LINES = TOKENS.flatMap((token, index) =>
  ['203.0.113', '198.51.100'].map(
    (network) =>
      `123456789010 ${token} ${token} ${token} ${network}.${index} 10.0.0.${10 + index} 4242 22 6 3 180 ${START} ${START + 50} REJECT OK ${token}`,
  ),
);
/** What Linux lets a file be called. */
const FILE = "'; DROP TABLE flow_logs; --\u001b[2J\n..%2f..\\=1+1.log";
const BROKEN_FILE = 'no\u001b[2J\u202elog.log';

// Control and format characters, and Unicode's own line ends.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

let folder: string;
let ingested: Outcome;

const flowlogs = (...args: string[]) => runFlowlogs(folder, args);
const query = (sql: string, output: string) =>
  runFlowlogs(folder, ['query', '-', '-o', output], { input: sql });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flowlogs-hostile-'));
  await mkdir(join(folder, 'logs'));
  await writeFile(join(folder, 'logs', FILE), `${HEADER}\n${LINES.join('\n')}\n`);
  await writeFile(join(folder, 'logs', BROKEN_FILE), 'This is no \u001b[31mlog.\n');
  ingested = await flowlogs('ingest', 'logs');
});

afterAll(() => rm(folder, { recursive: true, force: true }));

function expectHarmless(text: string): void {
  expect(text.length).toBeGreaterThan(0);
  expect(text.replaceAll(/\r?\n/g, '')).not.toMatch(INVISIBLE);
}

describe('ingest', () => {
  test('takes all of it but the file that is no log, and shows names harmlessly', () => {
    expect(ingested.status).toBe(1);
    expect(ingested.stdout).toContain(`${LINES.length} records + 0 quarantined`);
    expect(ingested.stderr).toContain('no\\u001b[2J\\u202elog.log: ');
    expectHarmless(ingested.stdout);
    expectHarmless(ingested.stderr);
  });

  test('writes below the lake only, under names of plain characters', async () => {
    expect((await readdir(folder)).toSorted()).toEqual(['lake', 'logs']);
    const files = await readdir(join(folder, 'lake'), { recursive: true });
    expect(files.length).toBeGreaterThan(5);
    for (const file of files) expect(file).toMatch(/^[\w./=-]+$/);
    for (const file of files) expect(file.split('/')).not.toContain('..');
    const regions = files.flatMap((file) => /aws_region=([^/]*)$/.exec(file)?.[1] ?? []);
    expect(regions).toEqual(['unknown']);
  });

  test('keeps what a field says, also one that is called constructor', async () => {
    const lake = join(folder, 'lake');
    const files = await readdir(join(lake, 'flow_logs'), { recursive: true });
    const [records] = files.filter((file) => basename(file).endsWith('.zst'));
    const lines = zstdDecompressFrames(await readFile(join(lake, 'flow_logs', records!)))
      .toString()
      .trimEnd()
      .split('\n');
    expect(lines.map((line) => JSON.parse(line).x_constructor)).toEqual(
      TOKENS.flatMap((token) => [token, token]),
    );
  });
});

describe('a query', () => {
  const SQL =
    'SELECT interface_id, vpc_id, sum(bytes) AS bytes FROM flow_logs GROUP BY 1, 2 ORDER BY interface_id';

  test('gives every value back as it was, in JSON', async () => {
    const { status, stdout } = await query(SQL, 'json');
    expect(status).toBe(0);
    const rows = JSON.parse(stdout) as { interface_id: string; vpc_id: string }[];
    expect(rows.map(({ interface_id }) => interface_id).toSorted()).toEqual(TOKENS.toSorted());
    for (const { interface_id, vpc_id } of rows) expect(vpc_id).toBe(interface_id);
    expectHarmless(stdout);
  });

  test('gives spreadsheets no formula, in CSV', async () => {
    const { stdout } = await query(SQL, 'csv');
    expectHarmless(stdout);
    const cells = stdout
      .trimEnd()
      .split('\r\n')
      .slice(1)
      .map((row) => row.replace(/^"/, ''));
    expect(cells).toHaveLength(TOKENS.length);
    for (const cell of cells) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
    expect(cells.filter((cell) => /^'[=@]/.test(cell))).toHaveLength(2);
  });

  test('shows terminals no escape sequence, in tables', async () => {
    expectHarmless((await query(SQL, 'table')).stdout);
  });
});

test.each([['-o', 'table'], ['-o', 'csv'], ['-o', 'json'], ['--text']])(
  'messages hold no invisible character, printed with %s %s',
  async (...args) => {
    const { status, stdout } = await flowlogs('alerts', '--since', '2026-11-20', ...args);
    expect(status).toBe(0);
    expectHarmless(stdout);
  },
);

test('with FLOWLOGS_DEBUG the stack of an error shows a name harmlessly, too', async () => {
  const { stderr } = await runFlowlogs(folder, ['query', 'x\u001b[2J.sql'], { env: { FLOWLOGS_DEBUG: '1' } });
  expect(stderr).toContain('    at ');
  expectHarmless(stderr);
});

describe('explain', () => {
  const target = (token: string) => `10.0.0.${10 + TOKENS.indexOf(token)}`;
  const during = ['--since', '2026-11-20T04:00', '--until', '2026-11-20T06:00', '-o', 'json'];

  test.each([
    'ends a literal of SQL',
    'is a statement',
    'is no SQL name',
    'clears the screen',
    'is the name of a prototype',
  ] as const)('asks the lake by an id that it found there, and that %s', async (name) => {
    const token = VALUES[name];
    const { status, stdout, stderr } = await flowlogs(
      ...['explain', '--source', '203.0.113.250', '--destination', target(token), ...during],
    );
    expect({ status, stderr }).toMatchObject({ status: 0, stderr: expect.not.stringMatching(/Error/) });
    expect(JSON.parse(stdout).answers).toMatchObject([
      { destination: { interfaces: [{ interface_id: token }] } },
    ]);
    expectHarmless(stdout + stderr);
  });

  test.each(['ends a literal of SQL', 'clears the screen'] as const)(
    'refuses an end that %s, and says so harmlessly',
    async (name) => {
      const { status, stderr } = await flowlogs(
        ...['explain', '--source', VALUES[name], '--destination', '10.0.0.10', ...during],
      );
      expect(status).toBe(2);
      expect(stderr).toContain('--source cannot be');
      expectHarmless(stderr);
    },
  );
});
