import { type Format, headerOf } from '../flow-log/format.ts';
import { formatOfSetting } from '../flow-log/header.ts';
import { jsonRow, readJsonRow } from './json-row.ts';
import type { ObjectStore } from './object-store.ts';
import { FIRST_SEEN } from './object-time.ts';

/**
 * The format that an object without a header is read in, by all its deliveries: what the first one took that got so far.
 *
 * The format of such objects is a setting. An object that was read halfway under one and again under the next could have its
 * records in two hours, and none of them would be told from the other. So the first format is kept in the lake. To be called
 * before anything is stored.
 */
export async function keepHeaderlessFormat(id: string, format: Format, lake: ObjectStore): Promise<Format> {
  const key = headerlessFormatKey(id);
  if ((await lake.create(key, jsonRow({ format: headerOf(format) }))) === 'created') return format;
  const kept = await readJsonRow<{ format: string }>(key, lake);
  if (kept === undefined) throw new Error(`${key} was there, and is gone. Ingest the object again.`);
  return formatOfSetting(kept.format);
}

/** The folder of the lake that keeps the formats of objects without a header. */
export const KEPT_FORMATS = `${FIRST_SEEN}formats/`;

/** Where an object's format is kept. */
export function headerlessFormatKey(id: string): string {
  return `${KEPT_FORMATS}${id}.json`;
}
