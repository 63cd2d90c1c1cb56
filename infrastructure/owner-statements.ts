import { bucketArn, queueIds, rawBucketName } from './names.ts';
import { rawBucketPlace, type StackParameters } from './parameters.ts';
import { deliveryKeyStatements, deliveryStatements } from './raw-bucket.ts';
import { rawObjectPattern } from './raw-events.ts';
import {
  ACCOUNT_ID,
  getAtt,
  jsonText,
  type Output,
  type Outputs,
  policy,
  type Statement,
  sub,
} from './template.ts';

/**
 * What the owners of a bucket, key or topic that the stack doesn't own have to apply, as outputs: JSON to paste, one
 * output for each place to paste it to.
 */
export function ownerOutputs(parameters: StackParameters): Outputs {
  const { raw, lake } = parameters;
  return {
    ...(raw.bucket === undefined ? {} : bucketOwner(parameters)),
    ...(raw.kmsKeyArn === undefined
      ? {}
      : {
          RawKeyPolicyStatements: {
            Description:
              'For the owner of the key of the raw bucket: add these statements to the policy of the key, or AWS ' +
              'delivers nothing and the function ingest can read nothing.',
            Value: jsonText([...deliveryKeyStatements(parameters), ...readKey(parameters)]),
          },
        }),
    ...(lake.kmsKeyArn === undefined
      ? {}
      : {
          LakeKeyPolicyStatements: {
            Description:
              'For the owner of the key of the lake bucket: add this statement to the policy of the key, unless the ' +
              'policy leaves access to IAM, as the default policy of a key in the same account does.',
            Value: jsonText([
              keyThroughS3('FlowlogsLake', ['kms:GenerateDataKey', 'kms:Decrypt'], parameters.region),
            ]),
          },
        }),
  };
}

function bucketOwner(parameters: StackParameters): Outputs {
  const isOtherAccount = parameters.raw.accountId !== undefined;
  return {
    RawBucketPolicyStatements: {
      Description:
        'For the owner of the raw bucket: add these statements to the policy of the bucket. They let AWS deliver flow ' +
        `logs${isOtherAccount ? ' and this stack read them' : ''}. Flow logs of this stack need them first.`,
      Value: jsonText([...deliveryStatements(parameters), ...(isOtherAccount ? readBucket(parameters) : [])]),
    },
    ...announcement(parameters),
  };
}

/** How the owner makes the bucket announce its objects. */
function announcement(parameters: StackParameters): Outputs {
  switch (parameters.raw.events) {
    case 's3':
      return { RawBucketNotification: queueNotification(parameters) };
    case 'sns':
      return { RawTopicPolicyStatements: topicStatements(parameters) };
    case 'eventbridge': {
      const RawBucketNotification = {
        Description:
          'For the owner of the raw bucket: switch EventBridge on. Add this to the notification configuration of the ' +
          'bucket and keep what it has already: the API replaces the whole configuration.',
        Value: jsonText({ EventBridgeConfiguration: {} }),
      };
      if (rawBucketPlace(parameters) === 'same-account-and-region') return { RawBucketNotification };
      return { RawBucketNotification, RawBucketEventsTemplate: eventsTemplate(parameters) };
    }
  }
}

/** Source: "PutBucketNotificationConfiguration" (Amazon S3 API Reference). */
function queueNotification({ stage, raw }: StackParameters): Output {
  const filter =
    raw.prefix === '' ? {} : { Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: raw.prefix }] } } };
  return {
    Description:
      'For the owner of the raw bucket: add this to the notification configuration of the bucket and keep what it has ' +
      'already: the API replaces the whole configuration.',
    Value: jsonText({
      QueueConfigurations: [
        {
          Id: `flowlogs-${stage}`,
          QueueArn: getAtt(queueIds('ingest').queue, 'Arn'),
          Events: ['s3:ObjectCreated:*'],
          ...filter,
        },
      ],
    }),
  };
}

