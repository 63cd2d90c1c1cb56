import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { FUNCTIONS } from '../../infrastructure/metrics.ts';
import { packageStage, runServerless } from '../../scripts/package-stage.ts';

const folder = mkdtempSync(join(tmpdir(), 'flowlogs-packaging-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What a person sees who packages a stage with these parameters. */
async function refusal(stage: string, parameters: string): Promise<string> {
  const file = join(folder, `${stage}.yml`);
  writeFileSync(file, parameters);
  const error = await packageStage(file, join(folder, stage)).catch((cause: unknown) => cause as Error);
  if (!(error instanceof Error)) throw new Error(`The stage ${stage} is packaged.`);
  return error.message;
}

test('a package is the same from run to run, and each function has its own bundle only', async () => {
  const stage = join(import.meta.dirname, 'stages/minimal.yml');
  await Promise.all(['first', 'second'].map((run) => packageStage(stage, join(folder, run))));
  for (const name of FUNCTIONS) {
    const zip = (run: string) => readFileSync(join(folder, run, `.serverless/${name}.zip`));
    expect(zip('first').equals(zip('second')), name).toBe(true);
    const folders = new Set(
      zip('first')
        .toString('latin1')
        .match(/dist\/[\w-]+\//g),
    );
    expect(folders).toEqual(new Set([`dist/${name}/`]));
  }
});

test('a stage without parameters is refused with what to do', async () => {
  const message = await refusal('known', 'region: nowhere').then(() =>
    runServerless(['package', '--stage', 'unknown'], join(folder, 'known')).catch(
      (error: Error) => error.message,
    ),
  );
  expect(message).toContain(
    'The stage "unknown" has no parameters: stages/unknown.yml is missing. Copy stages/example.yml to stages/unknown.yml',
  );
});

test('wrong parameters are refused all at once, in sentences and without a trace', async () => {
  const message = await refusal(
    'wrong',
    'region: eu-west-1\nraw: {accountId: 222222222222}\nflowLogs: {interval: 300}\n',
  );
  expect(message).toContain("stages/wrong.yml has parameters that can't be used:");
  expect(message).toContain('raw.accountId: takes 12 digits, in quotes');
  expect(message).toContain('flowLogs.interval: takes 60 or 600');
  expect(message).not.toMatch(/\n\s+at /);
  expect(message.match(/can't be used/g)).toHaveLength(1);
});

test('a target that is none is refused before anything is deployed', async () => {
  expect(
    await refusal('target', 'region: eu-west-1\nflowLogs: {targets: [i-0123456789abcdef0]}\n'),
  ).toContain('flowLogs.targets has "i-0123456789abcdef0"');
});
