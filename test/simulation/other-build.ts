import { gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib';
import type { ObjectStore } from '../../shared/lake/object-store.ts';
import { zstdDecompressFrames } from '../shared/lake/zstd-frames.ts';

/** The lake as a build writes it whose compressor makes other bytes of the same content. */
export function otherBuild(lake: ObjectStore): ObjectStore {
  return {
    ...lake,
    create(key, body) {
      const bytes = 'file' in body ? undefined : Buffer.concat(body.chunks);
      const other =
        bytes === undefined
          ? undefined
          : key.endsWith('.zst')
            ? zstdCompressSync(zstdDecompressFrames(bytes), { params: { 100: 5 } })
            : key.endsWith('.gz')
              ? gzipSync(gunzipSync(bytes), { level: 9, memLevel: 1 })
              : bytes;
      return lake.create(key, other === undefined ? body : { size: other.length, chunks: [other] });
    },
  };
}