function topicStatements({ raw }: StackParameters): Output {
  const subscribe: Statement = {
    Sid: 'FlowlogsSubscribe',
    Effect: 'Allow',
    Principal: STACK_ACCOUNT,
    Action: 'sns:Subscribe',
    Resource: raw.topicArn,
    Condition: {
      StringEquals: { 'sns:Protocol': 'sqs', 'sns:Endpoint': getAtt(queueIds('ingest').queue, 'Arn') },
    },
  };
  return {
    Description:
      'For the owner of the topic, if it is in another account: this statement in the policy of the topic lets the ' +
      'stack subscribe its queue. It is needed before the first deployment.',
    Value: jsonText([subscribe]),
  };
}

/**
 * A template, because rule and role belong together. It has no references of its own, so that what is filled in here is
 * all there is to fill in.
 */
function eventsTemplate(parameters: StackParameters): Output {
  const { stage, raw, region } = parameters;
  const account = raw.accountId ?? ACCOUNT_ID;
  const roleName = `flowlogs-${stage}-events-${raw.region ?? region}`;
  const eventBus = getAtt('RawEventBus', 'Arn');
  const template = {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: `Sends S3 events of flow logs to the stack flowlogs-${stage}`,
    Resources: {
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: {
          RoleName: roleName,
          AssumeRolePolicyDocument: policy([
            {
              Sid: 'EventBridge',
              Effect: 'Allow',
              Principal: { Service: 'events.amazonaws.com' },
              Action: 'sts:AssumeRole',
              Condition: { StringEquals: { 'aws:SourceAccount': sub(account) } },
            },
          ]),
          Policies: [
            {
              PolicyName: 'send',
              PolicyDocument: policy([
                { Sid: 'Send', Effect: 'Allow', Action: 'events:PutEvents', Resource: eventBus },
              ]),
            },
          ],
        },
      },
      Rule: {
        Type: 'AWS::Events::Rule',
        DependsOn: 'Role',
        Properties: {
          Description: `New flow log objects for the stack flowlogs-${stage}`,
          EventPattern: rawObjectPattern(parameters),
          Targets: [
            {
              Id: 'flowlogs',
              Arn: eventBus,
              RoleArn: sub(`arn:\${AWS::Partition}:iam::${account}:role/${roleName}`),
            },
          ],
        },
      },
    },
  };
  return {
    Description:
      'For the owner of the raw bucket: save this as a template and deploy it in the account and Region of the bucket ' +
      '(aws cloudformation deploy --capabilities CAPABILITY_NAMED_IAM). Its rule sends new objects to this stack.',
    Value: jsonText(template),
  };
}

/**
 * Roles that are made anew keep their ARN's permission but not a principal's: so the account is the principal, and the
 * role a condition. Whom the account lets list is the account's business: operators look for objects, too.
 */
function readBucket(parameters: StackParameters): Statement[] {
  const arn = bucketArn(rawBucketName(parameters));
  return [
    {
      Sid: 'FlowlogsRead',
      Effect: 'Allow',
      Principal: STACK_ACCOUNT,
      Action: ['s3:GetObject', 's3:GetObjectVersion'],
      Resource: sub(`${arn}/${parameters.raw.prefix}*`),
      Condition: { ArnEquals: { 'aws:PrincipalArn': getAtt('IngestRole', 'Arn') } },
    },
    {
      Sid: 'FlowlogsList',
      Effect: 'Allow',
      Principal: STACK_ACCOUNT,
      Action: 's3:ListBucket',
      Resource: sub(arn),
    },
  ];
}

function readKey({ raw, region }: StackParameters): Statement[] {
  const statement = keyThroughS3('FlowlogsRead', ['kms:Decrypt'], raw.region ?? region);
  return [
    {
      ...statement,
      Condition: {
        ...statement.Condition,
        ArnEquals: { 'aws:PrincipalArn': getAtt('IngestRole', 'Arn') },
      },
    },
  ];
}

function keyThroughS3(sid: string, actions: readonly string[], region: string): Statement {
  return {
    Sid: sid,
    Effect: 'Allow',
    Principal: STACK_ACCOUNT,
    Action: actions,
    Resource: '*',
    Condition: { StringEquals: { 'kms:ViaService': sub(`s3.${region}.\${AWS::URLSuffix}`) } },
  };
}

const STACK_ACCOUNT = { AWS: sub(`arn:\${AWS::Partition}:iam::${ACCOUNT_ID}:root`) };
