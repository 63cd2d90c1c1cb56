import { bucketArn } from './names.ts';
import { type Statement, sub } from './template.ts';

/** What every bucket of the stack has in common. */

/** Nobody but the account, and objects belong to the bucket whoever wrote them. */
export const PRIVATE_BUCKET = {
  PublicAccessBlockConfiguration: {
    BlockPublicAcls: true,
    BlockPublicPolicy: true,
    IgnorePublicAcls: true,
    RestrictPublicBuckets: true,
  },
  OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
} as const;

/**
 * What a bucket holds outlives the stack. Only a bucket that came with a deployment that failed goes again: it is empty,
 * and its name would be taken at the next try.
 */
export const KEPT = { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' } as const;

/**
 * Default encryption: with S3's own keys, or with a customer managed key.
 *
 * @param kmsKeyArn the full ARN, an id or alias makes log deliveries fail.
 * @param withBucketKey spares calls of KMS; AWS advises against it where log delivery writes.
 */
export function defaultEncryption(
  kmsKeyArn: string | undefined,
  { withBucketKey }: { withBucketKey: boolean },
) {
  const rule =
    kmsKeyArn === undefined
      ? { ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }
      : {
          ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: kmsKeyArn },
          BucketKeyEnabled: withBucketKey,
        };
  return { ServerSideEncryptionConfiguration: [rule] };
}

/** Refuses requests without TLS. */
export function tlsOnlyBucket(name: string): Statement {
  return {
    Sid: 'TlsOnly',
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:*',
    Resource: [sub(bucketArn(name)), sub(`${bucketArn(name)}/*`)],
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  };
}

/** Notifications of new objects in a folder to a queue of the stack. An empty folder is the whole bucket. */
export function objectCreatedNotification(folder: string, queueArn: unknown) {
  const filter = folder === '' ? {} : { Filter: { S3Key: { Rules: [{ Name: 'prefix', Value: folder }] } } };
  return { Event: 's3:ObjectCreated:*', Queue: queueArn, ...filter };
}
