import { DescribeKeyCommand, GetKeyPolicyCommand } from '@aws-sdk/client-kms';
import { GetBucketEncryptionCommand } from '@aws-sdk/client-s3';
import { type Clients, type Finding, fail, ok } from './check.ts';
import { admits, statementsOf } from './policy.ts';

/**
 * The key that a bucket encrypts with.
 *
 * @param service that has to be let use it by the policy of the key itself.
 */
export async function bucketKey(aws: Clients, bucket: string, service?: string): Promise<readonly Finding[]> {
  const { ServerSideEncryptionConfiguration } = await aws.s3.send(
    new GetBucketEncryptionCommand({ Bucket: bucket }),
  );
  const keyId = ServerSideEncryptionConfiguration?.Rules?.map(
    ({ ApplyServerSideEncryptionByDefault }) => ApplyServerSideEncryptionByDefault?.KMSMasterKeyID,
  ).find((id) => id !== undefined);
  if (keyId === undefined) return [ok(`${bucket} is encrypted with keys of S3's own.`)];
  const state = await keyState(aws, keyId, bucket);
  if (state.status !== 'ok' || service === undefined) return [state];
  const { Policy } = await aws.kmsIn(regionOf(keyId)).send(new GetKeyPolicyCommand({ KeyId: keyId }));
  return [
    admits(statementsOf(Policy), service, 'kms:GenerateDataKey')
      ? state
      : fail(
          `The policy of the key ${keyId} does not let ${service} use it: AWS delivers nothing.`,
          'The output RawKeyPolicyStatements of the stack says what the owner of the key has to apply.',
        ),
  ];
}

/** Whether a key can be used. Source: "Key states of AWS KMS keys" (AWS KMS Developer Guide). */
export async function keyState(aws: Clients, keyId: string, of: string): Promise<Finding> {
  const { KeyMetadata } = await aws.kmsIn(regionOf(keyId)).send(new DescribeKeyCommand({ KeyId: keyId }));
  const state = KeyMetadata?.KeyState;
  if (state === 'Enabled') return ok(`The key of ${of} can be used.`);
  const what = `The key of ${of} (${keyId}) is ${state}: nothing can be read or written with it.`;
  if (state === 'PendingDeletion') {
    return fail(
      what,
      `Now: aws kms cancel-key-deletion --key-id ${keyId}, then enable-key. What it encrypts is lost with it.`,
    );
  }
  return fail(what, `aws kms enable-key --key-id ${keyId}`);
}

/** A key's Region, if its whole ARN is known. The raw bucket may be in another one than the stack. */
function regionOf(keyId: string): string | undefined {
  return /^arn:[^:]+:kms:([^:]+):/.exec(keyId)?.[1];
}
