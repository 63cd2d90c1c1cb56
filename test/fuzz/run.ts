/**
 * `npm run fuzz -- --minutes 10 --seed 1`: tries made-up and damaged input on the transformation, on the whole way of an
 * object into the lake, on messages and on object keys, for as long as one wants. What must hold is in `*-case.ts`.
 *
 * An input that fails is made as small as can be and kept in `test/fixtures/fuzz`, where `npm test` tries it from then on.
 */

import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import {
  decodeKept,
  encodeKept,
  inputOf,
  type KeptInput,
  TARGETS,
  type TargetName,
  tryInput,
} from './targets.ts';
import type { Told, WorkerSettings } from './worker.ts';

const HELP = `Usage: npm run fuzz -- [options]

  --minutes N        how long to try inputs (10)
  --seed S           a whole number that decides which inputs (the time)
  --target NAME      only this one of: ${Object.keys(TARGETS).join(', ')}
  --input N          only the one input of this number (with --target)
  --replay FILE      only the input that this file keeps
  --keep FOLDER      where inputs that fail are kept (test/fixtures/fuzz)

Exit status: 0 nothing failed, 1 something did, 2 wrong usage.
`;

/** One input may take so long; the machine may be busy with other things. */
const LONGEST_MS = 30_000;
/** All of it together: Node, DuckDB, and the largest input. */
const MOST_RSS_BYTES = 1_200_000_000;
const PROGRESS_MS = 10_000;
const NOT_YET = Number.POSITIVE_INFINITY;

interface Options {
  readonly minutes: number;
  readonly seed: number;
  readonly target: TargetName | undefined;
  readonly input: number | undefined;
  readonly replay: string | undefined;
  readonly keep: string;
}

process.exitCode = await main();

async function main(): Promise<number> {
  const options = readOptions();
  if (options === undefined) return 2;
  if (options.replay !== undefined) return replay(options.replay);
  if (options.input !== undefined) return tryOne(options.target!, options.input, options.keep);
  return fuzz(options);
}

