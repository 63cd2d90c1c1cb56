import { promisify } from 'node:util';
import {
  constants,
  createZstdCompress,
  gzip,
  type ZstdCompress,
  type ZstdOptions,
  zstdCompressSync,
} from 'node:zlib';
import { giveBack } from './give-back.ts';
import type { Compression } from './layout.ts';

/** How an output's blocks are encoded. Quarantine and findings are small and stay plain, so that people can read them. */
export type Encoding = Compression | 'plain';

/** Encodes blocks, the large ones off the main thread. */
export interface BlockEncoder {
  /** The block as a whole zstd frame or gzip member, or as it is. Blocks may be handed in while others are under way. */
  encode(block: Uint8Array, encoding: Encoding): Promise<Uint8Array>;
  close(): void;
}

/**
 * Level 1 of either codec, for the time that an object takes: higher levels save storage for many times the work. Level 1 also
 * keeps zstd's window below the 8 MiB that Athena's reader accepts.
 */
const LEVEL = 1;
/** Of a block of this size zstd promises that what it makes of it has no more than these bytes (ZSTD_compressBound). */
const encodedBound = (bytes: number) => bytes + (bytes >> 8) + 1024;
/** The stream fills its buffer with one frame after the other; most of them should find so much room. */
const ROOM_BLOCKS = 4;
/** For gzip, whose stream makes as many chunks as it takes. */
const CHUNK_BYTES = 256 * 1024;

/**
 * Blocks up to this size are encoded on the spot, as long as there are few of them: a small object leaves one or two, for
 * which another thread and a stream would cost more.
 */
const SMALL_BYTES = 256 * 1024;
const MOST_SMALL = 8;
const PARAMS = { [constants.ZSTD_c_compressionLevel]: LEVEL };

const gzipAsync = promisify(gzip);

/**
 * Starts an encoder. Every block stands alone, as a frame or member: readers (Athena, DuckDB, the usual tools) read
 * files of several of them one after the other, and no partition needs a compressor kept open, which is what bounds
 * memory. One zstd context serves all blocks in turn: setting up a new one for each costs a tenth of the compression
 * (measured), and the bytes are the same.
 */
export function createBlockEncoder(largestBlock: number): BlockEncoder {
  let zstd: ZstdCompress | undefined;
  let previous: Promise<unknown> = Promise.resolve();
  let small = 0;

  function openZstd(): ZstdCompress {
    // Stream options are passed on, but the type declarations do not list them.
    const options: ZstdOptions & { highWaterMark: number } = {
      params: PARAMS,
      // Every write is a whole frame, and finds room for all of it: then zstd works on the block where it is, instead of
      // on a copy in a window of its own.
      flush: constants.ZSTD_e_end,
      chunkSize: ROOM_BLOCKS * encodedBound(largestBlock),
      highWaterMark: 2 * encodedBound(largestBlock),
    };
    const stream = createZstdCompress(options);
    // Errors reach the caller through the callbacks of `write`.
    stream.on('error', () => {});
    return stream;
  }

  function zstdFrame(block: Uint8Array): Promise<Uint8Array> {
    zstd ??= openZstd();
    const stream = zstd;
    return new Promise((resolve, reject) => {
      stream.write(block, (error) => {
        if (error) reject(error);
        else resolve(wholeOf(stream));
      });
    });
  }

  return {
    encode(block, encoding) {
      if (encoding === 'plain') return Promise.resolve(Uint8Array.from(block));
      if (encoding === 'zstd' && block.length <= SMALL_BYTES && small++ < MOST_SMALL) {
        return Promise.resolve(zstdCompressSync(block, { params: PARAMS }));
      }
      if (encoding === 'gzip') return gzipAsync(block, { level: LEVEL, chunkSize: CHUNK_BYTES });
      const frame = previous.then(() => zstdFrame(block));
      previous = frame.catch(() => {});
      return frame;
    },
    close: () => zstd?.destroy(),
  };
}

/** What waits in a stream, in memory of just its size. */
function wholeOf(stream: ZstdCompress): Uint8Array {
  const parts: Buffer[] = [];
  for (let part = stream.read(); part !== null; part = stream.read()) parts.push(part);
  const whole = Buffer.allocUnsafeSlow(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    at += part.copy(whole, at);
    giveBack(part);
  }
  return whole;
}
