import { createHash } from 'node:crypto';
import type { FlowLogKind } from '../flow-log/fields.ts';

/** What makes a source object this object and no other. */
export interface SourceIdentity {
  /** Empty on a laptop, where there are no buckets. */
  readonly bucket: string;
  /** Decoded. On a laptop the file's name. */
  readonly key: string;
  /** The ETag without quotes. On a laptop the SHA-256 of the file. */
  readonly etag: string;
}

/** How records are compressed. Athena picks the codec by the suffix of the object's name. */
export type Compression = 'zstd' | 'gzip';

/** How a records object's name ends. */
export const SUFFIX: Readonly<Record<Compression, string>> = { zstd: '.json.zst', gzip: '.json.gz' };

/** The tables of records, which are also their folders in the lake. */
export const RECORD_TABLES = {
  vpc: 'flow_logs',
  'transit-gateway': 'transit_gateway_flow_logs',
} as const satisfies Record<FlowLogKind, string>;

/**
 * The tables partitioned by day alone: with one object per source object, of the day of the object's time, or with one per
 * message (`alerts`), of the day when it was sent.
 */
export type ObjectTable = 'quarantine' | 'findings' | 'receipts' | 'alerts';

const MAX_STEM = 80;

/**
 * The name that everything made of one source object carries: readable stem, then 128 bits of the identity's
 * SHA-256. A pure function of the identity, so that a second delivery finds the first one's outputs.
 */
export function objectId({ bucket, key, etag }: SourceIdentity): string {
  const fileName = key.slice(key.lastIndexOf('/') + 1);
  const stem = fileName.replace(/\..*$/, '').replaceAll(/[^A-Za-z0-9-]+/g, '-');
  // JSON keeps the three parts apart whatever they contain.
  const hash = createHash('sha256')
    .update(JSON.stringify([bucket, key, etag]))
    .digest('hex');
  return `${stem.slice(0, MAX_STEM) || 'object'}-${hash.slice(0, 32)}`;
}

/** Where a source object's quarantine, findings or receipt go, or a message's alerts. `time`: the object's or the message's, Unix seconds. */
export function objectKey(table: ObjectTable, time: number, id: string): string {
  return `${table}/day=${new Date(time * 1000).toISOString().slice(0, 10)}/${id}.json`;
}

/** Whether a key of the lake is one that `objectKey` makes for this table. */
export function isObjectKey(table: ObjectTable, key: string): boolean {
  return /^(\w+)\/day=\d{4}-\d{2}-\d{2}\/[A-Za-z0-9-]+\.json$/.exec(key)?.[1] === table;
}
