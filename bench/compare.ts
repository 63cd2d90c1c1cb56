/** Runs this tree and another revision of it in turn and compares what they take. */
import { execFile } from 'node:child_process';
import { mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Figures } from './contenders/contend.ts';
import { row } from './figures.ts';
import { contenderOf, type Place, runContender } from './processes.ts';

const run = promisify(execFile);

/** A task that both trees do. */
export interface Comparison {
  readonly name: string;
  readonly contender: string;
  readonly input: string;
}

/**
 * Unpacks a revision of the repository into a folder, with this tree's packages. It is no git worktree: the repository
 * stays as it is, whatever becomes of this process.
 *
 * @throws Error for a revision that git does not know.
 */
export async function unpackRevision(tree: string, revision: string, folder: string): Promise<void> {
  const { stdout: commit } = await run('git', ['rev-parse', '--verify', '--quiet', `${revision}^{commit}`], {
    cwd: tree,
  }).catch((cause: unknown) => {
    throw new Error(
      `There is no revision ${revision}. Name a commit, branch or tag that \`git log\` knows.`,
      {
        cause,
      },
    );
  });
  await mkdir(folder);
  const archive = `${folder}.tar`;
  await run('git', ['archive', '--output', archive, commit.trim()], { cwd: tree });
  await run('tar', ['-xf', archive, '-C', folder]);
  await rm(archive);
  await symlink(join(tree, 'node_modules'), join(folder, 'node_modules'));
}

/** The lines of a comparison, pair by pair; those of a contender that the other tree lacks say so. */
export async function compare(
  here: Place,
  there: Place,
  comparisons: readonly Comparison[],
  pairs: number,
): Promise<string[]> {
  const lines = [row('this tree / the other', 'min', 'median', 'max')];
  for (const { name, contender, input } of comparisons) {
    if (contenderOf(there, contender) === undefined) {
      lines.push(`${name}: not compared, the other revision has no bench/contenders/${contender}.ts`);
      continue;
    }
    const measure = async (place: Place): Promise<Figures> => {
      const output = join(place.folder, 'compared');
      await rm(output, { recursive: true, force: true });
      return runContender(place, 'one core', contender, input, output);
    };
    // Not measured: the first run fills the compile cache.
    for (const place of [here, there]) await measure(place);
    const cpu: number[] = [];
    const memory: number[] = [];
    for (let pair = 0; pair < pairs; pair++) {
      const figures = new Map<Place, Figures>();
      // Whoever is first may find the machine colder: they take turns.
      for (const place of pair % 2 === 0 ? [here, there] : [there, here]) {
        figures.set(place, await measure(place));
      }
      cpu.push(figures.get(here)!.cpu / figures.get(there)!.cpu);
      memory.push(figures.get(here)!.rss / figures.get(there)!.rss);
    }
    lines.push(ratios(`${name}: CPU`, cpu), ratios(`${name}: peak memory`, memory));
  }
  return lines;
}

function ratios(name: string, values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const median = (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
  return row(name, ...[sorted[0]!, median, sorted.at(-1)!].map((value) => value.toFixed(3)));
}
