import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type IngestSettings, ingestObject, type SourceObject } from '../../../shared/lake/ingest.ts';
import type { ObjectStore } from '../../../shared/lake/object-store.ts';
import type { Receipt } from '../../../shared/lake/receipt.ts';
import { memoryStore } from './memory-store.ts';
import { zstdDecompressFrames } from './zstd-frames.ts';

export const TEMP_FOLDER = mkdtempSync(join(tmpdir(), 'flowlogs-test-'));

export const SETTINGS: IngestSettings = {
  compression: 'zstd',
  headerlessFormat: undefined,
  maxInflatedBytes: 1024 ** 3,
  blockBytes: 32 * 1024 * 1024,
  memoryBytes: 32 * 1024 * 1024,
  tempFolder: TEMP_FOLDER,
  build: 'test',
};

export const KEY =
  'AWSLogs/123456789010/vpcflowlogs/eu-west-1/2026/11/20/' +
  '123456789010_vpcflowlogs_eu-west-1_fl-1234abcd_20261120T0500Z_fe123456.log.gz';
/** The stamp in `KEY`, Unix seconds. */
export const STAMP = Date.UTC(2026, 10, 20, 5) / 1000;

/** A source object of some content, in one chunk unless told otherwise. */
export function sourceOf(
  content: Uint8Array | string,
  { key = KEY, chunks }: { key?: string; chunks?: () => Iterable<Uint8Array> } = {},
): SourceObject {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return {
    source: `s3://raw/${key}`,
    bucket: 'raw',
    key,
    etag: 'd41d8cd98f00b204e9800998ecf8427e',
    size: bytes.length,
    lastModified: STAMP + 600,
    async *open() {
      yield* chunks?.() ?? [bytes];
    },
  };
}

/** Ingests one object and returns its receipt; fails if it was done before. */
export async function receiptOf(
  source: SourceObject,
  lake: ObjectStore = memoryStore(),
  settings: Partial<IngestSettings> = {},
): Promise<Receipt> {
  const result = await ingestObject(source, lake, { ...SETTINGS, ...settings });
  if (result.outcome !== 'ingested') throw new Error('the object was done before');
  return result.receipt;
}

/** Everything in the lake but receipts (their times differ), inflated, by key. */
export function contentOf(objects: ReadonlyMap<string, Buffer>): Record<string, string> {
  const content: Record<string, string> = {};
  for (const [key, bytes] of [...objects].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (key.startsWith('receipts/')) continue;
    content[key] = inflated(key, bytes).toString();
  }
  return content;
}

function inflated(key: string, bytes: Buffer): Buffer {
  if (key.endsWith('.zst')) return zstdDecompressFrames(bytes);
  return key.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}
