import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEMO_LOGS } from '../../cli/commands/demo.ts';
import { findPlanted } from '../../cli/planted.ts';
import { SCENARIOS } from '../../generator/scenarios.ts';
import { findingsOfGenerated } from '../shared/findings/findings-of-generated.ts';

const FLOWLOGS = join(import.meta.dirname, '../../cli/flowlogs.ts');

let folder: string;
let printed: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flowlogs-demo-'));
  printed = (await demo()).stdout;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const demo = (...args: string[]) =>
  promisify(execFile)(process.execPath, [FLOWLOGS, 'demo', ...args], { cwd: folder });

function expectAllFound(stdout: string): void {
  const planted = stdout.slice(stdout.indexOf('What was planted'));
  for (const { name } of SCENARIOS) expect(planted).toMatch(new RegExp(`^${name} +(finding|query) `, 'm'));
  expect(stdout).not.toContain('nowhere');
}

test('finds everything that was planted, loses no line, and names the next commands', () => {
  expectAllFound(printed);
  const [, ...counts] = /lines +([\d,]+) = ([\d,]+) records \+ (\d+) quarantined/.exec(printed)!;
  const [lines, records, quarantined] = counts.map((count) => Number(count.replaceAll(',', '')));
  expect(lines).toBe(records! + quarantined!);
  expect(quarantined).toBe(1);
  expect(printed).toContain('flowlogs -- ingest PATH-TO-YOUR-FLOW-LOGS');
});

test('prints what the README shows', async () => {
  const readme = await readFile(join(import.meta.dirname, '../../README.md'), 'utf8');
  const transcript = readme.slice(readme.indexOf('This is what it prints'), readme.indexOf('## Deploy'));
  const shown = transcript.split('\n').filter((line) => line.startsWith('    ') && line.trim() !== '…');
  expect(shown.length).toBeGreaterThan(50);
  // Lines are cut off with an ellipsis, and so are the figures that differ from machine to machine.
  for (const line of shown) expect(printed).toContain(line.slice(4).replace(/…$/, ''));
});

test('runs again in its own folder, and another amount of records shows everything too', async () => {
  const { stdout } = await demo('--records', '5000');
  expectAllFound(stdout);
  expect(await readdir(join(folder, 'demo/lake'))).toContain('receipts');
});

test.each([
  ['a folder', 'mine/lake', 'mine/lake/precious', /did not make/],
  ['a file', 'notes.txt', 'notes.txt', /no folder/],
  ['a file beside the lake', 'beside/lake', 'beside/logs', /no folder/],
  ['a folder below a file', 'file/lake', 'file', /ENOTDIR/],
])('leaves alone %s that it did not make', async (_, lake, precious, message) => {
  await mkdir(dirname(join(folder, precious)), { recursive: true });
  await writeFile(join(folder, precious), 'data');
  await expect(demo('--lake', lake)).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringMatching(message),
  });
  expect(await readFile(join(folder, precious), 'utf8')).toBe('data');
});

test('leaves alone its own folder once something was added to it', async () => {
  const added = join(folder, 'demo/lake/receipts/mine.json');
  await writeFile(added, 'data');
  await expect(demo()).rejects.toMatchObject({ stderr: expect.stringMatching(/was added/) });
  expect(await readFile(added, 'utf8')).toBe('data');
  await rm(added);
});

test('finds nothing that was not planted', async () => {
  const findings = await findingsOfGenerated({ ...DEMO_LOGS, scenarios: [] });
  expect(findings.length).toBeGreaterThan(3);
  expect(findPlanted(findings, new Map()).filter(({ where }) => where !== undefined)).toEqual([]);
});
