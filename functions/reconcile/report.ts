import type { Observability } from '../../shared/lambda/observability.ts';
import type { StoppedAt } from './bounds.ts';

/** The two comparisons, by what they look for. */
export type Compared = 'object' | 'partition';

/** What a run tells as it goes; its result is told in the end. */
export interface ReconcileReport {
  /** Something is in the one place and not in the other: a URL. */
  missing(what: Compared, source: string, requeued: boolean): void;
  /** A folder of the lake whose partition lies elsewhere. */
  misplaced(folder: string, location: string): void;
  /** Messages that were sent, and that the queue took. */
  requeued(what: Compared, messages: number): void;
  /** The search ended before its end. */
  stopped(what: Compared, at: StoppedAt): void;
  /** Folders outside `AWSLogs/` hold too many objects to look at. */
  crowded(): void;
  done(result: object): void;
}

/** What to do where a search stopped. */
export const AFTER_STOP: Readonly<Record<StoppedAt, string>> = {
  time: 'The newest days come first. Run it again by hand with fewer days.',
  messages: 'Find out why so much got lost, wait until the queue is empty, then run it again by hand.',
  listed: 'The newest days come first. Run it again by hand with fewer days.',
};

export const IF_CROWDED =
  'If they are not flow logs, set the prefix of the raw bucket (RAW_PREFIX) to the folder in front of AWSLogs/.';

export const IF_MISPLACED =
  'Queries read its records from there, and not from the lake. Unless someone meant that, drop the partition in Athena ' +
  '(ALTER TABLE … DROP PARTITION), then reconcile has it registered anew.';

const METRICS: Readonly<Record<Compared, string>> = {
  object: 'ObjectsRequeued',
  partition: 'PartitionsRequeued',
};

/** The function's report: log and metrics. */
export function reconcileReport({ logger, count }: Observability): ReconcileReport {
  return {
    missing: (what, source, requeued) => logger.info(`${what} is missing`, { source, requeued }),
    misplaced: (folder, location) =>
      logger.warn('partition lies elsewhere', { folder, location, advice: IF_MISPLACED }),
    requeued: (what, messages) => count(METRICS[what], messages),
    stopped: (what, at) =>
      logger.warn(`the search for a missing ${what} stopped before its end`, {
        stoppedAt: at,
        advice: AFTER_STOP[at],
      }),
    crowded: () =>
      logger.warn('folders outside AWSLogs/ hold too many objects to look at all of them', {
        advice: IF_CROWDED,
      }),
    done: (result) => logger.info('reconciled', { ...result }),
  };
}
