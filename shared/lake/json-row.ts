import { buffer } from 'node:stream/consumers';
import type { ObjectBody, ObjectStore } from './object-store.ts';

/** A value as an object of one line of JSON. */
export function jsonRow(value: unknown): ObjectBody & { readonly chunks: readonly Uint8Array[] } {
  const row = Buffer.from(`${JSON.stringify(value)}\n`);
  return { size: row.length, chunks: [row] };
}

/** The value that an object of one line of JSON holds, or undefined if there is no such object. */
export async function readJsonRow<T>(key: string, store: Pick<ObjectStore, 'get'>): Promise<T | undefined> {
  const content = await store.get(key);
  return content === undefined ? undefined : JSON.parse((await buffer(content)).toString());
}
