import { bucketArn, queueIds, rawBucketName } from './names.ts';
import { rawBucketPlace, regionOfArn, type StackParameters } from './parameters.ts';
import { ACCOUNT_ID, getAtt, type Resources, ref, type Statement, sub } from './template.ts';

/**
 * How the ingest queue hears of new raw objects. A bucket that the stack creates notifies the queue itself. For one that
 * exists this is the stack's side; the owner's side is in `owner-statements.ts`.
 */

const { queue: INGEST_QUEUE } = queueIds('ingest');

/** The stack's side of what announces raw objects. */
export function rawEventResources(parameters: StackParameters): Resources {
  const place = rawBucketPlace(parameters);
  if (place === 'created') return {};
  switch (parameters.raw.events) {
    case 's3':
      return {};
    case 'sns':
      return { RawTopicSubscription: subscription(parameters) };
    case 'eventbridge':
      if (place === 'same-account-and-region') return { RawObjectsRule: rule(parameters, undefined) };
      return { ...bus(parameters), RawObjectsRule: rule(parameters, ref('RawEventBus')) };
  }
}

/** Who may send to the ingest queue: exactly what announces raw objects. */
export function rawObjectSender(parameters: StackParameters): Statement {
  const { raw } = parameters;
  const admit = (sid: string, service: string, condition: Statement['Condition']): Statement => ({
    Sid: sid,
    Effect: 'Allow',
    Principal: { Service: service },
    Action: 'sqs:SendMessage',
    Resource: getAtt(INGEST_QUEUE, 'Arn'),
    ...(condition === undefined ? {} : { Condition: condition }),
  });
  if (raw.bucket === undefined || raw.events === 's3') {
    return admit('RawBucket', 's3.amazonaws.com', {
      ArnEquals: { 'aws:SourceArn': sub(bucketArn(rawBucketName(parameters))) },
      // The ARN of a bucket doesn't say whose it is.
      StringEquals: { 'aws:SourceAccount': raw.accountId ?? ref('AWS::AccountId') },
    });
  }
  // The ARNs of topics and rules say whose they are.
  if (raw.events === 'sns') {
    return admit('RawTopic', 'sns.amazonaws.com', { ArnEquals: { 'aws:SourceArn': raw.topicArn } });
  }
  return admit('RawObjectsRule', 'events.amazonaws.com', {
    ArnEquals: { 'aws:SourceArn': getAtt('RawObjectsRule', 'Arn') },
  });
}

/**
 * Which of S3's events are for us. Flow logs have `vpcflowlogs` in their keys, in every layout; a shared bucket holds
 * much else. Objects without a header line are other deliveries under any name: with their format set, all count.
 *
 * Sources: "EventBridge event message structure" (Amazon S3 User Guide), "Comparison operators for use in event
 * patterns" (Amazon EventBridge User Guide).
 */
export function rawObjectPattern(parameters: StackParameters) {
  const { raw, headerlessFormat } = parameters;
  const rest = headerlessFormat === undefined ? '*vpcflowlogs*' : '*';
  return {
    source: ['aws.s3'],
    'detail-type': ['Object Created'],
    account: [raw.accountId ?? ref('AWS::AccountId')],
    detail: { bucket: { name: [raw.bucket] }, object: { key: [{ wildcard: `${raw.prefix}${rest}` }] } },
  };
}

/** @param eventBus without it the default bus, which S3 sends to. */
function rule(parameters: StackParameters, eventBus: unknown) {
  return {
    Type: 'AWS::Events::Rule',
    Properties: {
      Description: 'New flow log objects for the ingest queue',
      ...(eventBus === undefined ? {} : { EventBusName: eventBus }),
      EventPattern: rawObjectPattern(parameters),
      Targets: [{ Id: 'ingest-queue', Arn: getAtt(INGEST_QUEUE, 'Arn') }],
    },
  };
}

/** A bus of its own, so that another account needs no access to the account's default bus. */
function bus(parameters: StackParameters): Resources {
  const { stage, raw } = parameters;
  const sender = raw.accountId ?? ACCOUNT_ID;
  return {
    RawEventBus: {
      Type: 'AWS::Events::EventBus',
      Properties: { Name: `flowlogs-${stage}`, Description: 'S3 events of the raw bucket' },
    },
    RawEventBusPolicy: {
      Type: 'AWS::Events::EventBusPolicy',
      Properties: {
        EventBusName: ref('RawEventBus'),
        StatementId: 'raw-bucket-account',
        Statement: {
          Sid: 'raw-bucket-account',
          Effect: 'Allow',
          Principal: { AWS: sub(`arn:\${AWS::Partition}:iam::${sender}:root`) },
          Action: 'events:PutEvents',
          Resource: getAtt('RawEventBus', 'Arn'),
        },
      },
    },
  };
}

function subscription({ region, raw }: StackParameters) {
  const topicRegion = regionOfArn(raw.topicArn!);
  return {
    Type: 'AWS::SNS::Subscription',
    Properties: {
      TopicArn: raw.topicArn,
      ...(topicRegion === region ? {} : { Region: topicRegion }),
      Protocol: 'sqs',
      Endpoint: getAtt(INGEST_QUEUE, 'Arn'),
      RawMessageDelivery: true,
    },
  };
}
