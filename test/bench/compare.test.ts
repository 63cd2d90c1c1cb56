import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compare, unpackRevision } from '../../bench/compare.ts';

/** A repository whose contender took three seconds in its first commit and takes two in its second, with a new one. */
let folder: string;
let repository: string;
const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.com', ...args], {
    cwd: repository,
  });

async function writeContender(name: string, cpu: number): Promise<void> {
  const script = `console.log('a log line');\nconsole.log(JSON.stringify({ cpu: ${cpu}, wall: ${cpu}, rss: 100 }));\n`;
  await writeFile(join(repository, `bench/contenders/${name}.ts`), script);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flowlogs-bench-test-'));
  repository = join(folder, 'repository');
  await mkdir(join(repository, 'bench/contenders'), { recursive: true });
  await mkdir(join(repository, 'node_modules'));
  git('init', '--quiet');
  await writeContender('old', 3);
  git('add', 'bench');
  git('commit', '--quiet', '--message', 'first');
  await writeContender('old', 2);
  await writeContender('new', 1);
});
afterAll(() => rm(folder, { recursive: true }));

test('a revision is unpacked with the packages of this tree, and the repository stays as it is', async () => {
  const before = git('status', '--porcelain', '--branch').toString();
  const other = join(folder, 'unpacked');
  await unpackRevision(repository, 'HEAD', other);
  expect(await readFile(join(other, 'bench/contenders/old.ts'), 'utf8')).toContain('cpu: 3');
  expect(existsSync(join(other, 'node_modules'))).toBe(true);
  expect(git('status', '--porcelain', '--branch').toString()).toBe(before);
  expect(git('worktree', 'list').toString().trim().split('\n')).toHaveLength(1);
});

test('a revision that git does not know is told with what to do', async () => {
  await expect(unpackRevision(repository, 'nonsense', join(folder, 'nonsense'))).rejects.toThrow(
    'There is no revision nonsense. Name a commit',
  );
});

test('both trees run in turn, and what the other one lacks is said', async () => {
  const other = join(folder, 'other');
  await unpackRevision(repository, 'HEAD', other);
  const order: string[] = [];
  const onRun = (line: string) => order.push(line.replace(/ on.* CPU /, ' ').replace(/, wall.*/, ''));
  const lines = await compare(
    { tree: repository, folder: join(folder, 'here'), onRun },
    { tree: other, folder: join(folder, 'there'), onRun },
    [
      { name: 'large', contender: 'old', input: 'input' },
      { name: 'small', contender: 'new', input: 'input' },
    ],
    3,
  );
  const [here, there] = ['old 2.00 s', 'old 3.00 s'];
  // One run of each is not measured.
  expect(order).toEqual([here, there, here, there, there, here, here, there]);
  const cells = lines.map((line) => line.split(/\s{2,}/));
  expect(cells).toEqual([
    ['this tree / the other', 'min', 'median', 'max'],
    ['large: CPU', '0.667', '0.667', '0.667'],
    ['large: peak memory', '1.000', '1.000', '1.000'],
    ['small: not compared, the other revision has no bench/contenders/new.ts'],
  ]);
});
