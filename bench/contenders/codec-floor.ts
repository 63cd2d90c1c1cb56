/**
 * The floor: what inflating the input and compressing the output cost, with nothing in between. The output bytes are
 * those that this project wrote, inflated before the clock starts. Both halves are the cheapest that Node's zlib has been
 * found to do, see bench/README.md.
 */
import { createReadStream } from 'node:fs';
import { constants, createGunzip, zstdCompressSync } from 'node:zlib';
import { recordsOf } from '../lake.ts';
import { type Contender, contend } from './contend.ts';

const LEVEL_1 = { params: { [constants.ZSTD_c_compressionLevel]: 1 }, chunkSize: 256 * 1024 };

export interface FloorDetails {
  /** Of the input. */
  readonly inflatedBytes: number;
  /** Of the records, before they are compressed. */
  readonly recordBytes: number;
}

async function inflate(input: string): Promise<number> {
  const inflated = createReadStream(input, { highWaterMark: 512 * 1024 }).pipe(
    createGunzip({ chunkSize: 1024 * 1024 }),
  );
  let bytes = 0;
  for await (const chunk of inflated) bytes += chunk.length;
  return bytes;
}

/** Compresses each output as one frame. */
export function compress(outputs: readonly Buffer[]): Buffer[] {
  return outputs.map((output) => zstdCompressSync(output, LEVEL_1));
}

/** OUTPUT is a lake that this project has written. */
export const codecFloor: Contender<readonly Buffer[], FloorDetails> = {
  prepare: ({ output }) => Array.fromAsync(recordsOf(output)),
  async work({ input }, outputs) {
    const inflatedBytes = await inflate(input);
    compress(outputs);
    return { inflatedBytes, recordBytes: outputs.reduce((sum, { length }) => sum + length, 0) };
  },
};

if (import.meta.main) await contend(codecFloor);
