import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** A temporary file that takes what does not fit in memory. */
export interface SpillFile {
  readonly path: string;
  append(chunks: readonly Uint8Array[]): Promise<void>;
  /** Ends writing; the file stays until `remove`. */
  close(): Promise<void>;
  remove(): Promise<void>;
}

/** Creates an empty temporary file in a folder that exists. */
export async function createSpillFile(folder: string): Promise<SpillFile> {
  const path = join(folder, `flowlogs-${randomUUID()}`);
  const handle: FileHandle = await open(path, 'wx', 0o600);
  return {
    path,
    async append(chunks) {
      for (const chunk of chunks) await handle.writeFile(chunk);
    },
    close: () => handle.close(),
    async remove() {
      await handle.close(); // Closing twice is allowed.
      await rm(path, { force: true });
    },
  };
}
