import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { DEFAULT_POLICY, type Policy } from '../shared/alerts/policy.ts';
import { parsePolicy } from '../shared/alerts/policy-config.ts';

/**
 * The alert policy in a file: a stage file (`alerts.policy` in stages/prod.yml), or a file with nothing but a policy. YAML,
 * and so JSON as well. What is usual without a file.
 *
 * @throws Error that names the file and says what is wrong with it
 */
export async function readPolicy(file: string | undefined): Promise<Policy> {
  if (file === undefined) return DEFAULT_POLICY;
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Error(
      `Cannot read the policy ${file}: ${error.code === 'ENOENT' ? 'there is no such file' : error.message}.`,
    );
  });
  try {
    const content: unknown = parse(text);
    return parsePolicy(isStage(content) ? (content.alerts?.policy ?? {}) : content);
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`);
  }
}

/** Every stage file names a Region, and no policy does. */
function isStage(content: unknown): content is { readonly alerts?: { readonly policy?: unknown } } {
  return typeof content === 'object' && content !== null && 'region' in content;
}
