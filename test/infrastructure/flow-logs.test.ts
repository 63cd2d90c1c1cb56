// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the notation of CloudFormation and of flow log formats
import { describe, expect, test } from 'vitest';
import { flowLogResources } from '../../infrastructure/flow-logs.ts';
import { stackParameters } from './stack-parameters.ts';

const VPC = 'vpc-0123456789abcdef0';
const TRANSIT_GATEWAY = 'tgw-0123456789abcdef0';

const resourcesOf = (flowLogs: object, stageFile: object = {}) =>
  flowLogResources(stackParameters({ ...stageFile, flowLogs }));
const propertiesOf = (flowLogs: object, stageFile: object = {}) =>
  Object.values(resourcesOf(flowLogs, stageFile))[0]?.Properties ?? {};
const ids = (count: number) =>
  Array.from({ length: count }, (_, index) => `vpc-${String(index).padStart(8, '0')}`);

test('without targets there are no flow logs, and no log group for them', () => {
  expect(resourcesOf({ cloudWatchLogs: { logGroup: '/flow-logs' } })).toEqual({});
});

test.each([
  [VPC, 'VPC'],
  ['vpc-0123abcd', 'VPC'],
  ['subnet-0123abcd', 'Subnet'],
  ['eni-0123abcd', 'NetworkInterface'],
  ['nat-0123456789abcdef0', 'RegionalNatGateway'],
  [TRANSIT_GATEWAY, 'TransitGateway'],
  ['tgw-attach-0123456789abcdef0', 'TransitGatewayAttachment'],
])('%s is logged as a %s', (id, type) => {
  expect(propertiesOf({ targets: [id] })).toMatchObject({ ResourceId: id, ResourceType: type });
});

test.each([
  ['igw-0123abcd'],
  ['vpc-0123ABCD'],
  ['vpc-0123abc'],
  ['vpc-0123456789abcdef'],
  ['xvpc-0123abcd'],
  ['vpc-0123abcd '],
  ['arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-0123abcd'],
])('"%s" is refused by its name', (id) => {
  expect(() => resourcesOf({ targets: [VPC, id] })).toThrow(`flowLogs.targets has "${id}", which is no id`);
});

test('a target that stands there twice is refused', () => {
  expect(() => resourcesOf({ targets: [VPC, TRANSIT_GATEWAY, VPC] })).toThrow(
    `flowLogs.targets has ${VPC} twice`,
  );
});

describe('a stack has room for', () => {
  const cloudWatchLogs = { logGroup: '/flow-logs' };

  test('350 flow logs', () => {
    expect(Object.keys(resourcesOf({ targets: ids(350) }))).toHaveLength(350);
    expect(() => resourcesOf({ targets: ids(351) })).toThrow('has 351 ids, but a stack has room for 350');
  });

  test('half as many targets that are delivered twice', () => {
    // Besides the flow logs a log group and a role.
    expect(Object.keys(resourcesOf({ targets: ids(175), cloudWatchLogs }))).toHaveLength(352);
    expect(() => resourcesOf({ targets: ids(176), cloudWatchLogs })).toThrow('has room for 175');
  });
});

test('what a VPC is asked for comes from the stage file', () => {
  expect(
    propertiesOf({ targets: [VPC], trafficType: 'REJECT', interval: 600, format: '${srcaddr} ${dstaddr}' }),
  ).toEqual({
    ResourceId: VPC,
    ResourceType: 'VPC',
    TrafficType: 'REJECT',
    MaxAggregationInterval: 600,
    LogFormat: '${srcaddr} ${dstaddr}',
    LogDestinationType: 's3',
    LogDestination: {
      'Fn::Sub': 'arn:${AWS::Partition}:s3:::flowlogs-test-raw-${AWS::AccountId}-${AWS::Region}',
    },
    Tags: [{ Key: 'Name', Value: `flowlogs-test-${VPC}` }],
  });
});

test('a transit gateway has no traffic type, 60 seconds and the default format whatever VPCs have', () => {
  const properties = propertiesOf({
    targets: [TRANSIT_GATEWAY],
    trafficType: 'REJECT',
    interval: 600,
    format: 'full',
    tagKeys: { instance: ['Team'] },
  });
  expect(properties).toMatchObject({ MaxAggregationInterval: 60 });
  for (const name of ['TrafficType', 'LogFormat', 'TagFieldSpecifications'])
    expect(properties).not.toHaveProperty(name);
});

