import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Where runs keep what is not finished. The name starts with a dot, so that no query takes it for data. */
const TEMP_FOLDER = '.tmp';

export interface TempFolder {
  readonly path: string;
  /** Removes the folder at once: synchronously, because it has to be done before a process ends on a signal. */
  remove(): void;
}

/**
 * Makes a temporary folder for this run in a lake, and removes those of runs that were killed. Being in the lake, its
 * files can be linked to their final names.
 */
export function openTempFolder(lake: string): TempFolder {
  const all = join(lake, TEMP_FOLDER);
  const path = join(all, `${process.pid}-${randomUUID()}`);
  mkdirSync(path, { recursive: true });
  for (const name of readdirSync(all)) {
    if (!isRunning(Number.parseInt(name, 10))) rmSync(join(all, name), { recursive: true, force: true });
  }
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

function isRunning(pid: number): boolean {
  if (!(pid > 0)) return false;
  try {
    // Signal 0 only asks whether the process is there.
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is, but somebody else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
