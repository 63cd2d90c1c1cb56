import { jsonRow, readJsonRow } from './json-row.ts';
import type { SourceIdentity } from './layout.ts';
import { objectId } from './layout.ts';
import type { ObjectStore } from './object-store.ts';
import { parseSourceKey } from './source-key.ts';

/** What `objectTime` needs to know of a source object. */
export interface DatedSource extends SourceIdentity {
  /** Unix seconds. */
  readonly lastModified: number;
}

/** The folder of the lake that keeps the times of objects whose names have none. */
export const FIRST_SEEN = 'first-seen/';

/**
 * An object's own time, Unix seconds: the stamp in its name; without one, when it was last modified as it was first
 * ingested. Copying an object onto itself changes the modification time and nothing else: with it the object's receipt
 * would be looked for in another day, and the object be ingested twice. So the first one is kept in the lake.
 */
export async function objectTime(source: DatedSource, lake: Pick<ObjectStore, 'get'>): Promise<number> {
  return (
    parseSourceKey(source.key).stamp ??
    (await firstSeen(objectId(source), lake)) ??
    Math.floor(source.lastModified)
  );
}

/**
 * Makes `time` the object's own for all deliveries to come. To be called before anything is stored under that time.
 *
 * @throws Error if another delivery has just made another time the object's. Ingesting it again then uses that.
 */
export async function keepObjectTime(source: DatedSource, time: number, lake: ObjectStore): Promise<void> {
  if (parseSourceKey(source.key).stamp !== undefined) return;
  const id = objectId(source);
  if ((await lake.create(keyOf(id), jsonRow({ last_modified: time }))) === 'created') return;
  if ((await firstSeen(id, lake)) === time) return;
  throw new Error(
    `The object ${source.key} was modified while it was ingested, and another delivery was faster. Ingest it again.`,
  );
}

async function firstSeen(id: string, lake: Pick<ObjectStore, 'get'>): Promise<number | undefined> {
  return (await readJsonRow<{ last_modified: number }>(keyOf(id), lake))?.last_modified;
}

const keyOf = (id: string) => `${FIRST_SEEN}${id}.json`;
