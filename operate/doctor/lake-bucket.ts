import {
  GetBucketNotificationConfigurationCommand,
  GetBucketPolicyCommand,
  GetPublicAccessBlockCommand,
} from '@aws-sdk/client-s3';
import type { QueueName } from '../../infrastructure/names.ts';
import { RECORD_TABLES } from '../../shared/lake/layout.ts';
import { queueArn } from './arns.ts';
import { DEPLOY_AGAIN, type Examination, type Finding, fail, ok, type Patient, warn } from './check.ts';
import { bucketKey } from './keys.ts';
import { statementsOf } from './policy.ts';

/** The lake bucket: does it tell what follows ingest, and is it closed? */
export const LAKE_BUCKET: readonly Examination[] = [
  { name: 'lake objects are announced', look: announcements },
  { name: 'lake bucket is closed', look: protection },
  { name: "lake bucket's key", look: ({ stack, aws }) => bucketKey(aws, stack.lakeBucket) },
];

/** What is announced to which queue, see infrastructure/lake-bucket.ts. */
const ANNOUNCED: readonly { readonly folder: string; readonly queue: QueueName; readonly without: string }[] =
  [
    ...Object.values(RECORD_TABLES).map((table) => ({
      folder: `${table}/`,
      queue: 'partition' as const,
      without: 'new partitions are not registered, so that queries do not see their records',
    })),
    { folder: 'findings/', queue: 'finding', without: 'nobody is told of anything' },
    {
      folder: 'receipts/',
      queue: 'delivery',
      without: 'accounts are told to have fallen silent that have not',
    },
  ];

async function announcements({ stack, aws }: Patient): Promise<readonly Finding[]> {
  const { QueueConfigurations = [] } = await aws.s3.send(
    new GetBucketNotificationConfigurationCommand({ Bucket: stack.lakeBucket }),
  );
  const findings = await Promise.all(
    ANNOUNCED.map(async ({ folder, queue, without }) => {
      const arn = await queueArn(aws.sqs, stack.queues[queue].queue);
      const isTold = QueueConfigurations.some(
        ({ QueueArn, Filter }) =>
          QueueArn === arn && (Filter?.Key?.FilterRules ?? []).some(({ Value }) => Value === folder),
      );
      return isTold
        ? undefined
        : fail(
            `${stack.lakeBucket} does not announce ${folder} to the ${queue} queue: ${without}.`,
            DEPLOY_AGAIN,
          );
    }),
  );
  const failures = findings.filter((finding) => finding !== undefined);
  return failures.length > 0
    ? failures
    : [ok(`${stack.lakeBucket} announces records, findings and receipts to their queues.`)];
}

async function protection({ stack, aws }: Patient): Promise<readonly Finding[]> {
  const Bucket = stack.lakeBucket;
  const [{ PublicAccessBlockConfiguration = {} }, { Policy }] = await Promise.all([
    aws.s3.send(new GetPublicAccessBlockCommand({ Bucket })),
    aws.s3.send(new GetBucketPolicyCommand({ Bucket })),
  ]);
  const { BlockPublicAcls, BlockPublicPolicy, IgnorePublicAcls, RestrictPublicBuckets } =
    PublicAccessBlockConfiguration;
  if (!(BlockPublicAcls && BlockPublicPolicy && IgnorePublicAcls && RestrictPublicBuckets)) {
    return [fail(`${Bucket} does not block public access.`, DEPLOY_AGAIN)];
  }
  const isCreateOnly = statementsOf(Policy).some(
    ({ Effect, Condition }) =>
      Effect === 'Deny' && JSON.stringify(Condition ?? '').includes('s3:if-none-match'),
  );
  return [
    isCreateOnly
      ? ok(`${Bucket} is closed to the public, and what is in it can't be overwritten.`)
      : warn(`The policy of ${Bucket} does not keep objects from being overwritten.`, DEPLOY_AGAIN),
  ];
}
