import { createHash } from 'node:crypto';
import { bucketArn } from './names.ts';
import type { StackParameters } from './parameters.ts';
import {
  ACCOUNT_ID,
  arnText,
  getAtt,
  policy,
  type Resource,
  type Resources,
  ref,
  type Statement,
  sub,
} from './template.ts';

/**
 * AWS services that publish to the operations topic, and the ARNs they do it for. EventBridge is none of them: its
 * requests to KMS carry no source, so a key that admits it would admit the rules of every account.
 *
 * Source: "Key management" (Amazon SNS Developer Guide).
 */
const PUBLISHERS = [
  { name: 'Alarms', service: 'cloudwatch.amazonaws.com', sourceArn: arnText('cloudwatch', 'alarm:*') },
  { name: 'Buckets', service: 's3.amazonaws.com', sourceArn: bucketArn('*') },
] as const;

/**
 * The topics for people who watch traffic, the topic for people who run the pipeline, and the key that all are
 * encrypted with. It is a key of the stack, because alarms can't publish to a topic with AWS's own SNS key, and fail
 * silently.
 */
export function topicResources(parameters: StackParameters): Resources {
  const { stage, alerts, operations } = parameters;
  return {
    TopicKey: topicKey(stage),
    TopicKeyAlias: {
      Type: 'AWS::KMS::Alias',
      Properties: { AliasName: `alias/flowlogs-${stage}-topics`, TargetKeyId: ref('TopicKey') },
    },
    // Only what IAM allows in this account publishes here: the alert functions.
    ...topic('AlertsTopic', `flowlogs-${stage}-alerts`, `Flow log alerts (${stage})`, []),
    ...subscriptions('AlertsTopic', alerts.emails),
    // Of its own: people would get its messages as JSON by e-mail.
    ...(alerts.chat &&
      topic('AlertsChatTopic', `flowlogs-${stage}-alerts-chat`, `Flow log alerts for chat (${stage})`, [])),
    ...topic('OperationsTopic', `flowlogs-${stage}-operations`, `Flow log pipeline (${stage})`, [
      ...PUBLISHERS.map(
        ({ name, service, sourceArn }): Statement => ({
          Sid: name,
          Effect: 'Allow',
          Principal: { Service: service },
          Action: 'sns:Publish',
          Resource: ref('OperationsTopic'),
          Condition: onBehalfOf(sourceArn),
        }),
      ),
    ]),
    ...subscriptions('OperationsTopic', operations.emails),
  };
}

function topicKey(stage: string): Resource {
  return {
    Type: 'AWS::KMS::Key',
    // Nothing is lost with it: a topic holds a message only until it is delivered.
    DeletionPolicy: 'Delete',
    UpdateReplacePolicy: 'Delete',
    Properties: {
      Description: `Topics of flowlogs, stage ${stage}`,
      EnableKeyRotation: true,
      PendingWindowInDays: 7,
      KeyPolicy: policy([
        {
          Sid: 'AccountAdministers',
          Effect: 'Allow',
          Principal: { AWS: sub(`arn:\${AWS::Partition}:iam::${ACCOUNT_ID}:root`) },
          Action: 'kms:*',
          // In the policy of a key, this key.
          Resource: '*',
        },
        ...PUBLISHERS.map(
          ({ name, service, sourceArn }): Statement => ({
            Sid: name,
            Effect: 'Allow',
            Principal: { Service: service },
            Action: ['kms:GenerateDataKey*', 'kms:Decrypt'],
            Resource: '*',
            Condition: onBehalfOf(sourceArn),
          }),
        ),
      ]),
    },
  };
}

/** The service must act for something of this account, or anyone could make it act for him. */
function onBehalfOf(sourceArn: string) {
  return {
    StringEquals: { 'aws:SourceAccount': ref('AWS::AccountId') },
    ArnLike: { 'aws:SourceArn': sub(sourceArn) },
  };
}

function topic(id: string, name: string, displayName: string, publishers: readonly Statement[]): Resources {
  const tlsOnly: Statement = {
    Sid: 'TlsOnly',
    Effect: 'Deny',
    Principal: '*',
    Action: 'sns:Publish',
    Resource: ref(id),
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  };
  return {
    [id]: {
      Type: 'AWS::SNS::Topic',
      Properties: { TopicName: name, DisplayName: displayName, KmsMasterKeyId: getAtt('TopicKey', 'Arn') },
    },
    [`${id}Policy`]: {
      Type: 'AWS::SNS::TopicPolicy',
      Properties: { Topics: [ref(id)], PolicyDocument: policy([tlsOnly, ...publishers]) },
    },
  };
}

/** E-mail subscriptions. Their ids come from the address: who stays on the list need not confirm again. */
function subscriptions(topicId: string, emails: readonly string[]): Resources {
  return Object.fromEntries(
    emails.map((email) => {
      const id = createHash('sha256').update(email).digest('hex').slice(0, 12);
      return [
        `${topicId}Email${id}`,
        {
          Type: 'AWS::SNS::Subscription',
          Properties: { TopicArn: ref(topicId), Protocol: 'email', Endpoint: email },
        },
      ];
    }),
  );
}
