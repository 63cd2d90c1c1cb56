/** How many of everything the pipeline handles in a month. */
import type { Measured } from '../../bench/measured.ts';
import type { FunctionName } from '../../shared/config.ts';
import type { Assumptions } from './assumptions.ts';
import type { FindingsLoad } from './findings-figures.ts';
import type { Stack } from './stack.ts';
import { MONTH_DAYS, MONTH_SECONDS, type Volume } from './volume.ts';

/** All that the cost of a volume depends on. */
export interface Model {
  readonly measured: Measured;
  readonly findings: FindingsLoad;
  readonly stack: Stack;
  readonly assumptions: Assumptions;
}

/** Things in a month. */
export interface Counts {
  /** Objects that ingest writes. */
  readonly recordObjects: number;
  readonly findingObjects: number;
  readonly receipts: number;
  readonly findings: number;
  /** Hours of accounts, which all are new. */
  readonly partitions: number;
  /** Statements that add partitions. */
  readonly statements: number;
  /** Times that it is noted that an account delivered. */
  readonly deliveries: number;
  readonly reconcileLists: number;
}

const HOUR = 3600;
/** As in functions/note-deliveries. Seconds. */
const NOTE_EVERY = 300;
/** Days that reconciliation looks back for objects, and for partitions: infrastructure/environment.ts, functions/reconcile. */
const RECONCILED_DAYS = { objects: 3, partitions: 10 };
/** Entries of one answer. Source: "ListObjectsV2" (Amazon S3 API Reference). */
export const LISTED = 1000;

export function countsOf({ objects, accounts }: Volume, model: Model): Counts {
  const { measured, findings, assumptions } = model;
  // The small objects that were measured have findings. What is written beside these and the receipt is records.
  const recordObjects = objects * (measured.smallObjects.requests.PUT - 2);
  const findingObjects = objects * assumptions.shareWithFindings;
  const partitions = (accounts * MONTH_SECONDS) / HOUR;
  return {
    recordObjects,
    findingObjects,
    receipts: objects,
    findings: (findingObjects * findings.findings) / findings.objectsWithFindings,
    partitions,
    // A run adds all that is due in one statement.
    statements: Math.min(
      recordObjects / batchSize('register-partitions', recordObjects, model.stack),
      partitions * assumptions.registrations,
    ),
    deliveries: Math.min(objects, (accounts * MONTH_SECONDS) / NOTE_EVERY),
    // Every day the raw objects and the receipts of some days, and the folders of each account's days.
    reconcileLists:
      RECONCILED_DAYS.objects * 2 * Math.max(MONTH_DAYS, objects / LISTED) +
      RECONCILED_DAYS.partitions * accounts * MONTH_DAYS,
  };
}

/** Messages of an invocation, if they come evenly: what comes in the window, as far as a batch goes. */
export function batchSize(
  name: FunctionName,
  messages: number,
  { functions }: Pick<Stack, 'functions'>,
): number {
  const { trigger } = functions[name];
  if ('everySeconds' in trigger) throw new Error(`${name} has no queue.`);
  return Math.min(trigger.batchSize, Math.max(1, (messages / MONTH_SECONDS) * trigger.window));
}
