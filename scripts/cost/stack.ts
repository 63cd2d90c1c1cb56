/** What the stack sets, as the cost model needs it: read from what defines it. */
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import * as z from 'zod/mini';
import { alarmResources } from '../../infrastructure/alarms.ts';
import { FUNCTIONS } from '../../infrastructure/metrics.ts';
import { parseStageParameters } from '../../infrastructure/parameters.ts';
import type { FunctionName } from '../../shared/config.ts';

const DAY = 86_400;

export interface StackFunction {
  readonly memoryMb: number;
  readonly ephemeralMb: number;
  /** What wakes it. Seconds. */
  readonly trigger:
    | { readonly batchSize: number; readonly window: number }
    | { readonly everySeconds: number };
}

export interface Stack {
  readonly functions: Readonly<Record<FunctionName, StackFunction>>;
  readonly alarms: number;
  readonly logRetentionDays: number;
}

/** Lambda's own, where serverless.yml says nothing. MB. */
const DEFAULT_EPHEMERAL = 512;

const functionSchema = z.object({
  memorySize: z.number(),
  ephemeralStorageSize: z._default(z.number(), DEFAULT_EPHEMERAL),
  events: z.array(
    z.union([
      z.object({ sqs: z.object({ batchSize: z.number(), maximumBatchingWindow: z.number() }) }),
      z.object({ schedule: z.string() }),
    ]),
  ),
});

/**
 * A stage with nothing set but its Region.
 *
 * @throws Error if serverless.yml is not as this expects it.
 */
export async function readStack(): Promise<Stack> {
  const text = await readFile(new URL('../../serverless.yml', import.meta.url), 'utf8');
  // The tags are CloudFormation's (!Sub, !GetAtt): what they stand for is of no matter here.
  const { functions } = parse(text, { logLevel: 'error' }) as { functions: Record<string, unknown> };
  const parameters = { ...parseStageParameters({ region: 'us-east-1' }, 'no stage file'), stage: 'prod' };
  return {
    functions: Object.fromEntries(
      FUNCTIONS.map((name) => [name, functionOf(name, functions[name])]),
    ) as Stack['functions'],
    alarms: Object.keys(alarmResources(parameters)).length,
    logRetentionDays: parameters.operations.logRetentionDays,
  };
}

function functionOf(name: FunctionName, content: unknown): StackFunction {
  const result = z.safeParse(functionSchema, content);
  const event = result.data?.events[0];
  if (!result.success || event === undefined) {
    throw new Error(
      `serverless.yml: ${name} is not what scripts/cost/stack.ts expects: ${result.error?.message}`,
    );
  }
  const { memorySize, ephemeralStorageSize } = result.data;
  const trigger =
    'sqs' in event
      ? { batchSize: event.sqs.batchSize, window: event.sqs.maximumBatchingWindow }
      : { everySeconds: secondsBetween(event.schedule) };
  return { memoryMb: memorySize, ephemeralMb: ephemeralStorageSize, trigger };
}

/** Of `rate(5 minutes)`, or of a cron expression that means once a day. */
function secondsBetween(schedule: string): number {
  const [, minutes] = /^rate\((\d+) minutes\)$/.exec(schedule) ?? [];
  if (minutes !== undefined) return Number(minutes) * 60;
  if (/^cron\(\d+ \d+ \* \* \? \*\)$/.test(schedule)) return DAY;
  throw new Error(`serverless.yml: the cost model does not know how often "${schedule}" is.`);
}
