/**
 * Measures what ingestion takes and prints it with the goals beside it. bench/README.md says how.
 *
 *     npm run bench [-- --only large|wall|memory|small|cold] [-- --records N] [-- --gigabytes 1,4] [-- --runs N]
 *     npm run bench -- --save           also keeps the figures, in bench/measured.json and bench/README.md
 *     npm run bench -- --compare REV    this tree and another revision in turn
 */
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { linesOfBundles, measureBundles } from './bundles.ts';
import { compare, unpackRevision } from './compare.ts';
import { linesOfLarge, measureLarge } from './large.ts';
import { linesOfOccasion, type Measured, occasion, saveRun } from './measured.ts';
import { linesOfMemory, measureMemory } from './memory.ts';
import { FORMAT_NAMES, type FormatName, type LogObject, writeObject, writeSmallObjects } from './objects.ts';
import type { Place } from './processes.ts';
import { linesOfSmall, measureSmall, RECORDS_OF_SMALL, SMALL_OBJECTS } from './small-objects.ts';
import { linesOfWall, measureWall } from './wall.ts';

const PARTS = ['large', 'wall', 'memory', 'small', 'cold'] as const;
type Part = (typeof PARTS)[number];

const RECORDS = 2_000_000;
/** Of each contender; what takes least counts. */
const RUNS = 3;
/** The median of five pairs stands fast against one that was disturbed. */
const PAIRS = 5;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    records: { type: 'string', default: String(RECORDS) },
    gigabytes: { type: 'string', default: '1,4' },
    runs: { type: 'string' },
    save: { type: 'boolean', default: false },
    compare: { type: 'string' },
  },
});
if (values.only !== undefined && !isPart(values.only)) {
  throw new Error(`There is no part ${values.only}. --only takes ${PARTS.join(', ')}.`);
}
const records = positive('--records', values.records);
const gigabytes = values.gigabytes.split(',').map((size) => positive('--gigabytes', size));
if (values.save && (values.only !== undefined || values.compare !== undefined || records !== RECORDS)) {
  throw new Error('--save keeps the figures of a whole run: leave out --only, --compare and --records.');
}

const tree = dirname(import.meta.dirname);
const folder = await mkdtemp(join(tmpdir(), 'flowlogs-bench-'));
// Beside the result, which is long in coming: what each process took.
const onRun = (line: string) => console.error(line);
const place: Place = { tree, folder, onRun };
process.once('SIGINT', () => {
  rmSync(folder, { recursive: true, force: true });
  process.exit(130);
});
try {
  console.log(linesOfOccasion(occasion()).join('\n'));
  if (values.compare === undefined) await measure();
  else await compareWith(values.compare);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function measure(): Promise<void> {
  const runs = positive('--runs', values.runs ?? String(RUNS));
  const printed = new Map<string, readonly string[]>();
  const print = (part: Part, lines: readonly string[]) => {
    console.log(`\n${part}\n\n${lines.join('\n')}`);
    printed.set(part, lines);
  };
  const isWanted = (part: Part) => values.only === undefined || values.only === part;

  const objects = new Map<FormatName, LogObject>();
  if (isWanted('large') || isWanted('wall')) {
    for (const name of FORMAT_NAMES) objects.set(name, await writeObject(join(folder, name), name, records));
  } else if (isWanted('memory')) {
    objects.set('default', await writeObject(join(folder, 'default'), 'default', records));
  }
  const ofEachFormat = async <T>(work: (object: LogObject) => Promise<T>) => {
    const figures = new Map<FormatName, T>();
    for (const [name, object] of objects) figures.set(name, await work(object));
    return Object.fromEntries(figures) as Record<FormatName, T>;
  };

  let formats: Measured['formats'] | undefined;
  let smallObjects: Measured['smallObjects'] | undefined;
  if (isWanted('large')) {
    formats = await ofEachFormat((object) => measureLarge(place, object, runs));
    print('large', linesOfLarge(formats));
  }
  if (isWanted('wall')) {
    print('wall', linesOfWall(await ofEachFormat((object) => measureWall(place, object, runs))));
  }
  if (isWanted('memory')) {
    print('memory', linesOfMemory(await measureMemory(place, objects.get('default')!, gigabytes)));
  }
  if (isWanted('small')) {
    const small = await writeSmallObjects(join(folder, 'small'), SMALL_OBJECTS, RECORDS_OF_SMALL);
    smallObjects = await measureSmall(place, small, runs);
    print('small', linesOfSmall(smallObjects));
  }
  if (isWanted('cold')) print('cold', linesOfBundles(await measureBundles(place)));

  if (values.save && formats !== undefined && smallObjects !== undefined) {
    const now = occasion();
    await saveRun({ ...now, formats, smallObjects }, printed.set('occasion', linesOfOccasion(now)));
  }
}

async function compareWith(revision: string): Promise<void> {
  const other: Place = { tree: join(folder, 'other-tree'), folder: join(folder, 'other'), onRun };
  await mkdir(other.folder);
  await unpackRevision(tree, revision, other.tree);
  const large = await writeObject(join(folder, 'default'), 'default', records);
  const small = await writeSmallObjects(join(folder, 'small'), SMALL_OBJECTS, RECORDS_OF_SMALL);
  const comparisons = [
    { name: 'large default object', contender: 'flowlogs', input: large.path },
    { name: 'small objects', contender: 'small-objects', input: small.folder },
  ];
  const pairs = positive('--runs', values.runs ?? String(PAIRS));
  console.log(
    `\ncompared with ${revision}\n\n${(await compare(place, other, comparisons, pairs)).join('\n')}`,
  );
}

function isPart(name: string): name is Part {
  return (PARTS as readonly string[]).includes(name);
}

/** @throws Error for what is no number above zero. */
function positive(option: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`${option} takes a number above zero, not "${text}".`);
  return value;
}
