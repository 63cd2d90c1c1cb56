import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { FUNCTIONS } from '../infrastructure/metrics.ts';
import type { Outputs, Resources } from '../infrastructure/template.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SERVERLESS = join(ROOT, 'node_modules/serverless/bin/serverless.js');

/**
 * Where the framework's code and its schema are kept compiled, by their content: two thirds of its time. Its own place for
 * the schema is below HOME.
 */
const CACHES = {
  NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'),
  SLS_SCHEMA_CACHE_BASE_DIR: join(tmpdir(), 'flowlogs-serverless'),
};

/** The template that `npm run deploy` would send to CloudFormation. */
export interface PackagedStage {
  /** The template's file. */
  readonly file: string;
  readonly template: { readonly Resources: Resources; readonly Outputs: Outputs };
}

/**
 * Packages a stage as `npm run package` does, but in a folder of its own, with empty functions and without any AWS
 * settings of the environment: for tests and for cfn-lint, which look at the template only.
 *
 * @param stageFile parameters of the stage, which is called like the file.
 * @param folder an empty folder. The framework's own stays as it is: it is one for all and emptied by every run.
 * @throws Error with what the framework printed.
 */
export async function packageStage(stageFile: string, folder: string): Promise<PackagedStage> {
  const stage = basename(stageFile, '.yml');
  await mkdir(join(folder, 'stages'), { recursive: true });
  await copyFile(stageFile, join(folder, 'stages', basename(stageFile)));
  await copyFile(join(ROOT, 'serverless.yml'), join(folder, 'serverless.yml'));
  await symlink(join(ROOT, 'infrastructure'), join(folder, 'infrastructure'));
  for (const name of FUNCTIONS) {
    await mkdir(join(folder, 'dist', name), { recursive: true });
    await writeFile(join(folder, 'dist', name, 'index.mjs'), 'export const handler = async () => {};\n');
  }
  await runServerless(['package', '--stage', stage], folder);
  const file = join(folder, '.serverless/cloudformation-template-update-stack.json');
  return { file, template: JSON.parse(await readFile(file, 'utf8')) };
}

/**
 * Runs the framework in a folder, without credentials or settings for AWS.
 *
 * @throws Error with what it printed.
 */
export async function runServerless(args: readonly string[], folder: string): Promise<void> {
  try {
    await promisify(execFile)(process.execPath, [SERVERLESS, ...args], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder, ...CACHES },
    });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${stdout}${stderr}` || String(error), { cause: error });
  }
}
