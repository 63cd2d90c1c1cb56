/**
 * The floor: what inflating the input and compressing the output cost, with nothing in between. The output bytes are
 * those that this project wrote, inflated before the clock starts. The synchronous call is the cheapest that Node has.
 */
import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { constants, zstdCompressSync } from 'node:zlib';
import { inflate } from '../../shared/lake/inflate.ts';
import { BLOCK_BYTES } from '../../shared/lake/output.ts';
import { zstdDecompressFrames } from '../../test/shared/lake/zstd-frames.ts';
import { contend } from './contend.ts';

const LEVEL_1 = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

async function recordsOf(lake: string): Promise<Buffer[]> {
  const files = await readdir(lake, { recursive: true });
  const outputs = files.filter((file) => file.endsWith('.json.zst')).sort();
  return Promise.all(outputs.map(async (file) => zstdDecompressFrames(await readFile(join(lake, file)))));
}

await contend(
  async ({ input }, records: readonly Buffer[]) => {
    for await (const chunk of inflate(createReadStream(input, { highWaterMark: 512 * 1024 }))) void chunk;
    for (const output of records) {
      for (let at = 0; at < output.length; at += BLOCK_BYTES) {
        zstdCompressSync(output.subarray(at, at + BLOCK_BYTES), LEVEL_1);
      }
    }
  },
  ({ output }) => recordsOf(output),
);
