import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { TableName } from '../../athena/tables.ts';
import { PermanentError } from '../../shared/errors.ts';
import { ingestObject, type SourceObject } from '../../shared/lake/ingest.ts';
import { type Compression, objectId, RECORD_TABLES } from '../../shared/lake/layout.ts';
import { MAX_PARTITIONS, MAX_QUARANTINE_LISTED } from '../../shared/lake/object-writer.ts';
import { recordsKey } from '../../shared/lake/partition.ts';
import type { Receipt } from '../../shared/lake/receipt.ts';
import { type PlainOutcome, plainTransform } from '../oracle/plain-transform.ts';
import { outcomeOf } from '../oracle/real-transform.ts';
import { contentOf, KEY, SETTINGS, STAMP, sourceOf } from '../shared/lake/ingest-text.ts';
import { memoryStore } from '../shared/lake/memory-store.ts';
import { checkRows, type Tallies } from './rows.ts';
import { type Cutting, chunksOf, cutting, flowLogText, realText } from './texts.ts';

/** An object as it lies in the raw bucket, as JSON can hold it. */
export interface ObjectCase {
  /** One character for each byte. */
  readonly content: string;
  readonly cutting: Cutting;
  readonly key: string;
  readonly compression: Compression;
  /** Budgets of the outputs: small ones move what is written to temporary files. */
  readonly blockBytes: number;
  readonly memoryBytes: number;
  readonly maxInflatedBytes: number;
}

const KEYS = [
  KEY,
  KEY.replace('.log.gz', '.log'),
  'AWSLogs/aws-account-id=123456789010/aws-service=vpcflowlogs/aws-region=eu-west-1/year=2026/month=11/day=20/hour=05/' +
    '123456789010_vpcflowlogs_eu-west-1_fl-1234abcd_20261120T0505Z_fe123456.log.gz',
  'copied/some.log',
  'a\'b"c;--/../..\\%00/é?*[x].log.gz',
];

/** A gzip member; the bytes after its fixed header may be a name, a comment or extra data. */
function member(text: string, { level, name }: Omit<Packing, 'cuts'>): string {
  const bytes = gzipSync(Buffer.from(text, 'latin1'), { level });
  if (name === '') return bytes.toString('latin1');
  const [NAME_FOLLOWS, FLAGS_AT, HEADER_BYTES] = [0x08, 3, 10];
  bytes[FLAGS_AT] = NAME_FOLLOWS;
  const head = bytes.toString('latin1', 0, HEADER_BYTES);
  return `${head}${name}\0${bytes.toString('latin1', HEADER_BYTES)}`;
}

interface Packing {
  readonly cuts: readonly number[];
  readonly level: number;
  readonly name: string;
}

const packing: fc.Arbitrary<Packing> = fc.record({
  /** Where the content is cut into members, per mille. */
  cuts: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(fc.nat(1000), { maxLength: 4 }) },
  ),
  level: fc.constantFrom(0, 1, 6, 9),
  name: fc.constantFrom('', '', 'some.log'),
});

function packed(content: string, { cuts, ...how }: Packing): string {
  const places = cuts.map((cut) => Math.floor((content.length * cut) / 1000)).sort((a, b) => a - b);
  const edges = [0, ...places, content.length];
  return edges
    .slice(1)
    .map((edge, index) => member(content.slice(edges[index], edge), how))
    .join('');
}

type Damage = (content: string) => string;

/** What happens to bytes on their way: cut off, changed, put together, something behind them. */
const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.nat().map(
    (at): Damage =>
      (content) =>
        content.slice(0, at % (content.length + 1)),
  ),
  fc.integer({ min: 1, max: 12 }).map(
    (bytes): Damage =>
      (content) =>
        content.slice(0, -bytes),
  ),
  fc.tuple(fc.nat(), fc.nat(7)).map(
    ([at, bit]): Damage =>
      (content) => {
        const place = at % Math.max(1, content.length);
        return (
          content.slice(0, place) +
          String.fromCharCode((content.charCodeAt(place) || 0) ^ (1 << bit)) +
          content.slice(place + 1)
        );
      },
  ),
  fc.nat(12).map(
    (at): Damage =>
      (content) =>
        content.slice(0, at) + content.slice(at + 1),
  ),
  fc
    .oneof(
      fc.constantFrom('\0', '\0'.repeat(600), '\0'.repeat(70_000), '\x1f', '\x1f\x8b', '\n', 'garbage'),
      fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 20 }),
    )
    .map(
      (behind): Damage =>
        (content) =>
          content + behind,
    ),
  fc.constant<Damage>((content) => content + content),
  fc.constant<Damage>((content) => content.slice(content.length >> 1)),
);

