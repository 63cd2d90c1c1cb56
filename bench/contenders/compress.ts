/** The second half of the codec floor alone. OUTPUT is a lake that this project has written. */
import { recordsOf } from '../lake.ts';
import { compress } from './codec-floor.ts';
import { type Contender, contend } from './contend.ts';

export const compressAlone: Contender<readonly Buffer[]> = {
  prepare: ({ output }) => Array.fromAsync(recordsOf(output)),
  async work(_task, outputs) {
    compress(outputs);
  },
};

if (import.meta.main) await contend(compressAlone);
