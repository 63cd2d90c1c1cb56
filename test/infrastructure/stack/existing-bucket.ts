// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the notation of CloudFormation and of flow log formats
import { describe, expect, test } from 'vitest';
import type { Statement } from '../../../infrastructure/template.ts';
import {
  filledIn,
  identityStatements,
  isAllow,
  pasted,
  policyOf,
  propertiesOf,
  resourcesOf,
  type StageTemplate,
  stage,
} from '../packaged-stages.ts';

describe('a bucket that exists beside the stack', () => {
  const template = stage('existing-bucket');

  test('stays as it is: the stack creates no bucket for raw objects', () => {
    expect(resourcesOf(template, 'AWS::S3::Bucket').map(({ id }) => id)).toEqual([
      'ServerlessDeploymentBucket',
      'LakeBucket',
    ]);
  });

  test('is heard through EventBridge, where only keys of flow logs count', () => {
    expect(propertiesOf(template, 'RawObjectsRule')).toMatchObject({
      EventPattern: {
        source: ['aws.s3'],
        'detail-type': ['Object Created'],
        account: [{ Ref: 'AWS::AccountId' }],
        detail: { bucket: { name: ['shared-logs'] }, object: { key: [{ wildcard: '*vpcflowlogs*' }] } },
      },
      Targets: [{ Arn: { 'Fn::GetAtt': ['IngestQueue', 'Arn'] } }],
    });
    expect(propertiesOf(template, 'RawObjectsRule')).not.toHaveProperty('EventBusName');
    expect(policyOf(template, 'IngestQueuePolicy').filter(isAllow)).toEqual([
      expect.objectContaining({
        Principal: { Service: 'events.amazonaws.com' },
        Condition: { ArnEquals: { 'aws:SourceArn': { 'Fn::GetAtt': ['RawObjectsRule', 'Arn'] } } },
      }),
    ]);
  });

  test('needs from its owner that deliveries are let in and EventBridge is on, no more', () => {
    const statements = pasted('existing-bucket', 'RawBucketPolicyStatements') as Statement[];
    expect(statements.map(({ Sid }) => Sid)).toEqual(['AWSLogDeliveryWrite', 'AWSLogDeliveryAclCheck']);
    expect(statements[0]?.Resource).toBe('arn:aws:s3:::shared-logs/AWSLogs/*');
    expect(pasted('existing-bucket', 'RawBucketNotification')).toEqual({ EventBridgeConfiguration: {} });
    expect(forOwners('existing-bucket')).toEqual(['RawBucketNotification', 'RawBucketPolicyStatements']);
  });

  test('a format of its own reaches the flow log as it was written', () => {
    const [flowLog] = resourcesOf(template, 'AWS::EC2::FlowLog');
    expect(flowLog?.properties.LogFormat).toMatch(/^\$\{version\} \$\{account-id\} .* \$\{action\}$/);
    expect(flowLog?.resource).not.toHaveProperty('DependsOn');
  });
});

describe('a bucket in the log archive account and in another Region', () => {
  const template = stage('log-archive');

  test('is heard through a bus of its own, which that account alone may send to', () => {
    expect(propertiesOf(template, 'RawEventBus').Name).toBe('flowlogs-log-archive');
    const { Statement: statement } = propertiesOf(template, 'RawEventBusPolicy');
    expect(statement).toMatchObject({
      Effect: 'Allow',
      Action: 'events:PutEvents',
      Resource: { 'Fn::GetAtt': ['RawEventBus', 'Arn'] },
    });
    expect(filledIn(statement.Principal.AWS)).toBe('arn:aws:iam::222222222222:root');
    expect(propertiesOf(template, 'RawObjectsRule')).toMatchObject({
      EventBusName: { Ref: 'RawEventBus' },
      EventPattern: {
        account: ['222222222222'],
        detail: {
          bucket: { name: ['log-archive'] },
          object: { key: [{ wildcard: 'network/*vpcflowlogs*' }] },
        },
      },
    });
  });

  test('needs from its owner deliveries, reading, EventBridge, and a rule that sends the events here', () => {
    expect(forOwners('log-archive')).toEqual([
      'LakeKeyPolicyStatements',
      'RawBucketEventsTemplate',
      'RawBucketNotification',
      'RawBucketPolicyStatements',
      'RawKeyPolicyStatements',
    ]);
  });

  test('lets the stack read: ingest the objects, whom the account allows the list', () => {
    const statements = pasted('log-archive', 'RawBucketPolicyStatements') as Statement[];
    expect(statements.slice(-2)).toEqual([
      {
        Sid: 'FlowlogsRead',
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::111111111111:root' },
        Action: ['s3:GetObject', 's3:GetObjectVersion'],
        Resource: 'arn:aws:s3:::log-archive/network/*',
        Condition: { ArnEquals: { 'aws:PrincipalArn': '<IngestRole.Arn>' } },
      },
      {
        Sid: 'FlowlogsList',
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::111111111111:root' },
        Action: 's3:ListBucket',
        Resource: 'arn:aws:s3:::log-archive',
      },
    ]);
    const key = (pasted('log-archive', 'RawKeyPolicyStatements') as Statement[]).at(-1);
    expect(key).toMatchObject({
      Action: ['kms:Decrypt'],
      Condition: {
        StringEquals: { 'kms:ViaService': 's3.eu-central-1.amazonaws.com' },
        ArnEquals: { 'aws:PrincipalArn': '<IngestRole.Arn>' },
      },
    });
  });

  test("gives its owner a template whose rule matches what the stack's does", () => {
    const owners = pasted('log-archive', 'RawBucketEventsTemplate') as StageTemplate;
    const rule = propertiesOf(owners, 'Rule');
    expect(rule.EventPattern).toEqual(propertiesOf(template, 'RawObjectsRule').EventPattern);
    const roleName = propertiesOf(owners, 'Role').RoleName;
    expect(rule.Targets).toEqual([
      {
        Id: 'flowlogs',
        Arn: '<RawEventBus.Arn>',
        RoleArn: `arn:aws:iam::222222222222:role/${roleName}`,
      },
    ]);
    expect(identityStatements(owners)).toEqual([
      ['Role', expect.objectContaining({ Action: 'events:PutEvents', Resource: '<RawEventBus.Arn>' })],
    ]);
  });
});

