// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the notation of CloudFormation and of flow log formats
import { describe, expect, test } from 'vitest';
import { announced, filledIn, listOf, policyOf, propertiesOf, stage } from '../packaged-stages.ts';

describe('the lake', () => {
  const { Resources } = stage('minimal');

  test('announces records, findings and receipts, and nothing else', () => {
    const rules = propertiesOf(stage('minimal'), 'LakeBucket').NotificationConfiguration.QueueConfigurations;
    expect(rules).toEqual([
      announced('flow_logs/', 'PartitionQueue'),
      announced('transit_gateway_flow_logs/', 'PartitionQueue'),
      announced('findings/', 'FindingQueue'),
      announced('receipts/', 'DeliveryQueue'),
    ]);
  });

  test('announces no object twice: S3 takes no rules whose folders overlap', () => {
    const rules = propertiesOf(stage('minimal'), 'LakeBucket').NotificationConfiguration.QueueConfigurations;
    const folders: string[] = rules.map(
      ({ Filter }: { Filter: { S3Key: { Rules: [{ Value: string }] } } }) => Filter.S3Key.Rules[0].Value,
    );
    for (const folder of folders) {
      expect(folders.filter((other) => other.startsWith(folder))).toEqual([folder]);
    }
  });

  test('refuses final objects that could replace others, but not what Athena writes', () => {
    const deny = policyOf(stage('minimal'), 'LakeBucketPolicy').find(({ Sid }) => Sid === 'CreateOnly');
    expect(deny).toMatchObject({
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:PutObject',
      Condition: { Null: { 's3:if-none-match': 'true' }, Bool: { 's3:ObjectCreationOperation': 'true' } },
    });
    const bucket = 'arn:aws:s3:::flowlogs-minimal-lake-111111111111-eu-west-1';
    expect(listOf(deny?.Resource).map(filledIn)).toEqual(
      [
        ...['flow_logs/*.json.zst', 'flow_logs/*.json.gz'],
        ...['transit_gateway_flow_logs/*.json.zst', 'transit_gateway_flow_logs/*.json.gz'],
        ...['quarantine/*.json', 'findings/*.json', 'receipts/*.json', 'alerts/*.json', 'first-seen/*.json'],
      ].map((name) => `${bucket}/${name}`),
    );
  });

  test('forgets results of queries after a week, and the rest only if told', () => {
    const expiries = (name: string) =>
      propertiesOf(stage(name), 'LakeBucket').LifecycleConfiguration.Rules.filter(
        (rule: object) => 'ExpirationInDays' in rule,
      );
    const results = expect.objectContaining({ Prefix: 'athena-results/', ExpirationInDays: 7 });
    expect(expiries('minimal')).toEqual([results]);
    expect(expiries('everything')).toEqual([results, expect.objectContaining({ ExpirationInDays: 400 })]);
  });

  test('is encrypted with the key that is given, with fewer calls of KMS', () => {
    expect(propertiesOf(stage('everything'), 'LakeBucket').BucketEncryption).toEqual({
      ServerSideEncryptionConfiguration: [
        {
          ServerSideEncryptionByDefault: {
            SSEAlgorithm: 'aws:kms',
            KMSMasterKeyID: 'arn:aws:kms:eu-west-1:111111111111:key/6f5e4d3c-2b1a-0f9e-8d7c-6b5a4f3e2d1c',
          },
          BucketKeyEnabled: true,
        },
      ],
    });
  });

  test('is named so that stages, accounts and Regions never meet', () => {
    expect(Resources.LakeBucket?.Properties?.BucketName).toEqual({
      'Fn::Sub': 'flowlogs-minimal-lake-${AWS::AccountId}-${AWS::Region}',
    });
  });
});
