import { z } from 'zod';
import { parsePolicy } from '../shared/alerts/policy-config.ts';
import { PermanentError } from '../shared/errors.ts';
import { formatOfSetting } from '../shared/flow-log/header.ts';
import { parseCompression } from '../shared/lake/compression-history.ts';

/**
 * What a stage file (`stages/<stage>.yml`) may say, with the defaults of what it doesn't. `stages/example.yml` explains
 * every parameter to the person who fills it in.
 */

const ACCOUNT_ID = 'takes 12 digits, in quotes';
const accountId = z.string(ACCOUNT_ID).regex(/^\d{12}$/, ACCOUNT_ID);
const REGION = 'takes a Region such as eu-west-1';
const region = z.string(REGION).regex(/^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/, REGION);
const bucketName = z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'takes the name of a bucket');
const kmsKeyArn = z
  .string()
  .regex(
    /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[0-9a-zA-Z-]+$/,
    'takes the full ARN of a customer managed key (arn:…:key/…); ids and aliases make deliveries fail',
  );
const topicArn = z
  .string()
  .regex(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]+$/, 'takes the ARN of an SNS topic');
const days = z.number().int().min(1).max(36_500);
const email = z.email('takes an e-mail address');
/** The periods that CloudWatch Logs knows. Source: PutRetentionPolicy (CloudWatch Logs API). */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;
const retentionDays = z.literal(RETENTION_DAYS, `takes one of ${RETENTION_DAYS.join(', ')}`).default(30);

/** The bucket that AWS delivers flow logs to. */
const rawBucket = z.strictObject({
  /** Name of a bucket that exists; without it the stack creates one. */
  bucket: bucketName.optional(),
  /** Where the bucket is, if not in the stack's account and Region. */
  accountId: accountId.optional(),
  region: region.optional(),
  /** Folder in front of `AWSLogs/`, with its slash. */
  prefix: z
    .string()
    .regex(
      /^(?!(?:.*\/)?AWSLogs\/)([\w.-]+\/)*$/,
      'takes a folder of letters, digits, dots, hyphens and underscores that ends in a slash and is not AWSLogs/',
    )
    .default(''),
  /**
   * How an existing bucket announces new objects: `eventbridge`, `s3` (its owner adds a notification to the queue) or
   * `sns` (it notifies a topic already). A bucket that the stack creates notifies the queue itself.
   */
  events: z.enum(['eventbridge', 's3', 'sns']).default('eventbridge'),
  /** The topic, with `events: sns`. */
  topicArn: topicArn.optional(),
  kmsKeyArn: kmsKeyArn.optional(),
  /** Days after which raw objects move to Glacier Instant Retrieval, and after which they are deleted. */
  archiveAfterDays: days.optional(),
  expireAfterDays: days.optional(),
  /** A raw object that inflates to more bytes is not read. */
  maxInflatedBytes: z.number().int().positive().optional(),
  /** Days for which nobody can delete or overwrite a raw object (S3 Object Lock, compliance mode). */
  objectLockDays: days.optional(),
});

const flowLogs = z.strictObject({
  /** Ids of what is to be logged: vpc-…, subnet-…, eni-…, nat-… (regional), tgw-…, tgw-attach-…. */
  targets: z.array(z.string()).default([]),
  trafficType: z.enum(['ALL', 'ACCEPT', 'REJECT']).default('ALL'),
  /** Seconds over which packets are summed up. Transit gateways always have 60. */
  interval: z.union([z.literal(60), z.literal(600)], 'takes 60 or 600').default(60),
  /** `standard`, `default`, `full`, or AWS's own notation: '${version} ${srcaddr} …'. */
  format: z.string().min(1).default('standard'),
  /** Adds the ECS fields to `full`. */
  ecsFields: z.boolean().default(false),
  /** Tag keys whose values become columns of `full`; at most two of each kind. */
  tagKeys: z
    .strictObject({
      'network-interface': z.array(z.string().min(1)).max(2).default([]),
      instance: z.array(z.string().min(1)).max(2).default([]),
      'auto-scaling-group': z.array(z.string().min(1)).max(2).default([]),
    })
    .prefault({}),
  /** Additionally to S3, deliver to a log group in CloudWatch Logs that the stack creates. */
  cloudWatchLogs: z.strictObject({ logGroup: z.string().min(1), retentionDays }).optional(),
});