test('a bucket of the same account in another Region needs a rule there, but no permission to read', () => {
  expect(forOwners('other-region')).toEqual([
    'RawBucketEventsTemplate',
    'RawBucketNotification',
    'RawBucketPolicyStatements',
  ]);
  const statements = pasted('other-region', 'RawBucketPolicyStatements') as Statement[];
  expect(statements.map(({ Sid }) => Sid)).toEqual(['AWSLogDeliveryWrite', 'AWSLogDeliveryAclCheck']);
});

test('objects without a header line are announced whatever their name, and their columns reach ingest as written', () => {
  const template = stage('other-region');
  const { detail } = propertiesOf(template, 'RawObjectsRule').EventPattern;
  expect(detail.object.key).toEqual([{ wildcard: '*' }]);
  expect(propertiesOf(template, 'IngestLambdaFunction').Environment.Variables.FLOW_LOG_FORMAT).toBe(
    '${version} ${account-id} ${srcaddr} ${dstaddr}',
  );
});

test('a bucket of another account may notify the queue itself', () => {
  const [sender] = policyOf(stage('bucket-notification'), 'IngestQueuePolicy').filter(isAllow);
  expect(sender).toMatchObject({
    Principal: { Service: 's3.amazonaws.com' },
    Condition: { StringEquals: { 'aws:SourceAccount': '222222222222' } },
  });
  expect(filledIn(sender?.Condition?.ArnEquals?.['aws:SourceArn'])).toBe('arn:aws:s3:::central-flow-logs');
  expect(pasted('bucket-notification', 'RawBucketNotification')).toEqual({
    QueueConfigurations: [
      {
        Id: 'flowlogs-bucket-notification',
        QueueArn: '<IngestQueue.Arn>',
        Events: ['s3:ObjectCreated:*'],
        Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: 'network/' }] } },
      },
    ],
  });
});

test('a topic in another account and Region is subscribed, with raw messages, and may send to the queue', () => {
  const template = stage('topic-notification');
  const topicArn = 'arn:aws:sns:eu-central-1:222222222222:flow-log-objects';
  expect(propertiesOf(template, 'RawTopicSubscription')).toEqual({
    TopicArn: topicArn,
    Region: 'eu-central-1',
    Protocol: 'sqs',
    Endpoint: { 'Fn::GetAtt': ['IngestQueue', 'Arn'] },
    RawMessageDelivery: true,
  });
  expect(policyOf(template, 'IngestQueuePolicy').filter(isAllow)).toEqual([
    expect.objectContaining({
      Principal: { Service: 'sns.amazonaws.com' },
      Condition: { ArnEquals: { 'aws:SourceArn': topicArn } },
    }),
  ]);
  expect(pasted('topic-notification', 'RawTopicPolicyStatements')).toEqual([
    expect.objectContaining({
      Principal: { AWS: 'arn:aws:iam::111111111111:root' },
      Action: 'sns:Subscribe',
      Resource: topicArn,
      Condition: { StringEquals: { 'sns:Protocol': 'sqs', 'sns:Endpoint': '<IngestQueue.Arn>' } },
    }),
  ]);
});

/** The outputs for owners of buckets, keys and topics. */
function forOwners(name: string): string[] {
  return Object.entries(stage(name).Outputs)
    .filter(([, { Description }]) => Description?.startsWith('For the owner'))
    .map(([output]) => output)
    .sort();
}
