import type { CreatedObject, Notification } from '../../shared/aws/object-created.ts';
import { PermanentError } from '../../shared/errors.ts';
import type { IngestResult } from '../../shared/lake/ingest.ts';
import type { Receipt } from '../../shared/lake/receipt.ts';
import type { IgnoreReason } from '../../shared/lake/source-key.ts';
import type { Observability } from '../../shared/lambda/observability.ts';

/** What operators see of the ingest function: one log line for each object, and metrics. Never what a record says. */
export interface IngestReport {
  done(object: CreatedObject, result: IngestResult): void;
  failed(object: CreatedObject, error: unknown): void;
  readAgain(object: CreatedObject, error: Error): void;
  ignored(reason: IgnoreReason | Notification['ignored'][number], object?: CreatedObject): void;
}

export function ingestReport({ logger, count, countReason }: Observability): IngestReport {
  return {
    done(object, result) {
      if (result.outcome === 'done-before') {
        logger.info('object was done before', { source: sourceOf(object) });
        count('ObjectsSkipped', 1);
        return;
      }
      const { receipt } = result;
      const bytesWritten = receipt.outputs.reduce((sum, { bytes }) => sum + bytes, 0);
      const finished = Date.parse(receipt.finished) / 1000;
      const lag = Math.max(0, finished - receipt.object_time);
      logger.info('object ingested', { ...countsOf(receipt), bytesWritten, lagSeconds: Math.round(lag) });
      count('ObjectsIngested', 1);
      count('RecordsIngested', receipt.records);
      count('BytesRead', receipt.size, 'Bytes');
      count('BytesWritten', bytesWritten, 'Bytes');
      count('RejectedFlows', receipt.rejected);
      count('SkipDataRecords', receipt.skipdata);
      count('NoDataRecords', receipt.nodata);
      count('QuarantinedLines', receipt.quarantined);
      count('IngestLag', lag, 'Seconds');
      if (receipt.mixed_builds > 0) {
        logger.warn('outputs of another build exist and stay as they are', {
          source: receipt.source,
          outputs: receipt.mixed_builds,
        });
        count('MixedBuild', receipt.mixed_builds);
      }
    },

    failed(object, error) {
      const reason = error instanceof PermanentError ? error.reason : 'retryable';
      logger.error('object failed', { source: sourceOf(object), reason, error: error as Error });
      count('ObjectsFailed', 1);
    },

    readAgain(object, error) {
      logger.warn('object is read again', { source: sourceOf(object), error });
    },

    ignored(reason, object) {
      logger.info('object ignored', {
        reason,
        ...(object === undefined ? {} : { source: sourceOf(object) }),
      });
      countReason('ObjectsIgnored', reason);
    },
  };
}

function countsOf(receipt: Receipt) {
  return {
    source: receipt.source,
    lines: receipt.lines,
    records: receipt.records,
    quarantined: receipt.quarantined,
    rejected: receipt.rejected,
    nodata: receipt.nodata,
    skipdata: receipt.skipdata,
    findings: receipt.findings,
    outputs: receipt.outputs.length,
    bytesRead: receipt.size,
    seconds: (Date.parse(receipt.finished) - Date.parse(receipt.started)) / 1000,
  };
}

function sourceOf({ bucket, key }: CreatedObject): string {
  return `s3://${bucket}/${key}`;
}
