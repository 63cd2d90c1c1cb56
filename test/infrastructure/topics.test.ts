// biome-ignore-all lint/suspicious/noTemplateCurlyInString: CloudFormation's notation
import { describe, expect, test } from 'vitest';
import type { Statement } from '../../infrastructure/template.ts';
import { topicResources } from '../../infrastructure/topics.ts';
import { stackParameters } from './stack-parameters.ts';

const resources = topicResources(stackParameters({ alerts: { chat: true } }));
const TOPICS = ['AlertsTopic', 'AlertsChatTopic', 'OperationsTopic'];
function policyOf(id: string): readonly Statement[] {
  const { PolicyDocument, KeyPolicy } = resources[id]?.Properties ?? {};
  return ((PolicyDocument ?? KeyPolicy) as { Statement: Statement[] }).Statement;
}
const allowed = (id: string) => policyOf(id).filter(({ Effect }) => Effect === 'Allow');

const OF_AN_ALARM = {
  StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
  ArnLike: {
    'aws:SourceArn': {
      'Fn::Sub': 'arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:*',
    },
  },
};
const OF_A_BUCKET = {
  StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
  ArnLike: { 'aws:SourceArn': { 'Fn::Sub': 'arn:${AWS::Partition}:s3:::*' } },
};

test.each(TOPICS)('%s is encrypted with the key of the stack', (id) => {
  expect(resources[id]?.Properties).toMatchObject({
    KmsMasterKeyId: { 'Fn::GetAtt': ['TopicKey', 'Arn'] },
  });
});

test.each(TOPICS)('%s refuses messages without TLS', (id) => {
  expect(policyOf(`${id}Policy`)).toContainEqual({
    Sid: 'TlsOnly',
    Effect: 'Deny',
    Principal: '*',
    Action: 'sns:Publish',
    Resource: { Ref: id },
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  });
});

test('no service and no other account publishes alerts', () => {
  expect(allowed('AlertsTopicPolicy')).toEqual([]);
  expect(allowed('AlertsChatTopicPolicy')).toEqual([]);
});

test('there is a topic for chats only if it is asked for, and nobody gets its JSON by e-mail', () => {
  const ids = (alerts: object) => Object.keys(topicResources(stackParameters({ alerts })));
  expect(ids({}).filter((id) => id.includes('Chat'))).toEqual([]);
  expect(ids({ chat: true, emails: ['a@example.com'] }).filter((id) => id.includes('Chat'))).toEqual([
    'AlertsChatTopic',
    'AlertsChatTopicPolicy',
  ]);
});

test.each([
  ['cloudwatch.amazonaws.com', OF_AN_ALARM],
  ['s3.amazonaws.com', OF_A_BUCKET],
])('%s publishes to operations for this account only, and may use the key for it', (Service, Condition) => {
  for (const [id, Action] of [
    ['OperationsTopicPolicy', 'sns:Publish'],
    ['TopicKey', ['kms:GenerateDataKey*', 'kms:Decrypt']],
  ] as const) {
    expect(allowed(id)).toContainEqual(
      expect.objectContaining({ Principal: { Service }, Action, Condition }),
    );
  }
});

test('nobody else is admitted to operations', () => {
  expect(allowed('OperationsTopicPolicy')).toHaveLength(2);
});

describe('the key', () => {
  test('changes its material every year', () => {
    expect(resources.TopicKey?.Properties?.EnableKeyRotation).toBe(true);
  });

  test('is administered by the account, and used by nobody else', () => {
    const [administer, ...others] = allowed('TopicKey');
    expect(administer).toMatchObject({
      Principal: { AWS: { 'Fn::Sub': 'arn:${AWS::Partition}:iam::${AWS::AccountId}:root' } },
      Action: 'kms:*',
    });
    expect(others).toHaveLength(2);
  });
});

describe('e-mail subscriptions', () => {
  const subscriptionsOf = (stageFile: object) =>
    Object.entries(topicResources(stackParameters(stageFile))).filter(
      ([, { Type }]) => Type === 'AWS::SNS::Subscription',
    );

  test('come from the stage file, each for its topic', () => {
    const subscriptions = subscriptionsOf({
      alerts: { emails: ['network@example.com'] },
      operations: { emails: ['network@example.com', 'on-call@example.com'] },
    });
    expect(
      subscriptions.map(([, { Properties }]) => [
        Properties?.TopicArn,
        Properties?.Protocol,
        Properties?.Endpoint,
      ]),
    ).toEqual([
      [{ Ref: 'AlertsTopic' }, 'email', 'network@example.com'],
      [{ Ref: 'OperationsTopic' }, 'email', 'network@example.com'],
      [{ Ref: 'OperationsTopic' }, 'email', 'on-call@example.com'],
    ]);
  });

  test('stay the same resource when others leave the list, so that nobody must confirm again', () => {
    const ids = (emails: string[]) => subscriptionsOf({ alerts: { emails } }).map(([id]) => id);
    const [, second] = ids(['a@example.com', 'b@example.com']);
    expect(ids(['b@example.com'])).toEqual([second]);
  });
});
