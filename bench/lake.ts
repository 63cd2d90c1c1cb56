/** Reads the lakes that contenders write. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Receipt } from '../shared/lake/receipt.ts';
import { zstdDecompressFrames } from '../test/shared/lake/zstd-frames.ts';

/** The records of each output of a lake folder, inflated. */
export async function* recordsOf(lake: string): AsyncGenerator<Buffer> {
  for (const file of await filesOf(lake, '.json.zst')) yield zstdDecompressFrames(await readFile(file));
}

/** The receipt of the only object of a lake folder. */
export async function receiptOf(lake: string): Promise<Receipt> {
  const [file] = await filesOf(join(lake, 'receipts'), '.json');
  if (file === undefined) throw new Error(`The lake ${lake} has no receipt: nothing was ingested.`);
  return JSON.parse(await readFile(file, 'utf8'));
}

async function filesOf(folder: string, suffix: string): Promise<string[]> {
  const files = await readdir(folder, { recursive: true });
  return files
    .filter((file) => file.endsWith(suffix))
    .sort()
    .map((file) => join(folder, file));
}
