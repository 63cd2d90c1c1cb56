import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3';
import { SetTopicAttributesCommand } from '@aws-sdk/client-sns';
import { SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { inject } from 'vitest';
import { type Pipeline, packagedTemplate } from './pipeline.ts';
import { readTemplate } from './template.ts';

/**
 * Gives a pipeline's queues, buckets and topics what the template says of policies, keys and public access. moto enforces
 * none of it: it is there to be looked at.
 *
 * @returns the id of the key of the topics.
 */
export async function protect({ s3, sqs, sns, names }: Pipeline): Promise<string> {
  const endpoint = inject('motoUrl');
  const place = { accountId: '123456789012', region: 'eu-west-1', endpoint };
  const resources = readTemplate(packagedTemplate(), place);
  const kms = new KMSClient({
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  kms.destroy();

  for (const [, { Queues, PolicyDocument }] of resources('AWS::SQS::QueuePolicy')) {
    const Attributes = { Policy: JSON.stringify(PolicyDocument) };
    for (const QueueUrl of Queues) await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
  }
  for (const [, { Bucket, PolicyDocument }] of resources('AWS::S3::BucketPolicy')) {
    if (Bucket !== names.RawBucket && Bucket !== names.LakeBucket) continue;
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify(PolicyDocument) }));
  }
  for (const [, { BucketName: Bucket, BucketEncryption, PublicAccessBlockConfiguration }] of resources(
    'AWS::S3::Bucket',
  )) {
    if (Bucket === undefined) continue;
    const Rules = BucketEncryption.ServerSideEncryptionConfiguration.map(
      (rule: { ServerSideEncryptionByDefault: object }) => ({
        ApplyServerSideEncryptionByDefault: rule.ServerSideEncryptionByDefault,
      }),
    );
    await s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules } }));
    await s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration }));
  }
  for (const [, { Topics, PolicyDocument }] of resources('AWS::SNS::TopicPolicy')) {
    for (const TopicArn of Topics) {
      const set = (AttributeName: string, AttributeValue: string) =>
        sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName, AttributeValue }));
      await set('Policy', JSON.stringify(PolicyDocument));
      await set('KmsMasterKeyId', KeyMetadata!.KeyId!);
    }
  }
  return KeyMetadata!.KeyId!;
}
