import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AthenaClient,
  GetQueryExecutionCommand,
  type QueryExecution,
  type QueryExecutionStatus,
  StartQueryExecutionCommand,
} from '@aws-sdk/client-athena';

/** Where statements run. The workgroup says where results go. */
export interface AthenaTarget {
  readonly database: string;
  readonly workgroup: string;
}

/** Athena took the statement and could not do what it says. */
export class StatementError extends Error {
  override readonly name = 'StatementError';
  /** Athena's own word for whether the same statement may succeed another time. */
  readonly isRetryable: boolean;
  readonly isCancelled: boolean;
  /** What Athena says, without our words. */
  readonly reason: string;

  constructor(queryId: string, { State, StateChangeReason, AthenaError }: QueryExecutionStatus) {
    const reason = StateChangeReason ?? AthenaError?.ErrorMessage ?? 'it does not say why';
    super(`Athena ended the statement ${queryId} as ${State}: ${reason}`);
    this.reason = reason;
    this.isCancelled = State === 'CANCELLED';
    this.isRetryable = AthenaError?.Retryable ?? false;
  }
}

/** Pause before the state of a statement is asked again, in milliseconds: the first one, its growth and the longest. */
const FIRST_PAUSE = 250;
const GROWTH = 1.6;
const LONGEST_PAUSE = 5_000;

/**
 * Runs a statement and waits for its end.
 *
 * @returns the query's id.
 * @throws StatementError if it fails or is cancelled; the SDK's errors; the signal's reason as soon as it aborts. The
 *   statement may then still be running.
 */
export async function runStatement(
  athena: AthenaClient,
  sql: string,
  target: AthenaTarget,
  signal: AbortSignal,
): Promise<string> {
  const id = await startStatement(athena, sql, target, signal);
  await endOfStatement(athena, id, signal);
  return id;
}

/**
 * Starts a statement.
 *
 * The SDK makes a new request token for each call and keeps it for its own retries, so a lost answer does not run the
 * statement twice, and a later call never gets the result of an earlier one, which may have failed.
 *
 * @returns the query's id.
 * @throws the SDK's errors; the signal's reason if it aborts. The statement may then have started nevertheless.
 */
export async function startStatement(
  athena: AthenaClient,
  sql: string,
  { database, workgroup }: AthenaTarget,
  signal?: AbortSignal,
): Promise<string> {
  const { QueryExecutionId: id } = await unlessAborted(
    athena.send(
      new StartQueryExecutionCommand({
        QueryString: sql,
        QueryExecutionContext: { Database: database },
        WorkGroup: workgroup,
      }),
      signal === undefined ? {} : { abortSignal: signal },
    ),
    signal,
  );
  if (id === undefined) throw new Error('Athena started a statement without an id.');
  return id;
}

/**
 * Waits for the end of a statement.
 *
 * @param watch gets what Athena says of it each time it is asked, the last time when it has ended
 * @returns what Athena says of a statement that has succeeded.
 * @throws StatementError if it fails or is cancelled; the SDK's errors; the signal's reason as soon as it aborts.
 */
export async function endOfStatement(
  athena: AthenaClient,
  id: string,
  signal: AbortSignal,
  watch: (execution: QueryExecution) => void = () => {},
): Promise<QueryExecution> {
  for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * GROWTH, LONGEST_PAUSE)) {
    const { QueryExecution: execution = {} } = await unlessAborted(
      athena.send(new GetQueryExecutionCommand({ QueryExecutionId: id }), { abortSignal: signal }),
      signal,
    );
    watch(execution);
    const status = execution.Status ?? {};
    if (status.State === 'SUCCEEDED') return execution;
    if (status.State === 'FAILED' || status.State === 'CANCELLED') throw new StatementError(id, status);
    await unlessAborted(sleep(pause * (0.75 + Math.random() / 2), undefined, { signal }), signal);
  }
}

/** The signal's reason in place of what the SDK and timers throw when it aborts. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  try {
    return await work;
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
