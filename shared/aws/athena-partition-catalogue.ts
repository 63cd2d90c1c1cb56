import { setTimeout as sleep } from 'node:timers/promises';
import type { AthenaClient } from '@aws-sdk/client-athena';
import { addPartitionsStatement, MAX_PARTITIONS_OF_STATEMENT } from '../../athena/partition-statements.ts';
import { type Partition, partitionFolder, type RecordTable } from '../lake/partition.ts';
import type { PartitionCatalogue } from '../lake/partition-catalogue.ts';
import { type AthenaTarget, runStatement, StatementError } from './athena-statement.ts';

/** What became of one statement, for the log. */
export interface StatementReport {
  readonly table: RecordTable;
  readonly partitions: number;
  readonly seconds: number;
  readonly queryId?: string;
  readonly error?: Error;
}

/** Attempts at a statement that Athena calls retryable, and the pause before the second one in milliseconds. */
const MAX_ATTEMPTS = 3;
const FIRST_PAUSE = 1_000;
/** Statements that one chunk may take until the bad partition stands alone: enough for two bad ones among 100. */
const MAX_STATEMENTS_OF_CHUNK = 30;

/** Adding what is there is no error, but Athena calls it one when two statements race. */
const ALREADY_EXISTS = /AlreadyExists|already exists/i;
/** What no partition can be the cause of: splitting the statement would only fail more often. */
const CONCERNS_ALL =
  /access ?denied|not authorized|insufficient (?:lake formation )?permission|table not found|TABLE_NOT_FOUND|EntityNotFound|SCHEMA_NOT_FOUND|database .*not found|does not exist/i;

/**
 * The lake's tables in Athena as a catalogue. Statements run one after the other: Athena admits 20 active DDL statements
 * for a whole account. One that fails is split in halves until the partition that is to blame stands alone.
 *
 * @param signal stops the work; what is not added by then fails with the signal's reason.
 */
export function athenaPartitionCatalogue(
  athena: AthenaClient,
  lakeBucket: string,
  target: AthenaTarget,
  report: (statement: StatementReport) => void,
  signal: AbortSignal,
): PartitionCatalogue {
  return {
    async add(partitions) {
      const failures = new Map<Partition, unknown>();
      for (const [table, ofTable] of Map.groupBy(partitions, (partition) => partition.table)) {
        for (let start = 0; start < ofTable.length; start += MAX_PARTITIONS_OF_STATEMENT) {
          const chunk = ofTable.slice(start, start + MAX_PARTITIONS_OF_STATEMENT);
          await addSplitting(table, chunk, failures, { statements: MAX_STATEMENTS_OF_CHUNK - 1 });
        }
      }
      return failures;
    },
  };

  async function addSplitting(
    table: RecordTable,
    chunk: readonly Partition[],
    failures: Map<Partition, unknown>,
    left: { statements: number },
  ): Promise<void> {
    try {
      await addAll(table, chunk);
    } catch (error) {
      if (chunk.length === 1 || left.statements < 2 || !mayBeOnePartitionsFault(error)) {
        for (const partition of chunk) failures.set(partition, failureOf(partition, error, signal));
        return;
      }
      left.statements -= 2;
      const middle = chunk.length >> 1;
      await addSplitting(table, chunk.slice(0, middle), failures, left);
      await addSplitting(table, chunk.slice(middle), failures, left);
    }
  }

  /** Adds partitions in one statement, which is repeated as long as Athena says that it may help. */
  async function addAll(table: RecordTable, chunk: readonly Partition[]): Promise<void> {
    const sql = addPartitionsStatement(lakeBucket, table, chunk);
    for (let attempt = 1; ; attempt++) {
      signal.throwIfAborted();
      const started = performance.now();
      const seconds = () => Math.round(performance.now() - started) / 1000;
      try {
        const queryId = await runStatement(athena, sql, target, signal);
        report({ table, partitions: chunk.length, seconds: seconds(), queryId });
        return;
      } catch (error) {
        // Of one partition that is all there is to say; of several, those behind it may be missing.
        if (alreadyExists(error) && chunk.length === 1) return;
        report({ table, partitions: chunk.length, seconds: seconds(), error: error as Error });
        const isWorthRepeating = error instanceof StatementError && error.isRetryable;
        if (!isWorthRepeating || attempt === MAX_ATTEMPTS) throw error;
        await sleep(FIRST_PAUSE * 2 ** (attempt - 1) * (0.5 + Math.random()), undefined, { signal }).catch(
          () => signal.throwIfAborted(),
        );
      }
    }
  }
}

function alreadyExists(error: unknown): boolean {
  return error instanceof StatementError && ALREADY_EXISTS.test(error.reason);
}

function mayBeOnePartitionsFault(error: unknown): boolean {
  if (alreadyExists(error)) return true;
  if (!(error instanceof StatementError) || error.isCancelled || error.isRetryable) return false;
  return !CONCERNS_ALL.test(error.reason);
}

function failureOf(partition: Partition, cause: unknown, signal: AbortSignal): unknown {
  // That time was up is no fault of the partition's.
  if (cause === signal.reason) return cause;
  return new Error(
    `The partition ${partitionFolder(partition)} is not registered, so queries do not see its records. ` +
      `${(cause as Error).message}. If that goes on, look at the function's role, the workgroup and the table.`,
    { cause },
  );
}
