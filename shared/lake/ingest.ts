import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { concurrently } from '../concurrently.ts';
import { PermanentError } from '../errors.ts';
import type { Finding } from '../findings/finding.ts';
import type { NamedNetworks } from '../findings/named-networks.ts';
import { type Format, headerOf } from '../flow-log/format.ts';
import { sameFormat } from '../flow-log/header.ts';
import { createTransform, type TransformCounts } from '../flow-log/transform.ts';
import { PIECE_BYTES } from '../line-loop/layout.ts';
import { borrowLineLoop } from '../line-loop/line-loop.ts';
import { type CompressionHistory, compressionAt } from './compression-history.ts';
import { keepHeaderlessFormat } from './headerless-format.ts';
import { inflate } from './inflate.ts';
import { jsonRow } from './json-row.ts';
import { type Compression, objectId, objectKey, type SourceIdentity } from './layout.ts';
import type { ObjectBody, ObjectStore } from './object-store.ts';
import { keepObjectTime, objectTime } from './object-time.ts';
import {
  createObjectWriter,
  type ObjectContext,
  type ObjectSummary,
  type PlannedOutput,
} from './object-writer.ts';
import { createOutputSet, type OutputBudget, type OutputSet } from './output.ts';
import type { Receipt, WrittenOutput } from './receipt.ts';
import { parseSourceKey, type SourceKeyFacts } from './source-key.ts';

/** A source object, ready to be read. */
export interface SourceObject extends SourceIdentity {
  /** As people write it: a URL or path. Goes into findings, quarantine and receipt. */
  readonly source: string;
  /** The path whose layout tells account, Region and time, where the key is a mere file name; else the key does. */
  readonly location?: string;
  /** Bytes as stored. */
  readonly size: number;
  /** Unix seconds. */
  readonly lastModified: number;
  open(): AsyncIterable<Uint8Array>;
}

export interface IngestSettings extends OutputBudget {
  readonly compression: CompressionHistory;
  /** Format of objects without a header line; undefined: AWS's default format. */
  readonly headerlessFormat: Format | undefined;
  /** An object that inflates to more than this fails. */
  readonly maxInflatedBytes: number;
  /** Where networks are that addresses alone don't tell, for findings. */
  readonly networks?: NamedNetworks;
  /** Version of flowlogs, for the receipt. */
  readonly build: string;
}

/**
 * Budgets that keep a real object below 200 MB of memory (measured in `bench/`). Hostile ones, with hundreds of thousands
 * of interfaces in hundreds of hours, are bounded as well, but higher.
 */
export const DEFAULT_BUDGET = { blockBytes: 8 * 1024 * 1024, memoryBytes: 8 * 1024 * 1024 } as const;
/** AWS closes a file at 75 MB, which inflate to about 1 GB. More than this is a bomb or a mistake. */
export const DEFAULT_MAX_INFLATED_BYTES = 8 * 1024 ** 3;

/** `done-before`: its receipt existed, or another delivery wrote it meanwhile. */
export type IngestResult =
  | { readonly outcome: 'ingested'; readonly receipt: Receipt; readonly findings: readonly Finding[] }
  | { readonly outcome: 'done-before' };

const DAY = 86_400;
/** Without a stamp in the object's name only what is absurd can be told: times before flow logs were thought of. */
const EARLIEST_WITHOUT_STAMP = Date.UTC(2010, 0, 1) / 1000;

/**
 * Ingests one source object: reads it once, transforms it, and, when all of it has been read and verified, adds its
 * records, quarantine and findings to the lake and last its receipt. Safe to repeat at any time and from any point:
 * names depend on the object's identity alone, and what exists is left as it is.
 *
 * @throws PermanentError if no retry can help. Any other error is the source's or the lake's and may pass.
 */
export async function ingestObject(
  source: SourceObject,
  lake: ObjectStore,
  settings: IngestSettings,
  now: () => Date = () => new Date(),
): Promise<IngestResult> {
  const started = now();
  const id = objectId(source);
  const facts = parseSourceKey(source.location ?? source.key);
  const time = await objectTime(source, lake);
  const receiptKey = objectKey('receipts', time, id);
  // Nearly every object is a new one, so its first bytes are asked for together with its receipt.
  const chunks = inflate(source.open());
  const first = chunks.next();
  // If there is a receipt nobody wants to know.
  first.catch(() => {});

  const outputs = createOutputSet(settings);
  try {
    if ((await lake.head(receiptKey)) !== undefined) return { outcome: 'done-before' };
    const compression = compressionAt(settings.compression, time);
    const { networks } = settings;
    const context = { source: source.source, id, time, facts, compression, networks };
    const { planned, summary, counts, headerlessFormat } = await readObject(
      chunks,
      first,
      context,
      outputs,
      settings,
    );
    await outputs.finish();

    if (headerlessFormat !== undefined) {
      const kept = await keepHeaderlessFormat(id, headerlessFormat, lake);
      // An earlier delivery began under another setting, which goes on to hold for this object.
      if (!sameFormat(kept, headerlessFormat)) {
        return await ingestObject(source, lake, { ...settings, headerlessFormat: kept }, now);
      }
    }

    await keepObjectTime(source, time, lake);
    const { written, mixedBuilds } = await createOutputs(planned, outputs, lake);
    const receipt: Receipt = {
      ...describeSource(source, facts, time),
      ...describeContent(summary, counts),
      outputs: written,
      mixed_builds: mixedBuilds,
      build: settings.build,
      settings: describeSettings(settings, compression),
      started: started.toISOString(),
      finished: now().toISOString(),
    };
    const body = jsonRow(receipt);
    const creation = await lake.create(receiptKey, body);
    // Of two deliveries at the same time one is told; otherwise the object would be counted twice.
    const isFirst =
      creation === 'created' || (creation === 'unsure' && (await holds(lake, receiptKey, body)));
    if (!isFirst) return { outcome: 'done-before' };
    return { outcome: 'ingested', receipt, findings: summary.findings };
  } finally {
    try {
      await chunks.return(undefined);
    } finally {
      await outputs.dispose();
    }
  }
}

