import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, resolve, sep } from 'node:path';
import type { SourceObject } from '../shared/lake/ingest.ts';

/** Measured: larger reads than Node's default of 64 KiB keep the inflater busy. */
const READ_BYTES = 512 * 1024;

/** A file that may be a flow log object. */
export interface SourceFile {
  readonly path: string;
  readonly size: number;
  /** Why it, or the folder, cannot be read. */
  readonly error?: Error;
}

/**
 * The files that the paths name, folders with all that is below them, symbolic links followed. Hidden files and folders
 * are passed over, and so are lakes.
 *
 * @throws Error for a path that does not exist, or is neither a file nor a folder.
 */
export async function* findSourceFiles(paths: readonly string[], lake: string): AsyncGenerator<SourceFile> {
  // Folders by their real paths: links may lead round in circles, or to the lake.
  const passed = new Set([await realpath(lake).catch(() => resolve(lake))]);
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined);
    if (found === undefined) throw new Error(`There is no file or folder ${path}.`);
    if (found.isDirectory()) yield* filesBelow(path, passed);
    else if (found.isFile()) yield { path, size: found.size };
    else throw new Error(`${path} is neither a file nor a folder. Write its content to a file first.`);
  }
}

async function* filesBelow(folder: string, passed: Set<string>): AsyncGenerator<SourceFile> {
  let names: string[];
  try {
    const real = await realpath(folder);
    if (passed.has(real)) return;
    passed.add(real);
    names = await readdir(folder);
  } catch (error) {
    yield { path: folder, size: 0, error: error as Error };
    return;
  }
  if (isLake(names)) return;
  // Sorted, so that a run over the same files reads the same on every machine.
  for (const name of names.sort()) {
    if (name.startsWith('.')) continue;
    const path = join(folder, name);
    const found = await stat(path).catch((error: Error) => error);
    if (found instanceof Error) yield { path, size: 0, error: found };
    else if (found.isDirectory()) yield* filesBelow(path, passed);
    else if (found.isFile()) yield { path, size: found.size };
  }
}

/** Whether a folder is a lake: what is in it has been ingested already. */
function isLake(names: readonly string[]): boolean {
  return names.includes('receipts') && names.some((name) => name === '.tmp' || name.endsWith('flow_logs'));
}

/** The file's path from `AWSLogs/` on, as it would be in a bucket; else its name. */
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
  // What goes into the lake must not depend on where the file lies: a copy of it is the same object.
  const name = basename(path);
  return {
    source: name,
    bucket: '',
    key: name,
    location: keyOfPath(path),
    size,
    open: () => createReadStream(path, { highWaterMark: READ_BYTES }),
  };
}
