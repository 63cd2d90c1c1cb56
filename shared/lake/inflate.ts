import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, gunzipSync } from 'node:zlib';
import { PermanentError } from '../errors.ts';
import { giveBack } from './give-back.ts';

const GZIP_MAGIC = [0x1f, 0x8b] as const;
/** An object that was compressed on its way twice (by its writer, and by a delivery stream) is met in practice. */
const MAX_LAYERS = 2;
/** Measured: 1 MiB inflates 2.5 times as fast as the default of 16 KiB. */
const CHUNK_BYTES = 1024 * 1024;
/** A source that is no larger than this, as most are, is inflated at one go: to set up a stream costs more than that. */
const SMALL_BYTES = 64 * 1024;
/** Unless it inflates to more than this: real ones inflate to a tenth. */
const SMALL_INFLATED_BYTES = 4 * 1024 * 1024;

/**
 * The inflated bytes of an object, each chunk of which is valid until the next one is asked for. What it is, is told by
 * its first bytes and not by its name: gzip (one or several members, once or twice compressed) or plain text.
 *
 * @throws PermanentError `corrupt-gzip` for content that is cut off, damaged or followed by something else. Errors of
 *   the source itself (a broken connection) pass through as they are, since reading it again may help.
 */
export async function* inflate(source: AsyncIterable<Uint8Array>, layer = 1): AsyncGenerator<Uint8Array> {
  const { head, isAll, rest } = await peek(source, SMALL_BYTES);
  if (!isGzip(head)) {
    for await (const chunk of rest) {
      yield chunk;
      // What we have inflated ourselves. Not before: of an inner layer zlib may still be reading it.
      if (layer > 1) giveBack(chunk);
    }
    return;
  }
  if (layer > MAX_LAYERS) throw corrupt(`it is gzip within gzip, more than ${MAX_LAYERS} layers deep`);
  const small = isAll ? gunzipSmall(head) : undefined;
  if (small === undefined) yield* inflate(gunzip(rest), layer + 1);
  else if (isGzip(small)) yield* inflate(Readable.from([small]), layer + 1);
  else yield small;
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === GZIP_MAGIC[0] && bytes[1] === GZIP_MAGIC[1];
}

/** The whole of a small source; undefined if it inflates to too much for that. */
function gunzipSmall(source: Uint8Array): Uint8Array | undefined {
  try {
    // With `info` the result says how much of the source was read; the type declarations do not know it.
    const options = { info: true, maxOutputLength: SMALL_INFLATED_BYTES };
    const { buffer, engine } = gunzipSync(source, options) as unknown as InflatedWithInfo;
    refuseRest(source.length - engine.bytesWritten);
    return buffer;
  } catch (error) {
    if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE') return undefined;
    throw isZlibError(error) ? corrupt(error.message, error) : error;
  }
}

interface InflatedWithInfo {
  readonly buffer: Uint8Array;
  readonly engine: { readonly bytesWritten: number };
}

async function* gunzip(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let sourceError: unknown;
  let bytesIn = 0;
  const watched = async function* () {
    try {
      for await (const chunk of source) {
        bytesIn += chunk.length;
        yield chunk;
      }
    } catch (error) {
      sourceError = error;
      throw error;
    }
  };
  const inflater = createGunzip({ chunkSize: CHUNK_BYTES });
  const feeding = pipeline(
    Readable.from(watched(), { objectMode: false, highWaterMark: CHUNK_BYTES }),
    inflater,
  );
  // The loop below meets the same error; without this it would count as unhandled as well.
  feeding.catch(() => {});
  try {
    yield* inflater;
    await feeding;
  } catch (error) {
    if (sourceError !== undefined) throw sourceError;
    if (isZlibError(error)) throw corrupt(error.message, error);
    // Zeros behind the data end the inflater's work, while the source may have more of them than it has been fed.
    const isDone = codeOf(error) === 'ERR_STREAM_PREMATURE_CLOSE' && bytesIn > inflater.bytesWritten;
    if (!isDone) throw error;
  } finally {
    inflater.destroy();
  }
  refuseRest(bytesIn - inflater.bytesWritten);
}

/** zlib stops at the end of the last member and says nothing about what follows it. */
function refuseRest(bytes: number): void {
  if (bytes > 0) throw corrupt(`at least ${bytes} bytes follow the end of the gzip data`);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function isZlibError(error: unknown): error is Error {
  return codeOf(error).startsWith('Z_');
}

function corrupt(what: string, cause?: unknown): PermanentError {
  return new PermanentError(
    'corrupt-gzip',
    `The gzip data is damaged or cut off (${what}). Nothing of it was taken. ` +
      'Compare its size with the original and copy it again.',
    { cause },
  );
}

/**
 * Reads at least `size` bytes ahead, or all there are; `rest` still yields everything. `head` is what was read, if that is
 * all there is, else its beginning.
 */
async function peek(
  source: AsyncIterable<Uint8Array>,
  size: number,
): Promise<{ head: Uint8Array; isAll: boolean; rest: AsyncIterable<Uint8Array> }> {
  const iterator = source[Symbol.asyncIterator]();
  const read: Uint8Array[] = [];
  let bytes = 0;
  let isAll = false;
  while (bytes < size) {
    const { done, value } = await iterator.next();
    if (done) {
      isAll = true;
      break;
    }
    read.push(value);
    bytes += value.length;
  }
  const rest = async function* () {
    try {
      yield* read;
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  };
  const head = isAll ? Buffer.concat(read) : Buffer.concat(read, Math.min(bytes, GZIP_MAGIC.length));
  return { head, isAll, rest: rest() };
}
