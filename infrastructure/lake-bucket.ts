import { TABLES } from '../athena/tables.ts';
import { RECORD_TABLES } from '../shared/lake/layout.ts';
import { FIRST_SEEN } from '../shared/lake/object-time.ts';
import {
  defaultEncryption,
  KEPT,
  objectCreatedNotification,
  PRIVATE_BUCKET,
  tlsOnlyBucket,
} from './buckets.ts';
import { ATHENA_RESULTS, bucketArn, lakeBucketName, queueIds } from './names.ts';
import type { StackParameters } from './parameters.ts';
import { getAtt, policy, type Resource, type Resources, ref, type Statement, sub } from './template.ts';

/** The bucket that records, quarantine, findings, receipts, alerts and Athena's results are in. */
export function lakeBucketResources(parameters: StackParameters): Resources {
  const name = lakeBucketName(parameters);
  return {
    LakeBucket: lakeBucket(parameters),
    LakeBucketPolicy: {
      Type: 'AWS::S3::BucketPolicy',
      Properties: {
        Bucket: ref('LakeBucket'),
        PolicyDocument: policy([tlsOnlyBucket(name), createOnly(name)]),
      },
    },
  };
}

function lakeBucket(parameters: StackParameters): Resource {
  const { kmsKeyArn, expireAfterDays } = parameters.lake;
  const partitions = queueIds('partition');
  const findings = queueIds('finding');
  const deliveries = queueIds('delivery');
  return {
    Type: 'AWS::S3::Bucket',
    ...KEPT,
    // S3 tries the queues out when the bucket gets its notifications.
    DependsOn: [partitions.policy, findings.policy, deliveries.policy],
    Properties: {
      ...PRIVATE_BUCKET,
      BucketName: sub(lakeBucketName(parameters)),
      BucketEncryption: defaultEncryption(kmsKeyArn, { withBucketKey: true }),
      NotificationConfiguration: {
        QueueConfigurations: [
          ...Object.values(RECORD_TABLES).map((table) =>
            objectCreatedNotification(`${table}/`, getAtt(partitions.queue, 'Arn')),
          ),
          objectCreatedNotification('findings/', getAtt(findings.queue, 'Arn')),
          objectCreatedNotification('receipts/', getAtt(deliveries.queue, 'Arn')),
        ],
      },
      LifecycleConfiguration: {
        Rules: [
          {
            Id: 'unfinished-uploads',
            Status: 'Enabled',
            AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
          },
          { Id: 'query-results', Status: 'Enabled', Prefix: ATHENA_RESULTS, ExpirationInDays: 7 },
          ...(expireAfterDays === undefined
            ? []
            : [{ Id: 'expiry', Status: 'Enabled', ExpirationInDays: expireAfterDays }]),
        ],
      },
    },
  };
}

/**
 * Refuses to write a final object unless the writer says that it must not exist. Only final names: Athena writes
 * results and placeholders without a condition. Parts of a multipart upload have none either, its completion has.
 *
 * Source: "Enforce conditional writes on Amazon S3 buckets" (Amazon S3 User Guide).
 */
function createOnly(name: string): Statement {
  return {
    Sid: 'CreateOnly',
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:PutObject',
    Resource: [...TABLES, { prefix: FIRST_SEEN, suffixes: ['.json'] }].flatMap(({ prefix, suffixes }) =>
      suffixes.map((suffix) => sub(`${bucketArn(name)}/${prefix}*${suffix}`)),
    ),
    Condition: { Null: { 's3:if-none-match': 'true' }, Bool: { 's3:ObjectCreationOperation': 'true' } },
  };
}
