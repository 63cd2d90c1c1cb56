import { PermanentError, type PermanentReason } from '../../shared/errors.ts';
import type { Format, RecordView } from '../../shared/flow-log/format.ts';
import type { QuarantinedLine } from '../../shared/flow-log/quarantine.ts';
import { createTransform } from '../../shared/flow-log/transform.ts';
import { borrowLineLoop } from '../../shared/line-loop/line-loop.ts';
import type { PlainOptions, PlainOutcome, PlainPartition } from './plain-transform.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Runs the real transformation over an object's chunks, for comparison with the plain one. */
export function realTransform(
  chunks: Iterable<Uint8Array>,
  { maxPartitions, ...options }: PlainOptions,
): PlainOutcome {
  const partitions = new Map<string, Mutable<Omit<PlainPartition, 'bytes'>> & { parts: Buffer[] }>();
  const quarantined: QuarantinedLine[] = [];
  const formats: Format[] = [];
  let current: string | undefined;
  const loop = borrowLineLoop();
  try {
    const transform = createTransform({
      ...options,
      loop,
      sink: {
        formatChanged(format) {
          formats.push(format);
          current = undefined;
        },
        openPartition(hour, record) {
          const format = formats.at(-1)!;
          const { kind } = format;
          const place = `${kind} ${hour}`;
          if (!partitions.has(place)) {
            if (partitions.size === maxPartitions) return false;
            partitions.set(place, { kind, hour, openedBy: valuesOf(record, format), parts: [], records: 0 });
          }
          current = place;
          return true;
        },
        records(bytes, from, to, count) {
          const partition = partitions.get(current!)!;
          partition.parts.push(Buffer.from(bytes.subarray(from, to)));
          partition.records += count;
        },
        quarantine: (line) => void quarantined.push(line),
      },
    });
    for (const chunk of chunks) transform.push(chunk);
    transform.end();
    return {
      partitions: [...partitions.values()].map(({ parts, ...rest }) => ({
        ...rest,
        bytes: Buffer.concat(parts),
      })),
      quarantined,
      counts: transform.counts,
      formats,
      ...loop.times(),
    };
  } finally {
    loop.release();
  }
}

function valuesOf(
  { bytes, tokenStart, tokenEnd }: RecordView,
  { columns }: Format,
): ReadonlyMap<string, string> {
  const valueAt = (index: number) => Buffer.from(bytes.subarray(tokenStart[index], tokenEnd[index]));
  return new Map(columns.map(({ key }, index) => [key, valueAt(index).toString('latin1')]));
}

/** What a run yields, or why the object fails. Other errors than permanent ones are thrown on. */
export function outcomeOf<T>(run: () => T): T | { readonly failed: PermanentReason } {
  try {
    return run();
  } catch (error) {
    if (error instanceof PermanentError) return { failed: error.reason };
    throw error;
  }
}
