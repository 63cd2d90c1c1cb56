/** What the functions of the stack take in a month: Lambda, their queues and their logs. */
import type { FunctionName } from '../../shared/config.ts';
import { batchSize, type Counts, type Model } from './counts.ts';
import { PRICES } from './prices.ts';
import { MONTH_DAYS, MONTH_SECONDS, type Volume } from './volume.ts';

/** How records are made: by flowlogs, or the plain way (split, object, JSON.stringify, gzip 6) in the same pipeline. */
export type Way = 'flowlogs' | 'plain';

export interface Running {
  readonly invocations: number;
  /** US dollars for Lambda. */
  readonly usd: number;
}

export type Functions = Readonly<Record<FunctionName, Running>>;

/** Lambda's gigabytes have 1,024 MB. */
const MB_OF_GB = 1024;
/** Memory that comes with one whole processor. Source: "Configure Lambda function memory" (AWS Lambda Developer Guide). */
const PROCESSOR_MB = 1769;
/** /tmp that costs nothing. */
const FREE_EPHEMERAL_MB = 512;
/** What a run of the schedule asks DynamoDB for when there is nothing to tell. */
const SCHEDULE_REQUESTS = 4;
/** As in functions/reconcile. */
const LISTS_AT_A_TIME = 8;

/** Lambda bills what an invocation waits and computes. Starts of new environments are left out: they are few. */
export function functionsOf({ objects, object }: Volume, counts: Counts, model: Model, way: Way): Functions {
  const { measured, findings, stack, assumptions } = model;
  const request = assumptions.requestMs / 1000;
  const cpu = (milliseconds: number) => milliseconds / 1000 / assumptions.processorSpeed;

  /**
   * @param waiting seconds of an invocation in which requests are under way
   * @param processor seconds of a whole processor, in the month
   */
  function running(name: FunctionName, invocations: number, waiting: number, processor: number): Running {
    const { memoryMb, ephemeralMb } = stack.functions[name];
    // Less memory is a slice of a processor; more does not make one thread faster.
    const seconds = invocations * waiting + processor / Math.min(1, memoryMb / PROCESSOR_MB);
    const extraMb = Math.max(0, ephemeralMb - FREE_EPHEMERAL_MB);
    return {
      invocations,
      usd:
        invocations * PRICES.lambdaRequest.usd +
        (seconds / MB_OF_GB) *
          (memoryMb * PRICES.lambdaGbSecond.usd + extraMb * PRICES.lambdaStorageGbSecond.usd),
    };
  }
  const batches = (name: FunctionName, messages: number) => messages / batchSize(name, messages, stack);
  const runs = (name: FunctionName) => MONTH_SECONDS / secondsBetweenRuns(name, model);

  const { GET, HEAD, PUT, LIST } = measured.smallObjects.requests;
  const registering = batches('register-partitions', counts.recordObjects);
  const noting = batches('note-deliveries', counts.receipts);
  return {
    // Objects of a batch share their waits, but not the processor.
    ingest: running(
      'ingest',
      batches('ingest', objects),
      (GET + HEAD + PUT + LIST) * request,
      objects * (way === 'plain' ? object.plainCpuSeconds : object.cpuSeconds),
    ),
    'register-partitions': running(
      'register-partitions',
      registering,
      (counts.statements / registering) * (assumptions.statementMs / 1000),
      counts.recordObjects * cpu(assumptions.messageCpuMs),
    ),
    // An object is read; its findings are then looked up and counted, one after the other.
    alert: running(
      'alert',
      batches('alert', counts.findingObjects),
      (1 + (2 * findings.findings) / findings.objectsWithFindings) * request,
      counts.findings * cpu(assumptions.findingCpuMs),
    ),
    'alert-schedule': running('alert-schedule', runs('alert-schedule'), SCHEDULE_REQUESTS * request, 0),
    'note-deliveries': running(
      'note-deliveries',
      noting,
      (counts.deliveries / noting) * request,
      counts.receipts * cpu(assumptions.messageCpuMs),
    ),
    reconcile: running(
      'reconcile',
      runs('reconcile'),
      (counts.reconcileLists / runs('reconcile') / LISTS_AT_A_TIME) * request,
      0,
    ),
  };
}

export function secondsBetweenRuns(name: FunctionName, { stack }: Pick<Model, 'stack'>): number {
  const { trigger } = stack.functions[name];
  if (!('everySeconds' in trigger)) throw new Error(`${name} has no schedule.`);
  return trigger.everySeconds;
}

/** Messages of one receive or delete. Source: "ReceiveMessage" (Amazon SQS API Reference). */
const SQS_BATCH = 10;
const LONG_POLL_SECONDS = 20;

/**
 * Requests to SQS: S3 sends each message at the expense of the queue's owner, Lambda receives and deletes them in batches,
 * and asks in vain when there are none. Source: "What does it cost to use Amazon S3 Event Notifications?" (Amazon S3 FAQs).
 */
export function queueRequests(counts: Counts, functions: Functions, { assumptions }: Model): number {
  const idle = (assumptions.pollers * MONTH_SECONDS) / LONG_POLL_SECONDS;
  const requests = ([messages, { invocations }]: readonly [number, Running]) => {
    const received = Math.max(messages / SQS_BATCH, invocations);
    return messages + 2 * received + Math.max(0, idle - received);
  };
  const queues = [
    [counts.receipts, functions.ingest],
    [counts.recordObjects, functions['register-partitions']],
    [counts.findingObjects, functions.alert],
    [counts.receipts, functions['note-deliveries']],
  ] as const;
  return queues.reduce((sum, queue) => sum + requests(queue), 0);
}

/**
 * Bytes that the functions log, of the real lines and with the 26 that CloudWatch adds to each event. Of an object its line
 * and its values in the metrics; of an invocation its metrics and Lambda's START, END and REPORT; other lines.
 */
const LOG_BYTES = { object: 790, invocation: 1050, line: 620 } as const;

/** US dollars for the logs of the functions. */
export function logCost(counts: Counts, functions: Functions, { stack }: Model): number {
  const invocations = Object.values(functions).reduce((sum, each) => sum + each.invocations, 0);
  const bytes =
    counts.receipts * LOG_BYTES.object +
    (counts.findingObjects + counts.statements) * LOG_BYTES.line +
    invocations * LOG_BYTES.invocation;
  const kept = (PRICES.logStorage.usd * stack.logRetentionDays) / MONTH_DAYS;
  return (bytes / 1e9) * (PRICES.logIngest.usd + kept);
}
