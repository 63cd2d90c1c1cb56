import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { memberAccountTemplate } from '../infrastructure/member-account.ts';
import { packageStage } from './package-stage.ts';

/**
 * Packages every set of parameters in test/infrastructure/stages and runs cfn-lint over the templates, and over the one
 * for member accounts. Nothing is ignored. cfn-lint is the command that CFN_LINT names, that of .venv, or the one on the
 * PATH.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const stages = join(root, 'test/infrastructure/stages');

const inVenv = join(root, '.venv/bin/cfn-lint');
const cfnLint = process.env.CFN_LINT ?? (existsSync(inVenv) ? inVenv : 'cfn-lint');
/** The first version that knows tag fields of flow logs. */
const OLDEST = [1, 58];
const found = spawnSync(cfnLint, ['--version'], { encoding: 'utf8' }).stdout;
const [major = 0, minor = 0] = found?.match(/\d+/g)?.map(Number) ?? [];
if (major < OLDEST[0]! || (major === OLDEST[0] && minor < OLDEST[1]!)) {
  console.error(
    `${found ? `${found.trim()} is too old` : `${cfnLint} can't be run`}. Install a new one with "python3 -m venv .venv && ` +
      `.venv/bin/pip install 'cfn-lint>=${OLDEST.join('.')}'", or say with CFN_LINT where it is.`,
  );
  process.exit(1);
}

const folder = await mkdtemp(join(tmpdir(), 'flowlogs-lint-'));
try {
  const files = [join(folder, 'flow-logs-member-account.json')];
  await writeFile(files[0]!, JSON.stringify(memberAccountTemplate()));
  for (const name of (await readdir(stages)).sort()) {
    files.push((await packageStage(join(stages, name), join(folder, name))).file);
  }
  const lint = spawnSync(cfnLint, files, { stdio: 'inherit' });
  process.exitCode = lint.status ?? 1;
  if (process.exitCode === 0) console.log(`cfn-lint finds nothing in ${files.length} templates.`);
} finally {
  await rm(folder, { recursive: true });
}