/** Reads the object to its end and lays its records out; nothing of them is visible to anybody yet. */
async function readObject(
  chunks: AsyncGenerator<Uint8Array>,
  first: ReturnType<typeof chunks.next>,
  context: ObjectContext,
  outputs: OutputSet,
  settings: IngestSettings,
): Promise<{
  planned: readonly PlannedOutput[];
  summary: ObjectSummary;
  counts: Readonly<TransformCounts>;
  headerlessFormat: Format | undefined;
}> {
  // While the first bytes are on their way, the line loop is free for other objects. Small ones come as one chunk.
  let next = await first;
  const loop = borrowLineLoop();
  try {
    const writer = createObjectWriter(context, outputs, loop);
    const transform = createTransform({
      loop,
      headerlessFormat: settings.headerlessFormat,
      ...plausibleTimes(context.facts, context.time),
      objectTime: context.time,
      sink: writer.sink,
    });
    for (; !next.done; next = await chunks.next()) {
      if (transform.counts.bytes + next.value.length > settings.maxInflatedBytes) throw tooLarge(settings);
      // A chunk of a small object can hold all of it. In pieces, what it becomes is compressed on the way, and other objects
      // get their turn.
      for (let from = 0; from < next.value.length; from += PIECE_BYTES) {
        transform.push(next.value.subarray(from, from + PIECE_BYTES));
        await outputs.settle();
      }
    }
    transform.end();
    const { counts, headerlessFormat } = transform;
    return { planned: writer.planned, summary: writer.end(), counts, headerlessFormat };
  } finally {
    loop.release();
  }
}

/** So many outputs are stored at a time. */
const CREATED_AT_ONCE = 8;

/** Stores the outputs. If one fails, no other is begun, and the error is thrown when none is under way any more. */
async function createOutputs(
  planned: readonly PlannedOutput[],
  outputs: OutputSet,
  lake: ObjectStore,
): Promise<{ written: readonly WrittenOutput[]; mixedBuilds: number }> {
  const written: WrittenOutput[] = [];
  let mixedBuilds = 0;
  await concurrently([...planned.entries()], CREATED_AT_ONCE, async ([index, { key, output, records }]) => {
    const body = outputs.body(output);
    if ((await lake.create(key, body)) !== 'created' && !(await holds(lake, key, body))) mixedBuilds++;
    written[index] = { key, records, bytes: body.size };
  });
  return { written, mixedBuilds };
}

/** Unix seconds between which the time that decides a record's partition has to lie. */
function plausibleTimes({ stamp }: SourceKeyFacts, time: number): { earliest: number; latest: number } {
  return { earliest: stamp === undefined ? EARLIEST_WITHOUT_STAMP : time - 7 * DAY, latest: time + DAY };
}

/** Whether the lake's object of this key holds just these bytes. */
async function holds(lake: ObjectStore, key: string, body: ObjectBody): Promise<boolean> {
  const expected = await sha256('file' in body ? createReadStream(body.file) : body.chunks);
  const stored = await lake.get(key);
  return stored !== undefined && (await sha256(stored)) === expected;
}

async function sha256(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
}

function describeSource(source: SourceObject, facts: SourceKeyFacts, time: number) {
  return {
    source: source.source,
    ...(source.bucket === '' ? {} : { bucket: source.bucket }),
    key: source.key,
    etag: source.etag,
    size: source.size,
    object_time: Math.floor(time),
    ...(facts.flowLogId === undefined ? {} : { flow_log_id: facts.flowLogId }),
  };
}

function describeContent(summary: ObjectSummary, counts: TransformCounts) {
  return {
    aws_account_id: summary.accountId,
    aws_region: summary.region,
    formats: summary.formats,
    ...(summary.firstTime === undefined ? {} : { first_time: summary.firstTime }),
    ...(summary.lastTime === undefined ? {} : { last_time: summary.lastTime }),
    inflated_bytes: counts.bytes,
    headers: counts.headers,
    lines: counts.lines,
    records: counts.records,
    quarantined: counts.quarantined,
    quarantine_listed: summary.quarantineListed,
    quarantine_reasons: summary.quarantineReasons,
    nodata: summary.nodata,
    skipdata: summary.skipdata,
    rejected: summary.rejected,
    findings: summary.findings.length,
  };
}

/** The settings that decide what the output looks like. */
function describeSettings({ headerlessFormat }: IngestSettings, compression: Compression): string {
  const format = headerlessFormat === undefined ? 'default' : headerOf(headerlessFormat);
  return `compression=${compression} headerless-format=${format}`;
}

function tooLarge({ maxInflatedBytes }: IngestSettings): PermanentError {
  return new PermanentError(
    'too-large',
    `The object inflates to more than ${maxInflatedBytes} bytes. If it is a real flow log, raise MAX_INFLATED_BYTES ` +
      '(raw.maxInflatedBytes in the stage file, --max-inflated-bytes on the command line).',
  );
}
