import { createBlockEncoder, type Encoding } from './compress.ts';
import { giveBack } from './give-back.ts';
import type { ObjectBody } from './object-store.ts';
import { createSpillFile, type SpillFile } from './spill.ts';

/**
 * Blocks are fed to the compressor at exactly this size (the last one is what is left), because the compressed bytes
 * depend on where the content is cut, and equal content has to give equal bytes. Larger blocks compress hardly better.
 */
export const BLOCK_BYTES = 1024 * 1024;
/** A new output starts small: an object may open hundreds of them and fill none. */
const FIRST_BLOCK_BYTES = 16 * 1024;
/** Blocks that may be on their way to or through the compressor before the writer waits for the oldest. */
const MAX_BLOCKS_IN_FLIGHT = 4;

export interface OutputBudget {
  /** Bytes of unfinished blocks; beyond it the fullest is compressed as it is. Part of what the bytes depend on. */
  readonly blockBytes: number;
  /** Bytes of compressed blocks held in memory; beyond it the largest output moves to a temporary file. */
  readonly memoryBytes: number;
  /** Folder for temporary files. */
  readonly tempFolder: string;
}

/** One object in the making. */
export interface Output {
  /** Takes a copy of `bytes` from `from` up to `to`. */
  append(bytes: Buffer, from: number, to: number): void;
}

/** The outputs of one source object: nothing of them is visible to anybody before the caller stores them. */
export interface OutputSet {
  /** Opens a new output. */
  open(encoding: Encoding): Output;
  /** Waits until little enough is in flight to go on. To be called between chunks of input. */
  settle(): Promise<void>;
  /** Ends all outputs; `body` may be called from then on. */
  finish(): Promise<void>;
  body(output: Output): ObjectBody;
  /** Removes temporary files; whatever happens, to be called in the end. */
  dispose(): Promise<void>;
}

interface OpenOutput extends Output {
  readonly encoding: Encoding;
  block: Buffer;
  filled: number;
  /** Capacity of its block when it was last flushed. */
  usualBytes: number;
  /** Finished blocks in memory, behind those in the file. */
  chunks: Uint8Array[];
  chunkBytes: number;
  file: SpillFile | undefined;
  fileBytes: number;
}

/** Blocks to be used again, of any object: fresh memory costs more than filling it. */
const spareBlocks: Buffer[] = [];
const MAX_SPARE_BLOCKS = 6;

function takeSpare(capacity: number): Buffer | undefined {
  const place = spareBlocks.findLastIndex(({ length }) => length === capacity);
  return place < 0 ? undefined : spareBlocks.splice(place, 1)[0];
}

function putAside(block: Buffer): void {
  if (block.length === 0) return;
  spareBlocks.push(block);
  if (spareBlocks.length > MAX_SPARE_BLOCKS) giveBack(spareBlocks.shift()!);
}

/** Starts the outputs of one source object. */
export function createOutputSet(budget: OutputBudget): OutputSet {
  const outputs: OpenOutput[] = [];
  const inFlight: { output: OpenOutput; block: Buffer; encoded: Promise<Uint8Array> }[] = [];
  const encoder = createBlockEncoder(BLOCK_BYTES);
  let blockBytes = 0;
  let chunkBytes = 0;

  function open(encoding: Encoding): Output {
    const output: OpenOutput = {
      encoding,
      block: Buffer.alloc(0),
      filled: 0,
      usualBytes: 0,
      chunks: [],
      chunkBytes: 0,
      file: undefined,
      fileBytes: 0,
      append: (bytes, from, to) => append(output, bytes, from, to),
    };
    outputs.push(output);
    return output;
  }

  function append(output: OpenOutput, bytes: Buffer, from: number, to: number): void {
    let at = from;
    while (at < to) {
      const size = Math.min(to - at, BLOCK_BYTES - output.filled);
      makeRoom(output, size);
      bytes.copy(output.block, output.filled, at, at + size);
      output.filled += size;
      at += size;
      if (output.filled === BLOCK_BYTES) flush(output);
    }
  }

  function makeRoom(output: OpenOutput, size: number): void {
    const needed = output.filled + size;
    if (needed <= output.block.length) return;
    let enough = Math.max(output.block.length, FIRST_BLOCK_BYTES);
    while (enough < needed) enough *= 2;
    // To grow means to copy. What has come to some size before will hardly stop below it.
    const isRoomForUsual = blockBytes - output.block.length + output.usualBytes <= budget.blockBytes;
    const capacity = isRoomForUsual ? Math.max(output.usualBytes, enough) : enough;
    const larger = takeSpare(capacity) ?? Buffer.allocUnsafeSlow(capacity);
    output.block.copy(larger, 0, 0, output.filled);
    blockBytes += larger.length - output.block.length;
    putAside(output.block);
    output.block = larger;
    // What is flushed here depends on the order of records alone, never on timing: the bytes stay reproducible.
    while (blockBytes > budget.blockBytes) {
      const others = outputs.filter((other) => other !== output && other.filled > 0);
      if (others.length === 0) break;
      flush(others.reduce((a, b) => (b.filled > a.filled ? b : a)));
    }
  }

  function flush(output: OpenOutput): void {
    if (output.filled === 0) return;
    const { block } = output;
    const encoded = encoder.encode(block.subarray(0, output.filled), output.encoding);
    // Awaited in `commitOldest`; an error that comes earlier must not count as unhandled.
    encoded.catch(() => {});
    inFlight.push({ output, block, encoded });
    blockBytes -= block.length;
    output.usualBytes = block.length;
    output.block = Buffer.alloc(0);
    output.filled = 0;
  }

  async function settle(): Promise<void> {
    while (inFlight.length > MAX_BLOCKS_IN_FLIGHT) await commitOldest();
  }

  async function commitOldest(): Promise<void> {
    const { output, block, encoded } = inFlight.shift()!;
    const chunk = await encoded;
    putAside(block);
    output.chunks.push(chunk);
    output.chunkBytes += chunk.length;
    chunkBytes += chunk.length;
    while (chunkBytes > budget.memoryBytes) {
      await spill(outputs.reduce((a, b) => (b.chunkBytes > a.chunkBytes ? b : a)));
    }
  }

  async function spill(output: OpenOutput): Promise<void> {
    output.file ??= await createSpillFile(budget.tempFolder);
    await output.file.append(output.chunks);
    output.chunks.forEach(giveBack);
    output.fileBytes += output.chunkBytes;
    chunkBytes -= output.chunkBytes;
    output.chunkBytes = 0;
    output.chunks = [];
  }

  async function finish(): Promise<void> {
    for (const output of outputs) {
      flush(output);
      await settle();
    }
    while (inFlight.length > 0) await commitOldest();
    for (const output of outputs) {
      if (output.file === undefined) continue;
      await spill(output);
      await output.file.close();
    }
  }

  function body(output: Output): ObjectBody {
    const { file, fileBytes, chunks, chunkBytes: size } = output as OpenOutput;
    return file === undefined ? { size, chunks } : { size: fileBytes, file: file.path };
  }

  async function dispose(): Promise<void> {
    await Promise.allSettled(inFlight.map(({ encoded }) => encoded));
    inFlight.length = 0;
    encoder.close();
    await Promise.all(outputs.map(({ file }) => file?.remove()));
  }

  return { open, settle, finish, body, dispose };
}
