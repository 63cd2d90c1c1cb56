import {
  defaultEncryption,
  KEPT,
  objectCreatedNotification,
  PRIVATE_BUCKET,
  tlsOnlyBucket,
} from './buckets.ts';
import { bucketArn, queueIds, rawBucketName } from './names.ts';
import { rawBucketPlace, type StackParameters } from './parameters.ts';
import {
  ACCOUNT_ID,
  getAtt,
  policy,
  type Resource,
  type Resources,
  ref,
  type Statement,
  sub,
} from './template.ts';

/** The bucket that AWS delivers flow logs to, unless one exists. */
export function rawBucketResources(parameters: StackParameters): Resources {
  if (rawBucketPlace(parameters) !== 'created') return {};
  return {
    RawBucket: rawBucket(parameters),
    RawBucketPolicy: {
      Type: 'AWS::S3::BucketPolicy',
      Properties: {
        Bucket: ref('RawBucket'),
        PolicyDocument: policy([tlsOnlyBucket(rawBucketName(parameters)), ...deliveryStatements(parameters)]),
      },
    },
  };
}

function rawBucket(parameters: StackParameters): Resource {
  const { prefix, kmsKeyArn } = parameters.raw;
  const { queue, policy: queuePolicy } = queueIds('ingest');
  return {
    Type: 'AWS::S3::Bucket',
    ...KEPT,
    // S3 tries the queue out when the bucket gets its notification.
    DependsOn: queuePolicy,
    Properties: {
      ...PRIVATE_BUCKET,
      BucketName: sub(rawBucketName(parameters)),
      BucketEncryption: defaultEncryption(kmsKeyArn, { withBucketKey: false }),
      // The whole prefix, not only AWSLogs/: what is copied here by hand is meant to be ingested.
      NotificationConfiguration: {
        QueueConfigurations: [objectCreatedNotification(prefix, getAtt(queue, 'Arn'))],
      },
      ...objectLock(parameters.raw),
      LifecycleConfiguration: { Rules: lifecycle(parameters.raw) },
    },
  };
}

function objectLock({ objectLockDays }: StackParameters['raw']) {
  if (objectLockDays === undefined) return {};
  return {
    ObjectLockEnabled: true,
    ObjectLockConfiguration: {
      ObjectLockEnabled: 'Enabled',
      Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: objectLockDays } },
    },
    // Object Lock protects versions.
    VersioningConfiguration: { Status: 'Enabled' },
  };
}

/**
 * Glacier Instant Retrieval keeps objects readable at once, for a replay or AWS's own tools; S3 moves only those of
 * 128 KB or more. In a locked bucket expiry hides an object, and its version goes when the lock lets it.
 */
function lifecycle({ archiveAfterDays, expireAfterDays, objectLockDays }: StackParameters['raw']) {
  const isVersioned = objectLockDays !== undefined;
  return [
    {
      Id: 'clean-up',
      Status: 'Enabled',
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
      ...(isVersioned
        ? { ExpiredObjectDeleteMarker: true, NoncurrentVersionExpiration: { NoncurrentDays: 30 } }
        : {}),
    },
    ...(archiveAfterDays === undefined
      ? []
      : [
          {
            Id: 'archive',
            Status: 'Enabled',
            Transitions: [{ StorageClass: 'GLACIER_IR', TransitionInDays: archiveAfterDays }],
          },
        ]),
    ...(expireAfterDays === undefined
      ? []
      : [{ Id: 'expiry', Status: 'Enabled', ExpirationInDays: expireAfterDays }]),
  ];
}

/**
 * What lets AWS's log delivery write to the raw bucket: for flow logs of the stack's account and of the accounts given,
 * and, if there is one, of all accounts of an organization. From any Region, in plain and in Hive-compatible folders.
 *
 * Sources: "Amazon S3 bucket permissions for flow logs" (Amazon VPC User Guide), "Logs sent to Amazon S3" (CloudWatch
 * Logs User Guide), `aws:SourceOrgID` in "AWS global condition context keys" (IAM User Guide).
 */
export function deliveryStatements(parameters: StackParameters): Statement[] {
  const arn = bucketArn(rawBucketName(parameters));
  const write = (sid: string, from: Condition): Statement => ({
    Sid: sid,
    Effect: 'Allow',
    Principal: DELIVERY,
    Action: 's3:PutObject',
    Resource: sub(`${arn}/${parameters.raw.prefix}AWSLogs/*`),
    Condition: {
      ...from,
      StringEquals: { ...from.StringEquals, 's3:x-amz-acl': 'bucket-owner-full-control' },
    },
  });
  const check = (sid: string, from: Condition): Statement => ({
    Sid: sid,
    Effect: 'Allow',
    Principal: DELIVERY,
    // Delivery works without ListBucket, but CloudTrail then fills with denied requests.
    Action: ['s3:GetBucketAcl', 's3:ListBucket'],
    Resource: sub(arn),
    Condition: from,
  });
  const accounts = fromAccounts(parameters);
  const organization = fromOrganization(parameters);
  return [
    write('AWSLogDeliveryWrite', accounts),
    check('AWSLogDeliveryAclCheck', accounts),
    ...(organization === undefined
      ? []
      : [
          write('AWSLogDeliveryWriteOrganization', organization),
          check('AWSLogDeliveryAclCheckOrganization', organization),
        ]),
  ];
}

/**
 * What the policy of the raw bucket's key says about log delivery.
 *
 * Source: "Required key policy for use with SSE-KMS" (Amazon VPC User Guide).
 */
export function deliveryKeyStatements(parameters: StackParameters): Statement[] {
  const use = (sid: string, from: Condition): Statement => ({
    Sid: sid,
    Effect: 'Allow',
    Principal: DELIVERY,
    Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
    // In the policy of a key, this key.
    Resource: '*',
    Condition: from,
  });
  const organization = fromOrganization(parameters);
  return [
    use('AWSLogDeliveryKey', fromAccounts(parameters)),
    ...(organization === undefined ? [] : [use('AWSLogDeliveryKeyOrganization', organization)]),
  ];
}

const DELIVERY = { Service: 'delivery.logs.amazonaws.com' } as const;

type Condition = NonNullable<Statement['Condition']>;

/** The stack's account and those that are named. */
function fromAccounts({ delivery }: StackParameters): Condition {
  const accounts = [ACCOUNT_ID, ...delivery.accountIds];
  return {
    StringEquals: { 'aws:SourceAccount': accounts.map(sub) },
    ArnLike: {
      'aws:SourceArn': accounts.map((account) => sub(`arn:\${AWS::Partition}:logs:*:${account}:*`)),
    },
  };
}

function fromOrganization({ delivery }: StackParameters): Condition | undefined {
  if (delivery.organizationId === undefined) return undefined;
  return { StringEquals: { 'aws:SourceOrgID': delivery.organizationId } };
}