const lake = z.strictObject({
  kmsKeyArn: kmsKeyArn.optional(),
  /** Longer than reconciliation looks back: it would ingest again what has lost its receipt. */
  expireAfterDays: days.min(7, 'takes at least 7 days').optional(),
  compression: z
    .string()
    .superRefine((text, context) => {
      try {
        parseCompression(text);
      } catch (error) {
        context.addIssue({ code: 'custom', message: `takes zstd or gzip. ${(error as Error).message}` });
      }
    })
    .default('zstd'),
});

/** Bytes of a policy as Lambda measures them: of 4 KB that all variables of a function may have together. */
const MAX_POLICY_BYTES = 3_000;

const alerts = z.strictObject({
  /** People who watch traffic. */
  emails: z.array(email).default([]),
  /** Adds a topic in the form that Amazon Q Developer shows in Slack and Teams. */
  chat: z.boolean().default(false),
  /** What is worth a message, and when. `shared/alerts/policy-config.ts` says what it takes. */
  policy: z
    .unknown()
    .superRefine((policy, context) => {
      try {
        parsePolicy(policy);
      } catch (error) {
        context.addIssue({ code: 'custom', message: (error as Error).message });
      }
      const bytes = bytesInEnvironment(JSON.stringify(policy));
      if (bytes > MAX_POLICY_BYTES) {
        context.addIssue({
          code: 'custom',
          message:
            `takes at most ${MAX_POLICY_BYTES.toLocaleString('en-US')} bytes as JSON, quotes counted twice, and has ` +
            `${bytes.toLocaleString('en-US')}: the variables of a function hold no more. Write networks that are next to ` +
            'each other as one, or shorten what is said after because',
        });
      }
    })
    .default({}),
});

const operations = z.strictObject({
  /** People who run the pipeline. */
  emails: z.array(email).default([]),
  /** Alarm if no object was ingested for so long; without it there is no such alarm. */
  silenceAlarmMinutes: z.number().int().min(15).max(1_440).optional(),
  logRetentionDays: retentionDays,
});

const parameters = z.strictObject({
  region,
  raw: rawBucket.prefault({}),
  /** Who may deliver to a raw bucket that the stack creates, besides the stack's own account. */
  delivery: z
    .strictObject({
      organizationId: z
        .string()
        .regex(/^o-[a-z0-9]{10,32}$/, 'takes an organization id such as o-a1b2c3d4e5')
        .optional(),
      accountIds: z
        .array(accountId)
        .max(100, 'takes at most 100 accounts, a bucket policy holds no more; use organizationId')
        .default([]),
    })
    .prefault({}),
  flowLogs: flowLogs.prefault({}),
  /** Columns of raw objects without a header line (CloudWatch Logs exports, Firehose): names in their order. */
  headerlessFormat: z
    .string()
    .superRefine((text, context) => {
      try {
        formatOfSetting(text);
      } catch (error) {
        if (!(error instanceof PermanentError)) throw error;
        context.addIssue({ code: 'custom', message: error.message });
      }
    })
    .optional(),
  lake: lake.prefault({}),
  alerts: alerts.prefault({}),
  operations: operations.prefault({}),
  athena: z
    .strictObject({
      /** A query that would scan more is cancelled. */
      scanLimitGb: z.number().min(0.01, 'takes at least 0.01, 10 MB').default(100),
    })
    .prefault({}),
});

/** The schema of a stage file. */
export const stageParameters = parameters.superRefine((content, context) => {
  for (const [path, message] of contradictions(content)) {
    context.addIssue({ code: 'custom', path: path.split('.'), message });
  }
});

/** What a stage file says, with defaults filled in. */
export type StageParameters = z.infer<typeof parameters>;

/** What everything in the stack is made from. */
export interface StackParameters extends StageParameters {
  readonly stage: string;
}

