/**
 * `npm run simulate -- --seeds 10000 --from 1`: runs the worlds of so many seeds, one after the other. One that does not
 * end as it must prints what happened in it; `--from` with its number and `--seeds 1` runs it alone, just as it was.
 */

import { parseArgs } from 'node:util';
import { SeedFailed, simulate } from './simulate.ts';

const HELP = `Usage: npm run simulate -- [options]

  --seeds N   how many worlds to run (1000)
  --from S    the first seed (1)

Exit status: 0 all end as they must, 1 some don't, 2 wrong usage.
`;

const options = readOptions();
if (options === undefined) process.exitCode = 2;
else process.exitCode = await run(options.seeds, options.from);

function readOptions(): { seeds: number; from: number } | undefined {
  try {
    const { values } = parseArgs({
      options: {
        seeds: { type: 'string', default: '1000' },
        from: { type: 'string', default: '1' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) {
      console.log(HELP);
      process.exit(0);
    }
    const [seeds, from] = [Number(values.seeds), Number(values.from)];
    if (Number.isSafeInteger(from) && Number.isSafeInteger(seeds) && seeds > 0) return { seeds, from };
    console.error(`Both take whole numbers.\n\n${HELP}`);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
  }
  return undefined;
}

/** Runs the worlds and tells how they end; returns the exit status. */
async function run(seeds: number, from: number): Promise<number> {
  const failed: number[] = [];
  const started = performance.now();
  for (let seed = from; seed < from + seeds; seed++) {
    try {
      await simulate(seed);
    } catch (error) {
      if (!(error instanceof SeedFailed)) throw error;
      failed.push(seed);
      console.error(error.message);
    }
    const done = seed - from + 1;
    if (done % 1000 === 0) console.error(`${done} of ${seeds} seeds, ${failed.length} failed`);
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const result = failed.length === 0 ? 'all end as they must' : `failed: ${failed.join(' ')}`;
  console.log(`${seeds} seeds from ${from} in ${seconds} s: ${result}`);
  return failed.length === 0 ? 0 : 1;
}