export const objectCase: fc.Arbitrary<ObjectCase> = fc.record({
  content: fc
    .record({
      text: fc.oneof({ weight: 3, arbitrary: flowLogText }, { weight: 1, arbitrary: realText }),
      layers: fc.oneof(
        { weight: 6, arbitrary: fc.array(packing, { minLength: 1, maxLength: 1 }) },
        { weight: 1, arbitrary: fc.constant<Packing[]>([]) },
        { weight: 1, arbitrary: fc.array(packing, { minLength: 2, maxLength: 4 }) },
      ),
      damages: fc.oneof(
        { weight: 2, arbitrary: fc.constant<Damage[]>([]) },
        { weight: 1, arbitrary: fc.array(damage, { maxLength: 2 }) },
      ),
    })
    .map(({ text, layers, damages }) =>
      damages.reduce((content, damaged) => damaged(content), layers.reduce(packed, text)),
    ),
  cutting,
  key: fc.constantFrom(...KEYS),
  compression: fc.constantFrom<Compression>('zstd', 'gzip'),
  // Room for the first blocks of some thirty outputs; with less every record would be a block.
  blockBytes: fc.constantFrom(SETTINGS.blockBytes, 500_000),
  memoryBytes: fc.constantFrom(SETTINGS.memoryBytes, 3000),
  maxInflatedBytes: fc.constantFrom(SETTINGS.maxInflatedBytes, SETTINGS.maxInflatedBytes, 100_000),
});

const DAY = 86_400;
const YEAR_2010 = Date.UTC(2010, 0, 1) / 1000;
const MOST_LAYERS = 2;

/** What an object made the lake hold: nothing if it could not be read. */
export type Written = ReadonlyMap<string, Buffer>;

/**
 * Ingests the object into an empty lake and checks all that is promised of it: a clear error and an empty lake, or the
 * records, the quarantine and the counts of the plain transformation, rows that fit their tables, and the same again
 * when it is delivered again.
 *
 * @param tallies counts the rows that were written.
 * @throws Error that says what is wrong.
 */
export async function checkObject(object: ObjectCase, tallies: Tallies): Promise<Written> {
  const content = Buffer.from(object.content, 'latin1');
  const source: SourceObject = {
    ...sourceOf(content, { key: object.key, chunks: () => chunksOf(content, object.cutting).map(copyOf) }),
    // Objects of one batch lie in one lake.
    etag: createHash('md5').update(JSON.stringify(object)).digest('hex'),
  };
  const { compression, blockBytes, memoryBytes, maxInflatedBytes } = object;
  const settings = { ...SETTINGS, compression, blockBytes, memoryBytes, maxInflatedBytes };
  const lake = memoryStore();
  const expected = expectedOf(content, source, maxInflatedBytes);

  const result = await ingestObject(source, lake, settings).catch((error: unknown) => {
    if (error instanceof PermanentError) return error;
    throw error;
  });
  if (result instanceof PermanentError) {
    if (lake.objects.size > 0)
      throw new Error(`failed (${result.reason}), but wrote ${[...lake.objects.keys()]}`);
    if (!expected.failures.includes(result.reason)) {
      throw new Error(`failed (${result.message}) instead of: ${expected.failures.join(' or ') || 'done'}`);
    }
    return lake.objects;
  }
  if (result.outcome !== 'ingested' || expected.outcome === undefined) {
    throw new Error(`${result.outcome} instead of: ${expected.failures.join(' or ')}`);
  }
  checkLake(lake.objects, source, compression, result.receipt, expected.outcome, tallies);

  const before = new Map(lake.objects);
  const again = await ingestObject(source, lake, settings);
  if (again.outcome !== 'done-before' || !isDeepStrictEqual(before, lake.objects)) {
    throw new Error('a second delivery was not passed over');
  }
  const other = memoryStore();
  await ingestObject({ ...source, open: () => onlyChunk(content) }, other, settings);
  for (const [key, bytes] of lake.objects) {
    if (!key.startsWith('receipts/') && other.objects.get(key)?.equals(bytes) !== true) {
      throw new Error(`other chunks give other bytes: ${key}`);
    }
  }
  return lake.objects;
}

async function* onlyChunk(content: Buffer): AsyncGenerator<Uint8Array> {
  yield copyOf(content);
}

/** Readers may free what they are given. */
function copyOf(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes);
}

interface Expected {
  readonly outcome: PlainOutcome | undefined;
  /** The reasons for which it may fail. Damage is met last, so what came before it may be one as well. */
  readonly failures: readonly string[];
}

