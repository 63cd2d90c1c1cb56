import type { Finding } from '../shared/findings/finding.ts';
import {
  DEFAULT_BUDGET,
  type IngestSettings,
  ingestObject,
  type SourceObject,
} from '../shared/lake/ingest.ts';
import type { Receipt } from '../shared/lake/receipt.ts';
import { type IgnoreReason, ignoreReason } from '../shared/lake/source-key.ts';
import { folderStore } from './folder-store.ts';
import { keyOfPath, openSourceFile, type SourceFile } from './source-files.ts';

/** What a run over files did, in figures. `lines = records + quarantined`. */
export interface IngestTotals {
  /** Flow log objects met: ingested, failed and skipped ones. */
  objects: number;
  failed_objects: number;
  /** Objects that were done before. */
  skipped_objects: number;
  /** Files that are no flow log objects by name or size. */
  ignored_objects: number;
  lines: number;
  records: number;
  nodata: number;
  skipdata: number;
  rejected: number;
  quarantined: number;
  /** Distinct partitions that records were added to. */
  partitions: number;
  /** Bytes of the ingested objects as stored, and of what was written of them. */
  bytes_read: number;
  bytes_written: number;
  seconds: number;
}

/** What a run tells while it goes on. */
export interface IngestEvents {
  ingested(receipt: Receipt, findings: readonly Finding[]): void;
  failed(path: string, error: unknown): void;
  ignored(path: string, reason: IgnoreReason): void;
  /** Bytes of source files that are dealt with. */
  progress(bytes: number): void;
}

export type LocalSettings = Omit<IngestSettings, 'blockBytes' | 'memoryBytes' | 'tempFolder'>;

/**
 * Ingests files into a lake folder, one after the other. A file that fails is reported, and the others are still done.
 *
 * @param tempFolder of this run, on the lake's file system.
 */
export async function ingestFiles(
  files: readonly SourceFile[],
  lakeFolder: string,
  tempFolder: string,
  settings: LocalSettings,
  events: IngestEvents,
): Promise<IngestTotals> {
  const started = performance.now();
  const lake = folderStore(lakeFolder, tempFolder);
  const partitions = new Set<string>();
  const totals: IngestTotals = {
    objects: 0,
    failed_objects: 0,
    skipped_objects: 0,
    ignored_objects: 0,
    lines: 0,
    records: 0,
    nodata: 0,
    skipdata: 0,
    rejected: 0,
    quarantined: 0,
    partitions: 0,
    bytes_read: 0,
    bytes_written: 0,
    seconds: 0,
  };

  for (const file of files) {
    const reason = ignoreReason(keyOfPath(file.path), file.size);
    if (reason !== undefined && file.error === undefined) {
      totals.ignored_objects++;
      events.ignored(file.path, reason);
      events.progress(file.size);
      continue;
    }
    totals.objects++;
    let reported = 0;
    try {
      if (file.error !== undefined) throw file.error;
      const source = await openSourceFile(file);
      const watched = watch(source, (bytes) => {
        reported += bytes;
        events.progress(bytes);
      });
      const result = await ingestObject(watched, lake, { ...DEFAULT_BUDGET, ...settings, tempFolder });
      if (result.outcome === 'done-before') {
        totals.skipped_objects++;
      } else {
        addReceipt(totals, partitions, result.receipt);
        events.ingested(result.receipt, result.findings);
      }
    } catch (error) {
      totals.failed_objects++;
      events.failed(file.path, error);
    }
    events.progress(file.size - reported);
  }
  totals.partitions = partitions.size;
  totals.seconds = Math.round(performance.now() - started) / 1000;
  return totals;
}

function addReceipt(totals: IngestTotals, partitions: Set<string>, receipt: Receipt): void {
  totals.lines += receipt.lines;
  totals.records += receipt.records;
  totals.nodata += receipt.nodata;
  totals.skipdata += receipt.skipdata;
  totals.rejected += receipt.rejected;
  totals.quarantined += receipt.quarantined;
  totals.bytes_read += receipt.size;
  for (const { key, bytes } of receipt.outputs) {
    totals.bytes_written += bytes;
    if (key.includes('/hour=')) partitions.add(key.slice(0, key.lastIndexOf('/')));
  }
}

/** The same source, telling how many bytes were read. */
function watch(source: SourceObject, read: (bytes: number) => void): SourceObject {
  return {
    ...source,
    async *open() {
      for await (const chunk of source.open()) {
        read(chunk.length);
        yield chunk;
      }
    },
  };
}