function readOptions(): Options | undefined {
  try {
    const { values } = parseArgs({
      options: {
        minutes: { type: 'string', default: '10' },
        seed: { type: 'string', default: String(Math.floor(Date.now() / 1000)) },
        target: { type: 'string' },
        input: { type: 'string' },
        replay: { type: 'string' },
        keep: { type: 'string', default: join(import.meta.dirname, '../fixtures/fuzz') },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help) {
      console.log(HELP);
      process.exit(0);
    }
    const [minutes, seed, input] = [values.minutes, values.seed, values.input ?? '0'].map(Number);
    if (!(minutes! > 0) || !Number.isInteger(seed) || !Number.isInteger(input))
      throw new Error('That is no number.');
    if (values.target !== undefined && !(values.target in TARGETS))
      throw new Error(`There is no target "${values.target}".`);
    if (values.input !== undefined && values.target === undefined) throw new Error('--input needs --target.');
    return {
      minutes: minutes!,
      seed: seed!,
      target: values.target as TargetName | undefined,
      input: values.input === undefined ? undefined : input!,
      replay: values.replay,
      keep: values.keep,
    };
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    return undefined;
  }
}

async function replay(file: string): Promise<number> {
  const { target, why, input } = decodeKept(await readFile(file));
  console.error(`${file}: once failed with ${why}`);
  await TARGETS[target].check(input);
  console.error('It does not fail any more.');
  return 0;
}

async function tryOne(target: TargetName, seed: number, folder: string): Promise<number> {
  const tried = await tryInput(target, seed, () => {});
  if ('failed' in tried) await keep(tried.failed, seed, folder);
  else console.error(`${target} ${seed}: nothing failed.`);
  return 'failed' in tried ? 1 : 0;
}

/** Tries inputs until the time is over. */
function fuzz({ minutes, seed, target, keep: folder }: Options): Promise<number> {
  const targets = target === undefined ? (Object.keys(TARGETS) as TargetName[]) : [target];
  const begun = performance.now();
  const tried = new Map<TargetName, number>(targets.map((name) => [name, 0]));
  // The input that is being tried, and since when; a thread that starts has none yet.
  const current = { target: targets[0]!, seed: 0, index: 0, since: NOT_YET };
  const slowest = { target: targets[0]!, seed: 0, milliseconds: 0 };
  const keeping: Promise<void>[] = [];
  let [failures, objects, rows, mostRss] = [0, 0, 0, 0];
  let worker = start(0);
  console.error(`Seed ${seed}, ${minutes} minutes.`);

  function start(from: number): Worker {
    const settings: WorkerSettings = { seed, from, targets };
    const started = new Worker(new URL('./worker.ts', import.meta.url), { workerData: settings });
    started.on('message', hear);
    started.on('error', (error) => {
      if (current.since === NOT_YET) throw error;
      failed(`the thread broke: ${error.stack ?? error}`);
      restart();
    });
    return started;
  }

  function hear(told: Told): void {
    switch (told.kind) {
      case 'started':
        Object.assign(current, {
          target: told.target,
          seed: told.seed,
          index: told.index,
          since: performance.now(),
        });
        return;
      case 'tried':
        tried.set(told.target, tried.get(told.target)! + 1);
        if (told.milliseconds > slowest.milliseconds) Object.assign(slowest, told);
        return;
      case 'failed':
        failures++;
        keeping.push(keep(told.failed, told.seed, folder));
        return;
      case 'read':
        objects += told.objects;
        rows += told.rows;
    }
  }

  function failed(why: string): void {
    failures++;
    const input = inputOf(current.target, current.seed);
    keeping.push(keep({ target: current.target, why, input }, current.seed, folder));
  }

  function restart(): void {
    void worker.terminate();
    current.since = NOT_YET;
    worker = start(current.index + 1);
  }

  function progress(): void {
    const seconds = Math.round((performance.now() - begun) / 1000);
    const inputs = [...tried].map(([name, count]) => `${count} ${name}`).join(', ');
    console.error(
      `${seconds} s: ${inputs}; DuckDB read ${rows} rows of ${objects} objects; slowest ` +
        `${Math.round(slowest.milliseconds)} ms (${slowest.target} ${slowest.seed}); ` +
        `memory up to ${Math.round(mostRss / 1e6)} MB; ${failures} failed`,
    );
    const busy = performance.now() - current.since;
    if (busy > PROGRESS_MS / 2)
      console.error(`  busy for ${Math.round(busy)} ms: ${current.target} ${current.seed}`);
  }

  return new Promise((resolve) => {
    const printing = setInterval(progress, PROGRESS_MS);
    const watching = setInterval(async () => {
      mostRss = Math.max(mostRss, process.memoryUsage.rss());
      if (performance.now() - current.since > LONGEST_MS) {
        failed(`took more than ${LONGEST_MS / 1000} s`);
        restart();
      }
      if (performance.now() - begun < minutes * 60_000) return;
      clearInterval(printing);
      clearInterval(watching);
      await worker.terminate();
      await Promise.all(keeping);
      progress();
      if (mostRss > MOST_RSS_BYTES) {
        console.error(`More memory than ${MOST_RSS_BYTES / 1e6} MB: something grows.`);
        failures++;
      }
      resolve(failures > 0 ? 1 : 0);
    }, 250);
  });
}

/** Keeps an input that failed and says how to try it again. */
async function keep(failed: KeptInput, seed: number, folder: string): Promise<void> {
  const bytes = encodeKept(failed);
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 8);
  const file = join(folder, `${failed.target}-${hash}.json.gz`);
  await mkdir(folder, { recursive: true });
  await writeFile(file, bytes);
  console.error(
    `\nFAILED: ${failed.target} ${seed}: ${failed.why}\n` +
      `  as small as can be: npm run fuzz -- --replay ${relative('.', file)}\n` +
      `  as it was found:    npm run fuzz -- --target ${failed.target} --input ${seed}\n`,
  );
}
