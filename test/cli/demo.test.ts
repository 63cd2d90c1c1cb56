import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findPlanted } from '../../cli/planted.ts';
import { SCENARIOS } from '../../generator/scenarios.ts';
import { findingsOfGenerated } from '../shared/findings/findings-of-generated.ts';

const FLOWLOGS = join(import.meta.dirname, '../../cli/flowlogs.ts');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flowlogs-demo-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const demo = (...args: string[]) =>
  promisify(execFile)(process.execPath, [FLOWLOGS, 'demo', ...args], { cwd: folder });

test('finds everything that was planted, twice over, and names the next commands', async () => {
  for (let run = 0; run < 2; run++) {
    const { stdout } = await demo();
    const planted = stdout.slice(stdout.indexOf('What was planted'));
    for (const { name } of SCENARIOS) expect(planted).toMatch(new RegExp(`^${name} +(finding|query) `, 'm'));
    expect(stdout).not.toContain('nowhere');
    expect(stdout).toMatch(/lines +([\d,]+) = \1 records \+ 0 quarantined/);
    expect(stdout).toContain('flowlogs -- ingest PATH-TO-YOUR-FLOW-LOGS');
  }
});

test('prints what the README shows', async () => {
  const { stdout } = await demo();
  const readme = await readFile(join(import.meta.dirname, '../../README.md'), 'utf8');
  const transcript = readme.slice(readme.indexOf('This is what it prints'), readme.indexOf('## Deploy'));
  const shown = transcript.split('\n').filter((line) => line.startsWith('    ') && line.trim() !== '…');
  expect(shown.length).toBeGreaterThan(50);
  // Lines are cut off with an ellipsis, and so are the figures that differ from machine to machine.
  for (const line of shown) expect(stdout).toContain(line.slice(4).replace(/…$/, ''));
});

test('another amount of records shows them too', async () => {
  const { stdout } = await demo('--records', '5000', '--lake', 'small/lake');
  expect(stdout).not.toContain('nowhere');
  expect(await readdir(join(folder, 'small/lake'))).toContain('receipts');
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
  await demo('--records', '2000', '--lake', 'added/lake');
  await writeFile(join(folder, 'added/lake/receipts/mine.json'), 'data');
  await expect(demo('--lake', 'added/lake')).rejects.toMatchObject({
    stderr: expect.stringMatching(/was added/),
  });
  expect(await readFile(join(folder, 'added/lake/receipts/mine.json'), 'utf8')).toBe('data');
});

test('finds nothing that was not planted', async () => {
  const findings = await findingsOfGenerated({ records: 20_000, scenarios: [] });
  expect(findings.length).toBeGreaterThan(3);
  expect(findPlanted(findings, new Map()).filter(({ where }) => where !== undefined)).toEqual([]);
});
