import { describe, expect, test } from 'vitest';
import type { Statement } from '../../../infrastructure/template.ts';
import {
  announced,
  filledIn,
  isAllow,
  pasted,
  policyOf,
  propertiesOf,
  sources,
  stage,
} from '../packaged-stages.ts';

describe('a raw bucket that the stack creates', () => {
  test('announces every object below the prefix', () => {
    const rules = (name: string) =>
      propertiesOf(stage(name), 'RawBucket').NotificationConfiguration.QueueConfigurations;
    expect(rules('minimal')).toEqual([
      { Event: 's3:ObjectCreated:*', Queue: { 'Fn::GetAtt': ['IngestQueue', 'Arn'] } },
    ]);
    expect(rules('everything')).toEqual([announced('network/', 'IngestQueue')]);
  });

  test("takes deliveries for the stack's account only, if nobody else is named", () => {
    const deliveries = policyOf(stage('minimal'), 'RawBucketPolicy').filter(isAllow);
    expect(
      deliveries.map(({ Sid, Principal, Action, Resource }) => [Sid, Principal, Action, filledIn(Resource)]),
    ).toEqual([
      [
        'AWSLogDeliveryWrite',
        { Service: 'delivery.logs.amazonaws.com' },
        's3:PutObject',
        'arn:aws:s3:::flowlogs-minimal-raw-111111111111-eu-west-1/AWSLogs/*',
      ],
      [
        'AWSLogDeliveryAclCheck',
        { Service: 'delivery.logs.amazonaws.com' },
        ['s3:GetBucketAcl', 's3:ListBucket'],
        'arn:aws:s3:::flowlogs-minimal-raw-111111111111-eu-west-1',
      ],
    ]);
    expect(sources(deliveries[0]!)).toEqual({
      accounts: ['111111111111'],
      arns: ['arn:aws:logs:*:111111111111:*'],
      organization: undefined,
      acl: 'bucket-owner-full-control',
    });
    expect(sources(deliveries[1]!)).toMatchObject({ accounts: ['111111111111'], acl: undefined });
  });

  test('takes deliveries for named accounts and for an organization', () => {
    const deliveries = policyOf(stage('organization'), 'RawBucketPolicy').filter(isAllow);
    const accounts = ['111111111111', '333333333333', '444444444444'];
    expect(deliveries.map((statement) => [statement.Sid, sources(statement)])).toEqual([
      [
        'AWSLogDeliveryWrite',
        {
          accounts,
          arns: accounts.map((account) => `arn:aws:logs:*:${account}:*`),
          organization: undefined,
          acl: 'bucket-owner-full-control',
        },
      ],
      ['AWSLogDeliveryAclCheck', expect.objectContaining({ accounts })],
      [
        'AWSLogDeliveryWriteOrganization',
        { accounts: [], arns: [], organization: 'o-a1b2c3d4e5', acl: 'bucket-owner-full-control' },
      ],
      ['AWSLogDeliveryAclCheckOrganization', expect.objectContaining({ organization: 'o-a1b2c3d4e5' })],
    ]);
  });

  test('is encrypted with the key that is given, without bucket key, which AWS advises against for deliveries', () => {
    const [rule] = propertiesOf(stage('everything'), 'RawBucket').BucketEncryption
      .ServerSideEncryptionConfiguration;
    expect(rule).toMatchObject({
      ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' },
      BucketKeyEnabled: false,
    });
  });

  test('locks, archives and expires objects if told, and neither versions nor locks otherwise', () => {
    const locked = propertiesOf(stage('organization'), 'RawBucket');
    expect(locked).toMatchObject({
      ObjectLockEnabled: true,
      ObjectLockConfiguration: {
        ObjectLockEnabled: 'Enabled',
        Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 365 } },
      },
      VersioningConfiguration: { Status: 'Enabled' },
    });
    const rule = (id: string) =>
      locked.LifecycleConfiguration.Rules.find(({ Id }: { Id: string }) => Id === id);
    expect(rule('archive').Transitions).toEqual([{ StorageClass: 'GLACIER_IR', TransitionInDays: 30 }]);
    expect(rule('expiry').ExpirationInDays).toBe(400);
    expect(rule('clean-up').NoncurrentVersionExpiration).toEqual({ NoncurrentDays: 30 });

    const plain = propertiesOf(stage('minimal'), 'RawBucket');
    expect(plain).not.toHaveProperty('ObjectLockEnabled');
    expect(plain).not.toHaveProperty('VersioningConfiguration');
    expect(plain.LifecycleConfiguration.Rules).toHaveLength(1);
  });

  test('tells the owner of its key what to add to the policy', () => {
    const [delivery, organization, read] = pasted('everything', 'RawKeyPolicyStatements') as Statement[];
    expect(delivery).toMatchObject({
      Principal: { Service: 'delivery.logs.amazonaws.com' },
      Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
    });
    expect(sources(organization!).organization).toBe('o-a1b2c3d4e5');
    expect(read).toMatchObject({ Action: ['kms:Decrypt'] });
  });
});
