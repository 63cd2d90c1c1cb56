import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { runServerless } from '../../../scripts/package-stage.ts';
import type { Template } from './template.ts';
import { unzip } from './unzip.ts';

/** The stack as `npm run package` leaves it for deployment. */
export interface StackPackage {
  readonly templateFile: string;
  /** Has a folder for each function, by the name of its deployment package, with what the package holds. */
  readonly codeFolder: string;
}

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** The stage that the tests package. */
export const STAGE = 'integration';

/** Bundles the functions, as `npm run bundle` does. Throws an Error with what was printed if it fails. */
export async function bundleFunctions(): Promise<void> {
  await promisify(execFile)(process.execPath, [join(ROOT, 'scripts/bundle.ts')]);
}

/**
 * Packages the stack with the bundles that there are.
 *
 * @param stageFile the stage's parameters.
 * @returns the package and what removes it.
 * @throws Error with what was printed, if it fails.
 */
export async function packageStack(stageFile: string): Promise<[StackPackage, () => Promise<void>]> {
  const folder = await mkdtemp(join(tmpdir(), 'flowlogs-package-'));
  const remove = () => rm(folder, { recursive: true });
  try {
    // The service's folder with another stage file. serverless.yml may not be a link.
    const service = join(folder, 'service');
    await mkdir(join(service, 'stages'), { recursive: true });
    await copyFile(join(ROOT, stageFile), join(service, 'stages', `${STAGE}.yml`));
    await copyFile(join(ROOT, 'serverless.yml'), join(service, 'serverless.yml'));
    for (const name of ['infrastructure', 'dist']) await symlink(join(ROOT, name), join(service, name));
    const packageFolder = join(folder, 'package');
    await runServerless(['package', '--stage', STAGE, '--package', packageFolder], service);

    const templateFile = join(packageFolder, 'cloudformation-template-update-stack.json');
    const codeFolder = join(folder, 'code');
    const { Resources } = JSON.parse(await readFile(templateFile, 'utf8')) as Template;
    for (const { Type, Properties } of Object.values(Resources)) {
      if (Type !== 'AWS::Lambda::Function') continue;
      const zip = basename(Properties!.Code.S3Key);
      await unzip(join(packageFolder, zip), join(codeFolder, basename(zip, '.zip')));
    }
    return [{ templateFile, codeFolder }, remove];
  } catch (error) {
    await remove();
    throw error;
  }
}