/** Whether AWS delivers to a bucket that the stack creates, to one beside the stack, or to one elsewhere. */
export type RawBucketPlace = 'created' | 'same-account-and-region' | 'other-account-or-region';

export function rawBucketPlace({ raw, region }: Pick<StageParameters, 'raw' | 'region'>): RawBucketPlace {
  if (raw.bucket === undefined) return 'created';
  const isElsewhere = raw.accountId !== undefined || (raw.region ?? region) !== region;
  return isElsewhere ? 'other-account-or-region' : 'same-account-and-region';
}

/**
 * What a variable takes of the room that there is for all of a function's. Lambda measures them as JSON, in which the
 * quotes of a text that is JSON itself are two characters.
 */
const bytesInEnvironment = (text: string) => Buffer.byteLength(JSON.stringify(text));

/** What is right by itself but not together: path and message of each. */
function* contradictions({ region, raw, lake }: StageParameters): Generator<[path: string, message: string]> {
  if (raw.bucket === undefined) {
    for (const name of ['accountId', 'region', 'topicArn'] as const) {
      if (raw[name] !== undefined)
        yield [`raw.${name}`, 'is for a bucket that exists: name it in raw.bucket'];
    }
    if (raw.events !== 'eventbridge') {
      yield ['raw.events', 'is for a bucket that exists: name it in raw.bucket'];
    }
  } else {
    for (const name of ['archiveAfterDays', 'expireAfterDays', 'objectLockDays'] as const) {
      if (raw[name] !== undefined) {
        yield [`raw.${name}`, 'is for a bucket that the stack creates: it changes nothing in raw.bucket'];
      }
    }
    if (raw.events === 's3' && (raw.region ?? region) !== region) {
      yield ['raw.events', 's3 reaches only queues in the Region of the bucket: take eventbridge or sns'];
    }
    if (raw.events === 'sns' && raw.topicArn === undefined) {
      yield ['raw.topicArn', 'is missing: events: sns needs the topic that the bucket notifies'];
    }
    if (raw.events !== 'sns' && raw.topicArn !== undefined) {
      yield ['raw.topicArn', 'goes with events: sns only'];
    }
  }
  // S3 encrypts with keys of the bucket's Region only.
  if (raw.kmsKeyArn !== undefined && regionOfArn(raw.kmsKeyArn) !== (raw.region ?? region)) {
    yield ['raw.kmsKeyArn', 'takes a key in the Region of the bucket'];
  }
  if (lake.kmsKeyArn !== undefined && regionOfArn(lake.kmsKeyArn) !== region) {
    yield ['lake.kmsKeyArn', 'takes a key in the Region of the stack'];
  }
  const { archiveAfterDays = 0, expireAfterDays = Number.POSITIVE_INFINITY, objectLockDays = 0 } = raw;
  if (archiveAfterDays >= expireAfterDays) {
    yield ['raw.archiveAfterDays', 'takes fewer days than raw.expireAfterDays'];
  }
  if (objectLockDays > expireAfterDays) {
    yield ['raw.expireAfterDays', 'takes at least as many days as raw.objectLockDays'];
  }
}

export const regionOfArn = (arn: string) => arn.split(':')[3]!;

/**
 * Checks the name of a stage. It is part of the names of buckets (63 characters), databases and queues.
 *
 * @throws Error that says what a stage is called.
 */
export function checkStage(stage: string): string {
  if (stage !== 'example' && /^[a-z][a-z0-9-]{0,19}$/.test(stage)) return stage;
  throw new Error(
    `A stage can't be called "${stage}": take up to 20 lower-case letters, digits and hyphens, not "example".`,
  );
}

/**
 * Checks the content of a stage file.
 *
 * @param file its name, for messages.
 * @throws Error that names every wrong parameter and what it takes.
 */
export function parseStageParameters(content: unknown, file: string): StageParameters {
  const result = stageParameters.safeParse(content ?? {});
  if (!result.success) {
    const problems = result.error.issues.map(
      (issue) => `  ${issue.path.join('.') || '(file)'}: ${issue.message}`,
    );
    throw new Error(`${file} has parameters that can't be used:\n${problems.join('\n')}`);
  }
  return result.data;
}
