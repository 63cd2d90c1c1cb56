import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, link, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { ObjectBody, ObjectStore } from '../shared/lake/object-store.ts';

/**
 * A folder as an object store: keys are paths below it.
 *
 * @param tempFolder where objects in the making lie, on the same file system; it must exist for `create`.
 */
export function folderStore(folder: string, tempFolder: string): ObjectStore {
  const root = resolve(folder);

  /** @throws Error for a key that would leave the folder. */
  function pathOf(key: string): string {
    const path = resolve(root, key);
    if (!path.startsWith(root + sep)) throw new Error(`The key "${key}" leads out of the folder ${root}.`);
    return path;
  }

  return {
    async get(key) {
      const path = pathOf(key);
      return (await sizeOf(path)) === undefined ? undefined : createReadStream(path);
    },

    async head(key) {
      const size = await sizeOf(pathOf(key));
      return size === undefined ? undefined : { size };
    },

    async create(key, body) {
      const path = pathOf(key);
      if ((await sizeOf(path)) !== undefined) return 'exists';
      await mkdir(dirname(path), { recursive: true });
      const temporary = join(tempFolder, randomUUID());
      try {
        await writeBody(temporary, body);
        // Linking is atomic and fails if the name is taken: an object is there whole or not at all, and never replaced.
        await link(temporary, path);
        return 'created';
      } catch (error) {
        if (isCode(error, 'EEXIST')) return 'exists';
        throw error;
      } finally {
        await rm(temporary, { force: true });
      }
    },

    async *list(prefix) {
      // Only the folder that the prefix lies in has to be walked.
      const start = prefix.includes('/') ? pathOf(dirname(`${prefix}_`)) : root;
      for await (const path of filesBelow(start)) {
        const key = relative(root, path).split(sep).join('/');
        if (key.startsWith(prefix)) yield key;
      }
    },
  };
}

async function writeBody(path: string, body: ObjectBody): Promise<void> {
  if ('file' in body) await copyFile(body.file, path);
  else await writeFile(path, body.chunks);
}

async function* filesBelow(folder: string): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) return [];
    throw error;
  });
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (entry.isFile()) yield path;
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isCode(error, 'ENOENT') || isCode(error, 'ENOTDIR')) return undefined;
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