function expectedOf(content: Buffer, source: SourceObject, maxInflatedBytes: number): Expected {
  const text = inflated(content);
  if (text === undefined)
    return { outcome: undefined, failures: ['corrupt-gzip', 'no-header', 'duplicate-column', 'too-large'] };
  const hasStamp = /_\d{8}T\d{4}Z_/.test(source.key);
  const time = hasStamp ? (source.key.includes('T0505Z') ? STAMP + 300 : STAMP) : source.lastModified;
  const outcome = outcomeOf(() =>
    plainTransform(text, {
      headerlessFormat: undefined,
      objectTime: time,
      earliest: hasStamp ? time - 7 * DAY : YEAR_2010,
      latest: time + DAY,
      maxPartitions: MAX_PARTITIONS,
    }),
  );
  const failed = 'failed' in outcome ? [outcome.failed] : [];
  if (text.length > maxInflatedBytes) return { outcome: undefined, failures: ['too-large', ...failed] };
  return 'failed' in outcome ? { outcome: undefined, failures: failed } : { outcome, failures: [] };
}

/** The text of an object that is whole; undefined if it is not. */
function inflated(content: Buffer, layers = 0): Buffer | undefined {
  if (content[0] !== 0x1f || content[1] !== 0x8b) return content;
  if (layers === MOST_LAYERS) return undefined;
  try {
    // `info` adds the engine to the result, which the type declarations do not know.
    const { buffer, engine } = gunzipSync(content, { info: true }) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };
    return engine.bytesWritten === content.length ? inflated(buffer, layers + 1) : undefined;
  } catch {
    return undefined;
  }
}

function checkLake(
  objects: ReadonlyMap<string, Buffer>,
  source: SourceObject,
  compression: Compression,
  receipt: Receipt,
  plain: PlainOutcome,
  tallies: Tallies,
): void {
  const { lines, records, quarantined, headers, bytes } = plain.counts;
  same('counts', pick(receipt), {
    lines,
    records,
    quarantined,
    headers,
    inflated_bytes: bytes,
    first_time: plain.firstTime,
    last_time: plain.lastTime,
  });
  if (receipt.lines !== receipt.records + receipt.quarantined) throw new Error('lines are lost');
  const id = objectId(source);
  const owner = ownerOf(source.key, plain);
  const expected = new Map(
    plain.partitions.map(({ kind, hour, bytes }) => [
      recordsKey(kind, { ...owner, hour }, id, compression),
      bytes,
    ]),
  );
  const content = contentOf(new Map([...objects].filter(([key]) => !key.startsWith('first-seen/'))));
  const rows = new Map<string, number>();
  for (const [key, text] of Object.entries(content)) {
    const table = key.slice(0, key.indexOf('/')) as TableName;
    const parsed = checkRows(table, text, tallies.get(table)!);
    rows.set(key, parsed.length);
    if (isRecordTable(table) && !expected.get(key)?.equals(Buffer.from(text)))
      throw new Error(`other records than expected: ${key}`);
    if (table === 'quarantine') {
      const listed = parsed.map(({ line_number, offset, reason, line_bytes, line }) => ({
        lineNumber: Number(line_number),
        offset: Number(offset),
        reason,
        lineBytes: Number(line_bytes),
        line,
      }));
      // The order of keys is of no importance.
      same('quarantine', sorted(listed), sorted(plain.quarantined.slice(0, MAX_QUARANTINE_LISTED)));
      same('listed lines', receipt.quarantine_listed, listed.length);
    }
  }
  for (const key of expected.keys()) if (!rows.has(key)) throw new Error(`there is no ${key}`);
  if (quarantined > 0 && ![...rows.keys()].some((key) => key.startsWith('quarantine/')))
    throw new Error('there is no quarantine');
  same(
    'outputs',
    Object.fromEntries(receipt.outputs.map(({ key, records }) => [key, records])),
    Object.fromEntries(rows),
  );
  const receiptText = [...objects]
    .filter(([key]) => key.startsWith('receipts/'))
    .map(([, bytes]) => bytes.toString());
  same('receipts', checkRows('receipts', receiptText.join(''), tallies.get('receipts')!).length, 1);
}

function pick({ lines, records, quarantined, headers, inflated_bytes, first_time, last_time }: Receipt) {
  return { lines, records, quarantined, headers, inflated_bytes, first_time, last_time };
}

function sorted(rows: readonly object[]): string[] {
  return rows.map((row) => JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1))));
}

function isRecordTable(table: TableName): boolean {
  return Object.values<string>(RECORD_TABLES).includes(table);
}

/** Account and Region of the partitions: those in the key, else those of the first record. */
function ownerOf(key: string, plain: PlainOutcome): { accountId: string; region: string } {
  if (key.includes('123456789010')) return { accountId: '123456789010', region: 'eu-west-1' };
  const first = plain.partitions[0]?.openedBy;
  const [account = '', region = ''] = [first?.get('account_id'), first?.get('region')];
  return {
    accountId: /^\d{12}$/.test(account) ? account : 'unknown',
    region: /^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/.test(region) ? region : 'unknown',
  };
}

function same(what: string, real: unknown, plain: unknown): void {
  if (isDeepStrictEqual(real, plain)) return;
  throw new Error(
    `${what}: ${JSON.stringify(real)?.slice(0, 1500)} instead of ${JSON.stringify(plain)?.slice(0, 1500)}`,
  );
}
