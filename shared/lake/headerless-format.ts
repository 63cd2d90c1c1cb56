import { buffer } from 'node:stream/consumers';
import type { Format } from '../flow-log/format.ts';
import { formatOfSetting } from '../flow-log/header.ts';
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
  const row = Buffer.from(`${JSON.stringify({ format: namesOf(format) })}\n`);
  const key = headerlessFormatKey(id);
  if ((await lake.create(key, { size: row.length, chunks: [row] })) === 'created') return format;
  const content = await lake.get(key);
  if (content === undefined) throw new Error(`${key} was there, and is gone. Ingest the object again.`);
  return formatOfSetting(JSON.parse((await buffer(content)).toString()).format);
}

/** The folder of the lake that keeps the formats of objects without a header. */
export const KEPT_FORMATS = `${FIRST_SEEN}formats/`;

/** Where an object's format is kept. */
export function headerlessFormatKey(id: string): string {
  return `${KEPT_FORMATS}${id}.json`;
}

function namesOf({ columns }: Format): string {
  return columns.map(({ name }) => name).join(' ');
}
