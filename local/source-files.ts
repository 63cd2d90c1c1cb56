import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve, sep } from 'node:path';
import type { SourceObject } from '../shared/lake/ingest.ts';

/** Measured: larger reads than Node's default of 64 KiB keep the inflater busy. */
const READ_BYTES = 512 * 1024;

/** A file that may be a flow log object. */
export interface SourceFile {
  readonly path: string;
  readonly size: number;
}

/**
 * The files that the paths name, folders with all that is below them. Hidden files and folders are passed over, and so
 * is the lake itself, should it lie within.
 *
 * @throws Error for a path that does not exist.
 */
export async function* findSourceFiles(paths: readonly string[], lake: string): AsyncGenerator<SourceFile> {
  const lakeFolder = resolve(lake);
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined);
    if (found === undefined) throw new Error(`There is no file or folder ${path}.`);
    if (found.isDirectory()) yield* filesBelow(path, lakeFolder);
    else yield { path, size: found.size };
  }
}

async function* filesBelow(folder: string, lakeFolder: string): AsyncGenerator<SourceFile> {
  if (resolve(folder) === lakeFolder) return;
  const entries = await readdir(folder, { withFileTypes: true });
  // Sorted, so that a run over the same files reads the same on every machine.
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path, lakeFolder);
    else if (entry.isFile()) yield { path, size: (await stat(path)).size };
  }
}

/** The key that the file would have in a bucket: its path from `AWSLogs/` on, else its name. */
export function keyOfPath(path: string): string {
  const parts = resolve(path).split(sep);
  const start = parts.lastIndexOf('AWSLogs');
  return start < 0 ? basename(path) : parts.slice(start).join('/');
}

/** A file as a source object. Reads the file once, because on a laptop its SHA-256 stands for the ETag. */
export async function openSourceFile({ path, size }: SourceFile): Promise<SourceObject> {
  const source = fileSource(path, size);
  const hash = createHash('sha256');
  for await (const chunk of source.open()) hash.update(chunk);
  const lastModified = Math.floor((await stat(path)).mtimeMs / 1000);
  return { ...source, etag: hash.digest('hex'), lastModified };
}

/** What is known of a source file without reading it. */
export function fileSource(path: string, size: number): Omit<SourceObject, 'etag' | 'lastModified'> {
  const key = keyOfPath(path);
  return {
    // Not the path: what goes into the lake must not depend on where the file lay.
    source: key,
    bucket: '',
    key,
    size,
    open: () => createReadStream(path, { highWaterMark: READ_BYTES }),
  };
}