test('flow logs wait for the policy of a bucket that the stack creates, and go to its folder', () => {
  const flowLog = resourcesOf(
    { targets: [VPC] },
    { raw: { prefix: 'network/' } },
  ).FlowLogVpc0123456789abcdef0;
  expect(flowLog?.DependsOn).toBe('RawBucketPolicy');
  expect(flowLog?.Properties?.LogDestination).toEqual({
    'Fn::Sub': 'arn:${AWS::Partition}:s3:::flowlogs-test-raw-${AWS::AccountId}-${AWS::Region}/network/',
  });
});

test('flow logs to an existing bucket wait for nothing', () => {
  const flowLog = resourcesOf(
    { targets: [VPC] },
    { raw: { bucket: 'log-archive' } },
  ).FlowLogVpc0123456789abcdef0;
  expect(flowLog?.DependsOn).toBeUndefined();
  expect(flowLog?.Properties?.LogDestination).toEqual({
    'Fn::Sub': 'arn:${AWS::Partition}:s3:::log-archive',
  });
});

test('logical ids depend on the target only: with another id AWS would refuse the flow log as a duplicate', () => {
  const targets = ['tgw-attach-0123abcd', 'tgw-0123abcd', 'vpc-0123abcd'];
  const expected = ['FlowLogTgw0123abcd', 'FlowLogTgwAttach0123abcd', 'FlowLogVpc0123abcd'];
  expect(Object.keys(resourcesOf({ targets })).sort()).toEqual(expected);
  expect(Object.keys(resourcesOf({ targets: targets.toReversed(), format: 'full' })).sort()).toEqual(
    expected,
  );
});

describe('additionally to CloudWatch Logs', () => {
  const resources = resourcesOf({
    targets: [VPC, TRANSIT_GATEWAY],
    cloudWatchLogs: { logGroup: '/flow-logs', retentionDays: 7 },
  });

  test('each target has a second flow log with the same records', () => {
    const toS3 = resources.FlowLogVpc0123456789abcdef0?.Properties;
    expect(resources.FlowLogVpc0123456789abcdef0ToCloudWatchLogs?.Properties).toEqual({
      ResourceId: VPC,
      ResourceType: 'VPC',
      TrafficType: 'ALL',
      MaxAggregationInterval: 60,
      LogFormat: toS3?.LogFormat,
      LogDestinationType: 'cloud-watch-logs',
      LogGroupName: { Ref: 'FlowLogGroup' },
      DeliverLogsPermissionArn: { 'Fn::GetAtt': ['FlowLogDeliveryRole', 'Arn'] },
      Tags: toS3?.Tags,
    });
    expect(resources).toHaveProperty('FlowLogTgw0123456789abcdef0ToCloudWatchLogs');
  });

  test('the log group forgets after the days of the stage file', () => {
    expect(resources.FlowLogGroup?.Properties).toEqual({ LogGroupName: '/flow-logs', RetentionInDays: 7 });
  });

  test('only flow logs of this account and Region get the role, and it writes to that log group only', () => {
    const { AssumeRolePolicyDocument, Policies } = resources.FlowLogDeliveryRole?.Properties ?? {};
    expect(AssumeRolePolicyDocument).toMatchObject({
      Statement: [
        {
          Principal: { Service: 'vpc-flow-logs.amazonaws.com' },
          Action: 'sts:AssumeRole',
          Condition: {
            StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
            ArnLike: {
              'aws:SourceArn': {
                'Fn::Sub': 'arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:vpc-flow-log/*',
              },
            },
          },
        },
      ],
    });
    expect(Policies).toMatchObject([
      {
        PolicyDocument: {
          Statement: [
            {
              Action: [
                'logs:CreateLogGroup',
                'logs:CreateLogStream',
                'logs:PutLogEvents',
                'logs:DescribeLogStreams',
              ],
              Resource: { 'Fn::GetAtt': ['FlowLogGroup', 'Arn'] },
            },
            {
              Action: 'logs:DescribeLogGroups',
              Resource: {
                'Fn::Sub': 'arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:*',
              },
            },
          ],
        },
      },
    ]);
  });
});
