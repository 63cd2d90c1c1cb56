import type { RecordView } from '../flow-log/format.ts';
import type { FindingColumns } from './columns.ts';
import { plus } from './counting.ts';
import { sampleOf } from './flow.ts';
import { MOST_SAMPLES } from './flow-summary.ts';
import type { Resource } from './resource.ts';
import { createSummaries } from './summaries.ts';
import { describeSpan, emptySpan, widen } from './time-span.ts';
import { numberOf } from './token.ts';

/** Starts to sum up SKIPDATA records, the intervals in which AWS lost records, by resource. */
export function createSkippedIntervals() {
  const summaries = createSummaries(createSkippedSummary);

  return {
    /** Takes in a SKIPDATA record of a resource. */
    add(record: RecordView, columns: FindingColumns, resource: Resource | undefined): void {
      summaries.of('', resource).add(record, columns);
    },

    /** What has been found, under a finding's keys. */
    finish() {
      return [...summaries.entries()].map(({ resource, resources, summary }) => ({
        resource,
        resources,
        evidence: summary.describe(),
      }));
    },
  };
}

function createSkippedSummary() {
  const span = emptySpan();
  let flows = 0;
  let seconds: number | undefined;
  const samples: string[] = [];

  return {
    add(record: RecordView, columns: FindingColumns): void {
      const start = numberOf(record, columns.start);
      const end = numberOf(record, columns.end);
      flows++;
      widen(span, start, end);
      if (start >= 0) seconds = plus(seconds, end - start);
      if (samples.length < MOST_SAMPLES) samples.push(sampleOf(record));
    },

    describe: () => ({ ...describeSpan(span), flows, skipped_seconds: seconds, samples }),
  };
}
