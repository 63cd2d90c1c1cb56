/** How much there is of everything in a month: objects, records and bytes. */
import type { Measured } from '../../bench/measured.ts';
import type { FormatName } from '../../bench/objects.ts';
import type { Assumptions } from './assumptions.ts';

/** Days of a month, on average. */
export const MONTH_DAYS = 30.4;
export const MONTH_SECONDS = MONTH_DAYS * 86_400;
/** AWS delivers an object of each flow log every so many seconds. */
const DELIVERY_SECONDS = 300;

/** One object of an average size. Bytes, and seconds of one processor of Lambda. */
export interface AverageObject {
  readonly records: number;
  readonly textBytes: number;
  readonly gzipBytes: number;
  /** Of records as they are stored: by flowlogs, and by the plain way. */
  readonly lakeBytes: number;
  readonly plainBytes: number;
  readonly cpuSeconds: number;
  readonly plainCpuSeconds: number;
}

export interface Volume {
  readonly accounts: number;
  /** In a month. */
  readonly objects: number;
  readonly object: AverageObject;
}

/**
 * An object of so many bytes of gzip. Everything grows with the number of records from what a small object takes: the
 * large object that was measured tells how fast, the small ones tell what an object takes that has hardly any.
 *
 * @throws Error if the object is too small to hold a record.
 */
export function averageObject(
  gzipBytes: number,
  formatName: FormatName,
  measured: Measured,
  { processorSpeed }: Pick<Assumptions, 'processorSpeed'>,
): AverageObject {
  const { smallObjects: small } = measured;
  const format = measured.formats[formatName];
  const plain = measured.formats.default;
  /** What an object takes beyond its records. Small objects were measured in the default format. */
  const beyond = (ofSmall: number, ofLarge: number) =>
    ofSmall - (small.recordsPerObject * ofLarge) / plain.records;
  const perObject = {
    gzipBytes: beyond(small.gzipBytes, plain.gzipBytes),
    cpuSeconds: beyond(small.cpuMs / 1000, plain.cpuSeconds.flowlogs),
  };
  const records = (gzipBytes - perObject.gzipBytes) / (format.gzipBytes / format.records);
  if (records < 1) throw new Error(`An object of ${gzipBytes} bytes is too small: it would hold no record.`);
  const share = records / format.records;
  return {
    records,
    gzipBytes,
    textBytes: share * format.textBytes,
    lakeBytes: share * format.zstdBytes,
    plainBytes: share * format.plainBytes,
    cpuSeconds: (Math.max(0, perObject.cpuSeconds) + share * format.cpuSeconds.flowlogs) / processorSpeed,
    plainCpuSeconds: (Math.max(0, perObject.cpuSeconds) + share * format.cpuSeconds.plain) / processorSpeed,
  };
}

/** What an organization delivers in a month, in objects of this size. */
export function volumeOf(
  object: AverageObject,
  { accounts, flowLogs, gbPerAccount }: Pick<Assumptions, 'accounts' | 'flowLogs' | 'gbPerAccount'>,
): Volume {
  const ofAccount =
    gbPerAccount > 0
      ? (gbPerAccount * 1e9) / object.textBytes
      : (flowLogs * MONTH_SECONDS) / DELIVERY_SECONDS;
  return { accounts, object, objects: accounts * ofAccount };
}

/** So much text in a month, in objects of this size. */
export function volumeOfText(object: AverageObject, textBytes: number, accounts: number): Volume {
  return { accounts, object, objects: textBytes / object.textBytes };
}
