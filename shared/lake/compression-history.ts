import type { Compression } from './layout.ts';

/**
 * The codec that a lake's records are compressed with, or which one from when on, oldest first.
 *
 * The codec is in the names of outputs. An object that was read halfway under one setting and again under the next would
 * have both, and every record twice. So a change is dated, and the object's own time decides: then the names are a function
 * of the object alone, provided that the change is announced before there is any object of its time.
 */
export type CompressionHistory = Compression | readonly CompressionSince[];

export interface CompressionSince {
  readonly compression: Compression;
  /** Unix seconds. */
  readonly from: number;
}

const CHANGE = /^(zstd|gzip) from (\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?Z)$/;

/**
 * Reads a setting: `zstd`, or with all changes since the lake began, `zstd, gzip from 2026-12-01T12:00Z`.
 *
 * @throws Error that says what is wrong.
 */
export function parseCompression(setting: string): CompressionHistory {
  const [first, ...changes] = setting.split(',').map((part) => part.trim());
  if (first !== 'zstd' && first !== 'gzip') {
    throw new Error('Later changes follow with their time: "zstd, gzip from 2026-12-01T12:00Z".');
  }
  if (changes.length === 0) return first;
  const history: CompressionSince[] = [{ compression: first, from: Number.NEGATIVE_INFINITY }];
  for (const change of changes) {
    const [, compression, time = ''] = CHANGE.exec(change) ?? [];
    const from = Date.parse(time) / 1000;
    if (Number.isNaN(from))
      throw new Error(`"${change}" is no change such as "gzip from 2026-12-01T12:00Z".`);
    if (from <= history.at(-1)!.from) throw new Error(`"${change}" is not later than the change before it.`);
    history.push({ compression: compression as Compression, from });
  }
  return history;
}

/** The codec for an object. `time`: the object's own, Unix seconds. */
export function compressionAt(history: CompressionHistory, time: number): Compression {
  return typeof history === 'string' ? history : history.findLast(({ from }) => from <= time)!.compression;
}
