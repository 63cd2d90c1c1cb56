/** The log objects that are measured: generated, and the same on every machine. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip, gzipSync } from 'node:zlib';
import { createLineBuffer } from '../generator/lines.ts';
import { generateSingleObject, type SingleObjectOptions } from '../generator/single-object.ts';
import { VPC_FIELDS } from '../shared/flow-log/fields.ts';

const VERSION_5 = VPC_FIELDS.filter(({ version }) => version <= 5).map(({ name }) => name);

/** The formats of large objects: AWS's default with 14 columns, all 29 of version 5, and a transit gateway's 36. */
export const FORMATS = {
  default: { kind: 'vpc', flowLogFormat: 'default' },
  'version-5': { kind: 'vpc', flowLogFormat: VERSION_5.join(' ') },
  'transit-gateway': { kind: 'transit-gateway' },
} as const satisfies Record<string, Omit<SingleObjectOptions, 'records'>>;

export type FormatName = keyof typeof FORMATS;
export const FORMAT_NAMES = Object.keys(FORMATS) as readonly FormatName[];

/** A log object in a file. */
export interface LogObject {
  readonly path: string;
  readonly records: number;
  readonly textBytes: number;
  readonly gzipBytes: number;
}

const SEED = 1;
const SECONDS_PER_HOUR = 3600;
/** AWS closes an object every five minutes. */
const SECONDS_PER_SLOT = 300;
const SLOTS_PER_HOUR = SECONDS_PER_HOUR / SECONDS_PER_SLOT;
/** Records begin up to a minute before their slot, which may be in another hour; so much later none do. */
const INTO_THE_HOUR = 120;
const LINES_AT_ONCE = 4096;
const FILE_NAME = fileName(0, 'fe123456');

/** As AWS names the object of the nth slot of an hour. */
function fileName(slot: number, hash: string): string {
  const minute = String((slot * SECONDS_PER_SLOT) / 60).padStart(2, '0');
  return `123456789010_vpcflowlogs_eu-west-1_fl-1234abcd_20261120T05${minute}Z_${hash}.log.gz`;
}

/** Writes one large object into a folder of its own, which must not exist. */
export async function writeObject(folder: string, format: FormatName, records: number): Promise<LogObject> {
  return writeLines(folder, records, 6, generateSingleObject({ ...FORMATS[format], records, seed: SEED }));
}

/**
 * The same object with its records' times spread over exactly so many hours, every record in another hour than the one
 * before it: so many partitions are open at once.
 */
export async function spreadOverHours(folder: string, object: LogObject, hours: number): Promise<LogObject> {
  return writeLines(folder, object.records, 1, inOtherHours(object, hours));
}

async function* inOtherHours(object: LogObject, hours: number): AsyncGenerator<Uint8Array> {
  const lines = createInterface({ input: createReadStream(object.path).pipe(createGunzip()) });
  const buffer = createLineBuffer();
  for await (const line of moved(lines, (nth) => INTO_THE_HOUR - (nth % hours) * SECONDS_PER_HOUR)) {
    buffer.append(line);
    if (buffer.lines % LINES_AT_ONCE === 0) yield* buffer.take();
  }
  yield* buffer.take();
}

/** Lines with their header in front, the times of the nth record (from 0) moved by so many seconds. */
export async function* moved(
  lines: AsyncIterable<string> | Iterable<string>,
  secondsOf: (nth: number) => number,
): AsyncGenerator<string> {
  let columns: readonly number[] | undefined;
  let nth = 0;
  for await (const line of lines) {
    const tokens = line.split(' ');
    if (columns === undefined) {
      columns = [tokens.indexOf('start'), tokens.indexOf('end')];
    } else {
      const seconds = secondsOf(nth++);
      for (const column of columns) tokens[column] = String(Number(tokens[column]) + seconds);
    }
    yield tokens.join(' ');
  }
}

/**
 * An object of at least so many bytes of text: the same object again and again, as gzip members one after the other. Its
 * header then stands in the middle, too, as where files were put together.
 */
export async function repeatObject(folder: string, object: LogObject, textBytes: number): Promise<LogObject> {
  await mkdir(folder);
  const path = join(folder, FILE_NAME);
  const times = Math.ceil(textBytes / object.textBytes);
  for (let count = 0; count < times; count++) {
    await pipeline(createReadStream(object.path), createWriteStream(path, { flags: 'a' }));
  }
  return {
    path,
    records: times * object.records,
    textBytes: times * object.textBytes,
    gzipBytes: times * object.gzipBytes,
  };
}

async function writeLines(
  folder: string,
  records: number,
  level: number,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<LogObject> {
  await mkdir(folder);
  const path = join(folder, FILE_NAME);
  let textBytes = 0;
  const counted = async function* () {
    for await (const chunk of chunks) {
      textBytes += chunk.length;
      yield chunk;
    }
  };
  await pipeline(Readable.from(counted()), createGzip({ level }), createWriteStream(path));
  return { path, records, textBytes, gzipBytes: (await stat(path)).size };
}

/** Many small objects in a folder. */
export interface SmallObjects {
  readonly folder: string;
  readonly objects: number;
  /** Of each object. */
  readonly records: number;
  /** On average. */
  readonly textBytes: number;
  readonly gzipBytes: number;
}

/** Writes small objects of a small account in the default format, of every slot of an hour in turn. */
export async function writeSmallObjects(
  folder: string,
  objects: number,
  records: number,
): Promise<SmallObjects> {
  await mkdir(folder);
  let textBytes = 0;
  let gzipBytes = 0;
  for (let seed = 1; seed <= objects; seed++) {
    const slot = seed % SLOTS_PER_HOUR;
    const generated = Buffer.concat([...generateSingleObject({ ...FORMATS.default, records, seed })]);
    const lines = generated.toString('latin1').trimEnd().split('\n');
    const inSlot = await Array.fromAsync(moved(lines, () => slot * SECONDS_PER_SLOT));
    const text = Buffer.from(`${inSlot.join('\n')}\n`);
    const gzip = gzipSync(text);
    textBytes += text.length;
    gzipBytes += gzip.length;
    const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
    await writeFile(join(folder, fileName(slot, hash)), gzip);
  }
  return { folder, objects, records, textBytes: textBytes / objects, gzipBytes: gzipBytes / objects };
}
