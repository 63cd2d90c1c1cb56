import { promisify } from 'node:util';
import { constants, createZstdCompress, gzip, type ZstdCompress, type ZstdOptions } from 'node:zlib';
import type { Compression } from './layout.ts';

/** How an output's blocks are encoded. Quarantine and findings are small and stay plain, so that people can read them. */
export type Encoding = Compression | 'plain';

/** Encodes blocks, off the main thread. */
export interface BlockEncoder {
  /** The block as a whole zstd frame or gzip member, or as it is. Blocks may be handed in while others are under way. */
  encode(block: Uint8Array, encoding: Encoding): Promise<Uint8Array>;
  close(): void;
}

/**
 * Level 1 of either codec: what a higher level saves in storage does not pay for its time. Level 1 also keeps zstd's
 * window below the 8 MiB that Athena's reader accepts.
 */
const LEVEL = 1;
/** The encoded block usually fits one buffer of this size, which spares a copy. */
const CHUNK_BYTES = 256 * 1024;
/** An encoded block waits in the stream until it is read, so the stream must hold the largest there is. */
const MAX_ENCODED_BYTES = 4 * 1024 * 1024;

const gzipAsync = promisify(gzip);

/**
 * Starts an encoder. Every block stands alone, as a frame or member: readers (Athena, DuckDB, the usual tools) read
 * files of several of them one after the other, and no partition needs a compressor kept open, which is what bounds
 * memory. One zstd context serves all blocks in turn: setting up a new one for each costs a tenth of the compression
 * (measured), and the bytes are the same.
 */
export function createBlockEncoder(): BlockEncoder {
  let zstd: ZstdCompress | undefined;
  let previous: Promise<unknown> = Promise.resolve();

  function openZstd(): ZstdCompress {
    // Stream options are passed on, but the type declarations do not list them.
    const options: ZstdOptions & { highWaterMark: number } = {
      params: { [constants.ZSTD_c_compressionLevel]: LEVEL },
      chunkSize: CHUNK_BYTES,
      highWaterMark: MAX_ENCODED_BYTES,
    };
    const stream = createZstdCompress(options);
    // Errors reach the caller through the callbacks of `write` and `flush`.
    stream.on('error', () => {});
    return stream;
  }

  function zstdFrame(block: Uint8Array): Promise<Uint8Array> {
    zstd ??= openZstd();
    const stream = zstd;
    return new Promise((resolve, reject) => {
      stream.write(block, (error) => {
        if (error) reject(error);
      });
      stream.flush(constants.ZSTD_e_end, () => {
        const parts: Buffer[] = [];
        for (let part = stream.read(); part !== null; part = stream.read()) parts.push(part);
        resolve(parts.length === 1 ? parts[0]! : Buffer.concat(parts));
      });
    });
  }

  return {
    encode(block, encoding) {
      if (encoding === 'plain') return Promise.resolve(Uint8Array.from(block));
      if (encoding === 'gzip') return gzipAsync(block, { level: LEVEL, chunkSize: CHUNK_BYTES });
      const frame = previous.then(() => zstdFrame(block));
      previous = frame.catch(() => {});
      return frame;
    },
    close: () => zstd?.destroy(),
  };
}
