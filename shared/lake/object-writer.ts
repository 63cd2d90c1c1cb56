import type { Finding } from '../findings/finding.ts';
import type { NamedNetworks } from '../findings/named-networks.ts';
import { createFindingObserver } from '../findings/observer.ts';
import { columnIndex, type Format, headerOf, type RecordView } from '../flow-log/format.ts';
import type { QuarantinedLine, QuarantineReason } from '../flow-log/quarantine.ts';
import type { TransformSink } from '../flow-log/transform.ts';
import type { LineLoop } from '../line-loop/line-loop.ts';
import { type Compression, objectKey } from './layout.ts';
import type { Output, OutputSet } from './output.ts';
import { recordsKey } from './partition.ts';
import { isAccountId, isRegion, type SourceKeyFacts, UNKNOWN } from './source-key.ts';

/** An object may open this many partitions. Real ones open two or three; without a limit one bad clock opens thousands. */
export const MAX_PARTITIONS = 256;
/** So many lines of an object, and bytes of them, are listed in the quarantine; the rest is counted. */
export const MAX_QUARANTINE_LISTED = 100_000;
export const MAX_QUARANTINE_BYTES = 64 * 1024 * 1024;
const MAX_FORMATS_LISTED = 16;

/** What is known of a source object before it is read. */
export interface ObjectContext {
  /** The source as people write it: a URL or path. */
  readonly source: string;
  readonly id: string;
  /** The object's own time, Unix seconds. */
  readonly time: number;
  readonly facts: SourceKeyFacts;
  readonly compression: Compression;
  readonly networks: NamedNetworks | undefined;
}

/** An output and where it goes. */
export interface PlannedOutput {
  readonly key: string;
  readonly output: Output;
  /** Rows. */
  records: number;
}

/** What the writer knows of an object when all of it has been read. */
export interface ObjectSummary {
  readonly accountId: string;
  readonly region: string;
  readonly formats: readonly string[];
  readonly firstTime: number | undefined;
  readonly lastTime: number | undefined;
  readonly quarantineListed: number;
  readonly quarantineReasons: readonly { readonly reason: QuarantineReason; readonly lines: number }[];
  readonly nodata: number;
  readonly skipdata: number;
  readonly rejected: number;
  readonly findings: readonly Finding[];
}

export interface ObjectWriter {
  readonly sink: TransformSink;
  /** Writes the findings and tells what the object held. To be called once, after the transformation's end. */
  end(): ObjectSummary;
  /** The outputs, in the order in which the receipt lists them. */
  readonly planned: readonly PlannedOutput[];
}

/** Takes what the transformation of one object yields and lays it out in the lake's partitions. */
export function createObjectWriter(context: ObjectContext, outputs: OutputSet, loop: LineLoop): ObjectWriter {
  const planned: PlannedOutput[] = [];
  /** By hour, for each kind of record. */
  const partitions = {
    vpc: new Map<number, PlannedOutput>(),
    'transit-gateway': new Map<number, PlannedOutput>(),
  };
  let partitionOwner: { accountId: string; region: string } | undefined;
  let current: PlannedOutput | undefined;
  let format: Format | undefined;
  const formats = new Set<string>();
  let quarantine: PlannedOutput | undefined;
  let quarantineBytes = 0;
  const quarantineReasons = new Map<QuarantineReason, number>();
  const about = {
    source: context.source,
    accountId: context.facts.accountId ?? UNKNOWN,
    region: context.facts.region ?? UNKNOWN,
    networks: context.networks,
  };
  const observer = createFindingObserver(about, loop);

  const sink: TransformSink = {
    formatChanged(next) {
      format = next;
      if (formats.size < MAX_FORMATS_LISTED) formats.add(headerOf(next));
      observer.formatChanged(next);
    },

    openPartition(hour, record) {
      partitionOwner ??= ownerOf(record);
      const { kind } = format!;
      let partition = partitions[kind].get(hour);
      if (partition === undefined) {
        const { vpc, 'transit-gateway': transitGateway } = partitions;
        if (vpc.size + transitGateway.size === MAX_PARTITIONS) return false;
        const key = recordsKey(kind, { ...partitionOwner, hour }, context.id, context.compression);
        partition = plan(key, outputs.open(context.compression));
        partitions[kind].set(hour, partition);
      }
      current = partition;
      return true;
    },

    records(bytes, from, to, count) {
      current!.output.append(bytes, from, to);
      current!.records += count;
    },

    quarantine(line) {
      quarantineReasons.set(line.reason, (quarantineReasons.get(line.reason) ?? 0) + 1);
      quarantine ??= plan(objectKey('quarantine', context.time, context.id), outputs.open('plain'));
      if (quarantine.records === MAX_QUARANTINE_LISTED || quarantineBytes > MAX_QUARANTINE_BYTES) return;
      quarantineBytes += appendRow(quarantine, quarantineRow(context.source, line));
    },
  };

  function plan(key: string, output: Output): PlannedOutput {
    const item = { key, output, records: 0 };
    planned.push(item);
    return item;
  }

  /** Account and Region of the partitions: the key's, else those of the first record. */
  function ownerOf(record: RecordView): { accountId: string; region: string } {
    const { accountId, region } = context.facts;
    const recordAccount = tokenOf(record, 'account_id');
    const recordRegion = tokenOf(record, 'region');
    return {
      accountId: accountId ?? (isAccountId(recordAccount) ? recordAccount : UNKNOWN),
      region: region ?? (isRegion(recordRegion) ? recordRegion : UNKNOWN),
    };
  }

  function tokenOf({ bytes, tokenStart, tokenEnd }: RecordView, key: string): string {
    const column = columnIndex(format!, key);
    if (column < 0) return '';
    return Buffer.from(bytes.subarray(tokenStart[column], tokenEnd[column])).toString('latin1');
  }

  function end(): ObjectSummary {
    const findings = observer.finish();
    if (findings.length > 0) {
      const output = plan(objectKey('findings', context.time, context.id), outputs.open('plain'));
      for (const finding of findings) appendRow(output, finding);
    }
    return {
      accountId: partitionOwner?.accountId ?? context.facts.accountId ?? UNKNOWN,
      region: partitionOwner?.region ?? context.facts.region ?? UNKNOWN,
      formats: [...formats],
      ...loop.times(),
      quarantineListed: quarantine?.records ?? 0,
      quarantineReasons: [...quarantineReasons].map(([reason, lines]) => ({ reason, lines })),
      ...observer.counts,
      findings,
    };
  }

  return { sink, end, planned };
}

/** A row of the `quarantine` table. */
function quarantineRow(source: string, { reason, lineNumber, offset, lineBytes, line }: QuarantinedLine) {
  return { source, line_number: lineNumber, offset, reason, line_bytes: lineBytes, line };
}

/** Appends a row as one line of JSON; returns its bytes. */
function appendRow(planned: PlannedOutput, row: object): number {
  const bytes = Buffer.from(`${JSON.stringify(row)}\n`);
  planned.output.append(bytes, 0, bytes.length);
  planned.records++;
  return bytes.length;
}
