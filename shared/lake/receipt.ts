import type { QuarantineReason } from '../flow-log/quarantine.ts';
import type { TransformCounts } from '../flow-log/transform.ts';

/** An object that was written of a source object. */
export interface WrittenOutput {
  readonly key: string;
  /** Rows: records, quarantined lines or findings. */
  readonly records: number;
  readonly bytes: number;
}

/**
 * The proof that a source object is done, and what became of it. It is written last, so an object with a receipt has
 * all its outputs. Keys are the columns of `RECEIPT_COLUMNS`; what is not known is absent.
 */
export interface Receipt {
  readonly source: string;
  readonly bucket?: string;
  readonly key: string;
  readonly etag: string;
  readonly size: number;
  readonly object_time: number;
  readonly flow_log_id?: string;
  readonly aws_account_id?: string;
  readonly aws_region?: string;
  readonly formats: readonly string[];
  readonly first_time?: number;
  readonly last_time?: number;
  readonly inflated_bytes: number;
  readonly headers: TransformCounts['headers'];
  readonly lines: TransformCounts['lines'];
  readonly records: TransformCounts['records'];
  readonly quarantined: TransformCounts['quarantined'];
  readonly quarantine_listed: number;
  readonly quarantine_reasons: readonly { readonly reason: QuarantineReason; readonly lines: number }[];
  readonly nodata: number;
  readonly skipdata: number;
  readonly rejected: number;
  readonly findings: number;
  readonly outputs: readonly WrittenOutput[];
  readonly mixed_builds: number;
  readonly build: string;
  readonly settings: string;
  readonly started: string;
  readonly finished: string;
}
