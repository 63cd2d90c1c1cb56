import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Figures } from './contenders/contend.ts';

/** Where contenders run. */
export interface Place {
  /** Root of the source tree whose contenders are meant. */
  readonly tree: string;
  /** For temporary files; one for each tree. */
  readonly folder: string;
  /** Is told of every contender that has run. */
  readonly onRun: (line: string) => void;
}

const MOST_OUTPUT_BYTES = 256 * 1024 * 1024;

/** The path of a tree's contender, or undefined if it has none of this name. */
export function contenderOf({ tree }: Place, contender: string): string | undefined {
  const script = join(tree, 'bench', 'contenders', `${contender}.ts`);
  return existsSync(script) ? script : undefined;
}

/** Runs a contender in a process of its own, on the first core or on the first two, where the system can pin a process. */
export async function runContender<Details>(
  place: Place,
  cores: 'one core' | 'two cores',
  contender: string,
  ...args: readonly string[]
): Promise<Figures & Details> {
  const script = contenderOf(place, contender);
  if (script === undefined) throw new Error(`${place.tree} has no contender ${contender}.`);
  const pinned = ['taskset', '-c', cores === 'one core' ? '0' : '0,1'];
  const stdout = await runNode([script, ...args], process.platform === 'linux' ? pinned : [], {
    ...process.env,
    // In a Lambda bundle there are no types to strip; the cache spares the contenders that, from their second run on.
    NODE_COMPILE_CACHE: join(place.folder, 'compile-cache'),
    TMPDIR: place.folder,
  });
  const figures: Figures & Details = JSON.parse(stdout.trimEnd().split('\n').at(-1)!);
  const [cpu, wall] = [figures.cpu.toFixed(2), figures.wall.toFixed(2)];
  place.onRun(`${contender} on ${cores}: CPU ${cpu} s, wall ${wall} s, peak ${figures.rss.toFixed(0)} MiB`);
  return figures;
}

/**
 * Runs Node in a process of its own; returns what it printed.
 *
 * @param launcher the command that starts it, such as `taskset`, with its arguments.
 * @throws Error with the end of what it printed if it fails.
 */
export async function runNode(
  args: readonly string[],
  launcher: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  // The shell stays and forks: Linux counts the peak memory of whoever calls exec as that of the new program, too.
  const shell = ['-c', '"$@"; exit $?', 'sh', ...launcher, process.execPath, ...args];
  try {
    const { stdout } = await promisify(execFile)('sh', shell, { env, maxBuffer: MOST_OUTPUT_BYTES });
    return stdout;
  } catch (error) {
    // Without the cause: it has all the output, which may be the whole text of a bundle.
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`node ${args.join(' ')} failed. It printed last:\n${(stdout + stderr).slice(-2000)}`);
  }
}

/** Of several runs the one that took least: noise only ever adds. */
export function least<T extends Figures>(runs: readonly T[], figure: 'cpu' | 'wall'): T {
  return runs.reduce((best, run) => (run[figure] < best[figure] ? run : best));
}
