import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Finding } from '../../shared/findings/finding.ts';
import { emptyLake, writeLakeFile } from '../local/lake-fixture.ts';
import { finding, service } from '../shared/alerts/findings.ts';
import { NOON } from '../shared/alerts/parts.ts';
import { runFlowlogs } from './run-flowlogs.ts';

const DAY = '2026-11-20';
let lake: Awaited<ReturnType<typeof emptyLake>>;

beforeAll(async () => {
  lake = await emptyLake();
  const at = (minutes: number, more: Partial<Finding> = {}) =>
    finding({ first_time: NOON + minutes * 60, last_time: NOON + minutes * 60 + 59, ...more });
  await put('first', [
    at(0),
    at(0, { resource_id: 'eni-b\u001b[2J', top_server_ports: [service({ port: 22 })] }),
  ]);
  await put('second', [at(5)]);
  await put('third', [at(10, { flows: 400 })]);
});
afterAll(() => lake.remove());

async function put(name: string, findings: readonly Finding[]): Promise<void> {
  await writeLakeFile(
    lake.folder,
    `findings/day=${DAY}/${name}.json`,
    findings.map((each) => JSON.stringify({ ...each, source: `s3://raw/${name}.log.gz` })),
  );
}

const alerts = (...args: readonly string[]) =>
  runFlowlogs(lake.folder, ['alerts', '--lake', lake.folder, ...args]);

test('alerts shows what would have been sent when, and how much was not', async () => {
  const { status, stdout, stderr } = await alerts();
  expect(status).toBe(0);
  expect(stdout).toMatchInlineSnapshot(`
    "sent               situations  subject
    2026-11-20 12:15Z           1  [warning] internal service rejected: tcp/5432 at eni-a 111122223333 eu-west-1 (4 flows)
    2026-11-20 12:15Z           1  [warning] internal service rejected: tcp/22 at eni-b?[2J 111122223333 eu-west-1 (4 flows)
    2026-11-20 12:25Z           1  [warning] grew: internal service rejected: tcp/5432 at eni-a 111122223333 eu-west-1 (408 flows)
    "
  `);
  expect(stderr).toBe('4 findings would have made 3 messages of 2 situations.\n');
});

test('-o json prints the messages as programs get them, one a line', async () => {
  const { stdout } = await alerts('-o', 'json');
  const messages = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(messages.map(({ alerts: [{ reason, meaning }] }) => [reason, meaning])).toEqual([
    ['opens', 'internal-service-rejected'],
    ['opens', 'internal-service-rejected'],
    ['grows', 'internal-service-rejected'],
  ]);
});

test('--text prints the messages as people get them', async () => {
  const { stdout } = await alerts('--text');
  expect(stdout).toContain('2026-11-20 12:15Z  [warning] internal service rejected');
  expect(stdout).toContain('flowlogs explain');
  expect(stdout).not.toContain('\u001b');
});

test('--since and --until bound it', async () => {
  const { stderr } = await alerts('--since', `${DAY}T12:04`, '--until', `${DAY}T12:08`);
  expect(stderr).toBe('1 finding would have made 1 message of 1 situation.\n');
});

test.each([
  ['a policy', 'ignore:\n  - because: ours\n    ports: [5432]\n'],
  ['a stage file', 'region: eu-west-1\nalerts:\n  policy:\n    ignore:\n      - ports: [5432]\n'],
  ['JSON', '{"ignore": [{"ports": [5432]}]}'],
])('--policy takes %s, and says how much it leaves out', async (_, content) => {
  await writeFile(join(lake.folder, 'policy.yml'), content);
  const { stdout, stderr } = await alerts('--policy', join(lake.folder, 'policy.yml'));
  expect(stdout).not.toContain('5432');
  expect(stderr).toBe(
    '4 findings would have made 1 message of 1 situation. The policy leaves out 3 findings.\n',
  );
});

test.each([
  [
    'a file that is missing',
    ['--policy', 'none.yml'],
    'Cannot read the policy none.yml: there is no such file.',
  ],
  ['a time without findings', ['--since', '2026-11-21'], 'has no findings of that time'],
])('%s is an error in words', async (_, args, words) => {
  const { status, stdout, stderr } = await alerts(...args);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toContain(words);
});

test('a wrong policy is an error that names the file, the setting and what it takes', async () => {
  const file = join(lake.folder, 'wrong.yml');
  await writeFile(file, 'quietMinutes: 1');
  const { status, stderr } = await alerts('--policy', file);
  expect(status).toBe(1);
  expect(stderr).toContain(`${file}: The alert policy is wrong. quietMinutes: takes a number from 5`);
});

test('who fell silent is told from the receipts', async () => {
  const silent = await emptyLake();
  try {
    await writeLakeFile(silent.folder, `findings/day=${DAY}/x.json`, [JSON.stringify(finding())]);
    for (const [account, hours] of [
      ['111122223333', 40],
      ['444455556666', 30],
    ] as const) {
      for (let slot = 0; slot < hours * 12; slot++) {
        const time = new Date((NOON - 30 * 3600 + slot * 300) * 1000).toISOString();
        const stamp = `${time.slice(0, 16).replaceAll(/[-:]/g, '')}Z`;
        const folder = join(silent.folder, 'receipts', `day=${time.slice(0, 10)}`);
        await mkdir(folder, { recursive: true });
        await writeFile(join(folder, `${account}-vpcflowlogs-eu-west-1-fl-0a-${stamp}-x.json`), '{}\n');
      }
    }
    const { stdout } = await runFlowlogs(silent.folder, ['alerts', '--lake', silent.folder]);
    expect(stdout.match(/.*no flow logs delivered.*/g)).toEqual([
      expect.stringMatching(/^2026-11-20 13:1\dZ .*444455556666 eu-west-1/),
    ]);
  } finally {
    await silent.remove();
  }
});

test('ingest prints the alerts of what is new and writes them into the lake', async () => {
  const own = await emptyLake();
  try {
    const line = (end: number) =>
      `2 123456789010 eni-0a 10.0.1.5 10.0.2.7 40000 5432 6 3 180 ${end - 50} ${end} REJECT OK\n`;
    const name = '123456789010_vpcflowlogs_eu-west-1_fl-0a_20261120T1200Z_fe123456.log';
    const folder = join(own.folder, 'logs/AWSLogs/123456789010/vpcflowlogs/eu-west-1/2026/11/20');
    await mkdir(folder, { recursive: true });
    const header =
      'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n';
    await writeFile(join(folder, name), header + line(NOON + 60) + line(NOON + 120));
    const first = await runFlowlogs(own.folder, ['ingest', 'logs']);
    expect(first.stdout).toMatch(
      /Alerts, when the pipeline would have sent them\n {2}2026-11-20 12:17Z {2}\[/,
    );
    const rows = await alertRows(own.folder);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      reason: 'first',
      aws_account_id: '123456789010',
      scope_id: 'eni-0a',
      flows: 2,
    });
    const again = await runFlowlogs(own.folder, ['ingest', 'logs']);
    expect(again.stdout).not.toContain('Alerts');
    expect(await alertRows(own.folder)).toEqual(rows);
  } finally {
    await own.remove();
  }
});

async function alertRows(folder: string): Promise<Record<string, unknown>[]> {
  const files = (await readdir(join(folder, 'lake/alerts'), { recursive: true })).filter((name) =>
    name.endsWith('.json'),
  );
  const texts = await Promise.all(files.map((name) => readFile(join(folder, 'lake/alerts', name), 'utf8')));
  return texts.flatMap((text) =>
    text
      .trimEnd()
      .split('\n')
      .map((row) => JSON.parse(row)),
  );
}
