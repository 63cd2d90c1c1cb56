import ipaddr from 'ipaddr.js';
import * as z from 'zod/mini';
import { parsePolicy } from './alerts/policy-config.ts';
import { formatOfSetting } from './flow-log/header.ts';
import { parseCompression } from './lake/compression-history.ts';

const bucket = z.string().check(z.regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/));
const url = z.string().check(z.regex(/^https?:\/\/\S+$/));
const wholeNumber = z.pipe(z.string().check(z.regex(/^[1-9]\d{0,14}$/)), z.transform(Number));

const topicArn = z.string().check(z.regex(/^arn:[\w-]+:sns:[\w-]+:\d{12}:[\w-]+$/));

/** A text that is read by a function; the reason why it can't be used is part of the message. */
function readBy<T>(read: (text: string) => T) {
  return z.pipe(
    z.string(),
    z.transform((text, context) => {
      try {
        return read(text);
      } catch (error) {
        context.issues.push({ code: 'custom', message: (error as Error).message, input: text });
        return z.NEVER;
      }
    }),
  );
}

const ranges = z._default(readBy(readRanges), []);

/** Every environment variable of the functions: what it takes, in words and as a schema. */
const VARIABLES = {
  STAGE: { takes: 'the name of the stage', schema: z.string().check(z.regex(/^[a-z][a-z0-9-]*$/)) },
  LAKE_BUCKET: { takes: 'the name of the lake bucket', schema: bucket },
  RAW_BUCKET: { takes: 'the name of the bucket that flow logs are delivered to', schema: bucket },
  RAW_PREFIX: {
    takes: 'the folder in front of AWSLogs/ with its slash, or nothing',
    schema: z._default(z.string().check(z.regex(/^(?:.*\/)?$/)), ''),
  },
  QUEUE_URL: { takes: "the URL of the function's own queue", schema: url },
  DEAD_LETTER_QUEUE_URL: { takes: "the URL of the queue's dead-letter queue", schema: url },
  INGEST_QUEUE_URL: { takes: 'the URL of the ingest queue', schema: url },
  PARTITION_QUEUE_URL: { takes: 'the URL of the partition queue', schema: url },
  ATHENA_DATABASE: {
    takes: 'a database of letters, digits and _',
    schema: z.string().check(z.regex(/^\w+$/)),
  },
  ATHENA_WORKGROUP: {
    takes: 'the name of a workgroup',
    schema: z.string().check(z.regex(/^[\w.-]{1,128}$/)),
  },
  ALERT_TOPIC_ARN: {
    takes: 'the ARN of an SNS topic',
    schema: topicArn,
  },
  CHAT_TOPIC_ARN: { takes: 'the ARN of an SNS topic, or nothing', schema: z.optional(topicArn) },
  SITUATION_TABLE: {
    takes: 'the name of a DynamoDB table',
    schema: z.string().check(z.regex(/^[\w.-]{3,255}$/)),
  },
  ALERT_POLICY: {
    takes: 'an alert policy as JSON, or nothing for what is usual',
    schema: z._default(
      readBy((text) => parsePolicy(JSON.parse(text))),
      parsePolicy({}),
    ),
  },
  INSIDE_RANGES: { takes: 'networks with commas between them, or nothing', schema: ranges },
  ON_PREMISES_RANGES: { takes: 'networks with commas between them, or nothing', schema: ranges },
  FLOW_LOG_FORMAT: {
    takes: 'the columns of objects without a header line: "default", or field names in their order',
    schema: z.optional(readBy(formatOfSetting)),
  },
  OUTPUT_COMPRESSION: {
    takes: 'zstd or gzip, or all changes: "zstd, gzip from 2026-12-01T12:00Z"',
    schema: z._default(readBy(parseCompression), 'zstd'),
  },
  MAX_INFLATED_BYTES: {
    takes: 'the largest object to read, in inflated bytes',
    schema: z.optional(wholeNumber),
  },
  RECONCILE_DAYS: { takes: 'a number of days from 1', schema: wholeNumber },
} as const;

type Variable = keyof typeof VARIABLES;

/** Of whoever tells people. */
const ALERTING = [
  'STAGE',
  'LAKE_BUCKET',
  'SITUATION_TABLE',
  'ALERT_POLICY',
  'ALERT_TOPIC_ARN',
  'CHAT_TOPIC_ARN',
  'ATHENA_DATABASE',
] as const satisfies readonly Variable[];

/** The variables that each function reads, and no others. */
export const VARIABLES_OF = {
  ingest: [
    'STAGE',
    'LAKE_BUCKET',
    'QUEUE_URL',
    'DEAD_LETTER_QUEUE_URL',
    'OUTPUT_COMPRESSION',
    'FLOW_LOG_FORMAT',
    'MAX_INFLATED_BYTES',
    'INSIDE_RANGES',
    'ON_PREMISES_RANGES',
  ],
  'register-partitions': [
    'STAGE',
    'LAKE_BUCKET',
    'QUEUE_URL',
    'DEAD_LETTER_QUEUE_URL',
    'ATHENA_DATABASE',
    'ATHENA_WORKGROUP',
  ],
  alert: ['QUEUE_URL', 'DEAD_LETTER_QUEUE_URL', ...ALERTING],
  'alert-schedule': ALERTING,
  'note-deliveries': ['STAGE', 'LAKE_BUCKET', 'QUEUE_URL', 'DEAD_LETTER_QUEUE_URL', 'SITUATION_TABLE'],
  reconcile: [
    'STAGE',
    'RAW_BUCKET',
    'RAW_PREFIX',
    'LAKE_BUCKET',
    'ATHENA_DATABASE',
    'INGEST_QUEUE_URL',
    'PARTITION_QUEUE_URL',
    'RECONCILE_DAYS',
  ],
} as const satisfies Record<string, readonly Variable[]>;

export type FunctionName = keyof typeof VARIABLES_OF;

/** The settings of one function, named like their variables. */
export type Config<F extends FunctionName> = {
  readonly [V in (typeof VARIABLES_OF)[F][number]]: z.infer<(typeof VARIABLES)[V]['schema']>;
};

/**
 * Reads and checks a function's environment variables. To be called once, when the function starts: a wrong setting
 * then fails the deployment's first invocation and not the thousandth object.
 *
 * @throws Error that names every variable that is missing or wrong and what it takes.
 */
export function readConfig<F extends FunctionName>(
  functionName: F,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Config<F> {
  const names: readonly Variable[] = VARIABLES_OF[functionName];
  const problems: string[] = [];
  const config: Record<string, unknown> = {};
  for (const name of names) {
    const { takes, schema } = VARIABLES[name];
    const text = environment[name];
    const result = z.safeParse(schema as z.ZodMiniType, text);
    if (result.success) config[name] = result.data;
    else if (text === undefined) problems.push(`${name} is missing. It takes ${takes}.`);
    else problems.push(`${name} is wrong. It takes ${takes}.${details(result.error)}`);
  }
  if (problems.length > 0) {
    throw new Error(`The function ${functionName} can't start: ${problems.join(' ')}`);
  }
  return config as Config<F>;
}

function readRanges(text: string): readonly string[] {
  const found = text.split(',').filter((range) => range !== '');
  const wrong = found.find((range) => !ipaddr.isValidCIDR(range));
  if (wrong !== undefined) throw new Error(`"${wrong}" is no network such as 10.0.0.0/8 or fd00::/8.`);
  return found;
}

function details(error: z.core.$ZodError): string {
  return error.issues
    .filter(({ code }) => code === 'custom')
    .map(({ message }) => ` ${message}`)
    .join('');
}
