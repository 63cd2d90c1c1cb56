import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Table } from '../athena/tables.ts';

/**
 * The files of a table in a lake folder, as full paths in a stable order; none if the table has no folder.
 *
 * Only what Athena would read: files in partition folders with one of the table's suffixes. Names that start with `.` or
 * `_` are hidden from Athena, so a file that is being written can wait under such a name.
 *
 * @throws Error if a folder exists but cannot be read.
 */
export async function tableFiles(lake: string, table: Table): Promise<string[]> {
  let folders = [join(lake, table.prefix)];
  for (const { name } of table.partitions) {
    const deeper = await Promise.all(folders.map((folder) => subfolders(folder, `${name}=`)));
    folders = deeper.flat();
  }
  const files = await Promise.all(folders.map((folder) => dataFiles(folder, table.suffixes)));
  return files.flat();
}

async function subfolders(folder: string, prefix: string): Promise<string[]> {
  return (await entries(folder))
    .filter((entry) => entry.isDirectory() && entry.name.startsWith(prefix))
    .map((entry) => join(folder, entry.name));
}

async function dataFiles(folder: string, suffixes: readonly string[]): Promise<string[]> {
  return (await entries(folder))
    .filter(({ name }) => !/^[._]/.test(name) && suffixes.some((suffix) => name.endsWith(suffix)))
    .map((entry) => join(folder, entry.name));
}

async function entries(folder: string): Promise<Dirent[]> {
  try {
    const found = await readdir(folder, { withFileTypes: true });
    return found.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
