import { zstdDecompressSync } from 'node:zlib';

/**
 * The content of a file of one or several zstd frames. Node's own call reads the first frame and passes over the others
 * in silence; every other reader takes them all.
 */
export function zstdDecompressFrames(bytes: Uint8Array): Buffer {
  const parts: Buffer[] = [];
  let rest = bytes;
  while (rest.length > 0) {
    // `info` adds the engine to the result, which the type declarations do not know.
    const { buffer, engine } = zstdDecompressSync(rest, { info: true }) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };
    parts.push(buffer);
    rest = rest.subarray(engine.bytesWritten);
  }
  return Buffer.concat(parts);
}
