/** The thread that tries inputs. It never stops by itself; the main thread (`run.ts`) watches how long each one takes. */

import { parentPort, workerData } from 'node:worker_threads';
import { createRandom } from '../../generator/random.ts';
import { checkReadable } from './readable.ts';
import { type Effect, inputOf, type KeptInput, TARGETS, type TargetName, tryInput } from './targets.ts';

/** What the main thread is told. */
export type Told =
  | { readonly kind: 'started'; readonly target: TargetName; readonly seed: number; readonly index: number }
  | {
      readonly kind: 'tried';
      readonly target: TargetName;
      readonly seed: number;
      readonly milliseconds: number;
    }
  | { readonly kind: 'failed'; readonly seed: number; readonly failed: KeptInput }
  | { readonly kind: 'read'; readonly objects: number; readonly rows: number };

export interface WorkerSettings {
  readonly seed: number;
  /** The first input's number. */
  readonly from: number;
  readonly targets: readonly TargetName[];
}

/** So many objects, or bytes of them, DuckDB reads at once. */
const BATCH_OBJECTS = 100;
const BATCH_BYTES = 32 * 1024 * 1024;
const LARGEST_SEED = 0x7fff_ffff;

const { seed, from, targets } = workerData as WorkerSettings;
const tell = (told: Told) => parentPort!.postMessage(told);

interface Done {
  readonly seed: number;
  readonly effect: Effect;
}

let batch: Done[] = [];
let batchBytes = 0;
for (let index = from; ; index++) {
  const random = createRandom(seed, `input ${index}`);
  const target = random.pick(targets.flatMap((name) => Array<TargetName>(TARGETS[name].share).fill(name)));
  const inputSeed = random.integer(1, LARGEST_SEED);
  const begun = performance.now();
  const started = () => tell({ kind: 'started', target, seed: inputSeed, index });
  const tried = await tryInput(target, inputSeed, started);
  tell({ kind: 'tried', target, seed: inputSeed, milliseconds: performance.now() - begun });
  if ('failed' in tried) {
    tell({ kind: 'failed', seed: inputSeed, failed: tried.failed });
  } else if (tried.effect !== undefined) {
    batch.push({ seed: inputSeed, effect: tried.effect });
    for (const bytes of tried.effect.written.values()) batchBytes += bytes.length;
  }
  if (batch.length < BATCH_OBJECTS && batchBytes < BATCH_BYTES) continue;
  started();
  await readBatch();
  batch = [];
  batchBytes = 0;
}

async function readBatch(): Promise<void> {
  try {
    await checkReadable(batch.map(({ effect }) => effect));
  } catch (error) {
    await findUnreadable(error);
  }
  const rows = batch
    .flatMap(({ effect }) => [...effect.tallies.values()])
    .reduce((sum, { rows }) => sum + rows, 0);
  tell({ kind: 'read', objects: batch.length, rows });
}

/** Tells which objects of the batch DuckDB does not read. */
async function findUnreadable(batchError: unknown): Promise<void> {
  let found = 0;
  for (const { seed, effect } of batch) {
    try {
      if (effect.written.size > 0) await checkReadable([effect]);
    } catch (error) {
      found++;
      tell({
        kind: 'failed',
        seed,
        failed: { target: 'object', why: String(error), input: inputOf('object', seed) },
      });
    }
  }
  if (found === 0)
    throw new Error('DuckDB reads each object, but not all of them together', { cause: batchError });
}
