import type { Format } from '../../../shared/flow-log/format.ts';
import type { QuarantinedLine } from '../../../shared/flow-log/quarantine.ts';
import { createTransform, type TransformCounts } from '../../../shared/flow-log/transform.ts';
import { borrowLineLoop } from '../../../shared/line-loop/line-loop.ts';

export interface Transformed {
  /** NDJSON, in the order of the source. */
  readonly text: string;
  /** Records by the hour that they were handed over for. */
  readonly byHour: ReadonlyMap<number, string>;
  readonly quarantined: readonly QuarantinedLine[];
  readonly counts: TransformCounts;
  /** Keys of each format met, in order. */
  readonly formats: readonly (readonly string[])[];
  readonly kinds: readonly string[];
}

export interface TransformTextOptions {
  readonly headerlessFormat?: Format;
  readonly earliest?: number;
  readonly latest?: number;
  readonly objectTime?: number;
  readonly maxPartitions?: number;
}

/** Runs the transformation over chunks and collects everything that it yields. */
export function transformChunks(
  chunks: Iterable<Uint8Array>,
  options: TransformTextOptions = {},
): Transformed {
  const pieces: Buffer[] = [];
  const hours = new Map<number, Buffer[]>();
  const quarantined: QuarantinedLine[] = [];
  const formats: (readonly string[])[] = [];
  const kinds: string[] = [];
  let hour = Number.NaN;
  const loop = borrowLineLoop();
  const transform = createTransform({
    loop,
    headerlessFormat: options.headerlessFormat,
    earliest: options.earliest ?? 0,
    latest: options.latest ?? Number.POSITIVE_INFINITY,
    objectTime: options.objectTime ?? 0,
    sink: {
      formatChanged(format) {
        formats.push(format.columns.map(({ key }) => key));
        kinds.push(format.kind);
      },
      openPartition(next) {
        if (!hours.has(next)) {
          if (hours.size === options.maxPartitions) return false;
          hours.set(next, []);
        }
        hour = next;
        return true;
      },
      records(bytes, from, to) {
        const piece = Buffer.from(bytes.subarray(from, to));
        pieces.push(piece);
        hours.get(hour)!.push(piece);
      },
      quarantine(line) {
        quarantined.push(line);
      },
    },
  });
  try {
    for (const chunk of chunks) transform.push(chunk);
    transform.end();
  } finally {
    loop.release();
  }
  return {
    text: Buffer.concat(pieces).toString(),
    byHour: new Map([...hours].map(([key, parts]) => [key, Buffer.concat(parts).toString()])),
    quarantined,
    counts: transform.counts,
    formats,
    kinds,
  };
}

/** Runs the transformation over one text. */
export function transformText(input: string | Uint8Array, options?: TransformTextOptions): Transformed {
  return transformChunks([typeof input === 'string' ? Buffer.from(input) : input], options);
}

/** The records of a text, parsed. */
export function recordsOf(
  input: string | Uint8Array,
  options?: TransformTextOptions,
): Record<string, unknown>[] {
  return transformText(input, options)
    .text.split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}
