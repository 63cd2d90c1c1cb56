import { readFileSync } from 'node:fs';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { Notice } from '../../shared/alerts/alert-message.ts';
import { messageOf } from '../../shared/alerts/message/message.ts';
import { type Subject, withPart } from '../../shared/alerts/situation.ts';
import { snsAlertPublisher } from '../../shared/aws/sns-alert-publisher.ts';
import type { Severity } from '../../shared/findings/finding.ts';
import { NOON, part } from '../shared/alerts/parts.ts';
import { resetMoto } from './harness/moto-server.ts';

/** Queues that are subscribed with the filter policies of docs/alerts.md, and what each of them gets. */

const VPC = 'vpc-0123456789abcdef0';
const OTHER_VPC = 'vpc-0fedcba9876543210';
const OTHER_ACCOUNT = '222222222222';

const internal = notice('warning', { vpcId: VPC });
const probe = notice('info', {
  ...{ meaning: 'admin-port-probe', path: 'internet-to-subnet' },
  ...{ accountId: OTHER_ACCOUNT, vpcId: OTHER_VPC, service: { protocol: 6, port: 22 } },
});
const probeInVpc = notice('info', { ...probe.situation.subject, vpcId: VPC });
const background = notice('info', {
  ...{ meaning: 'background', path: 'internet-to-subnet', accountId: OTHER_ACCOUNT },
});
const reply = notice('warning', { meaning: 'reply-rejected', vpcId: OTHER_VPC });
const silence: Notice = {
  reason: 'opens',
  situation: withPart(
    undefined,
    {
      subject: {
        ...{ kind: 'NO_DELIVERY', meaning: 'no-delivery', accountId: '111122223333', region: 'eu-west-1' },
        scope: { level: 'account', id: '111122223333' },
      },
      ...{ severity: 'warning', flows: 0, packets: 0, firstTime: NOON - 3_600, lastTime: NOON },
    },
    3_600,
  ),
};
const NOTICES = {
  'an internal service': [internal],
  'a probe': [probe],
  'an account that fell silent': [silence],
  'a digest of info': [probeInVpc, background],
  'a digest with a warning': [probe, reply],
};
type MessageName = keyof typeof NOTICES;
const MESSAGES = new Map(
  Object.entries(NOTICES).map(([name, notices]) => [
    name,
    messageOf(notices, { now: NOON, database: 'flowlogs_prod', stage: 'prod' }),
  ]),
);

/** Who gets what, by the heading of the filter policy. */
const RECEIVES: Readonly<Record<string, readonly MessageName[]>> = {
  'Only internal services': ['an internal service', 'a digest with a warning'],
  'Only one VPC': ['an internal service', 'a digest of info'],
  'Everything but info': ['an internal service', 'an account that fell silent', 'a digest with a warning'],
  'One account and what fell silent there': [
    ...(['an internal service', 'an account that fell silent', 'a digest with a warning'] as const),
  ],
};

/** The blocks of the section "Filter policies", by their headings. */
const POLICIES = new Map(
  [
    ...readFileSync(new URL('../../docs/alerts.md', import.meta.url), 'utf8')
      .replace(/^.*?\n## Filter policies\n/s, '')
      .replace(/\n## .*$/s, '')
      .matchAll(/^### ([^\n]+)\n.*?```json\n(.+?)```/gms),
  ].map(([, heading, policy]) => [heading!, policy!]),
);

const settings = {
  endpoint: inject('motoUrl'),
  region: 'eu-west-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
};
const sns = new SNSClient(settings);
const sqs = new SQSClient(settings);
/** URLs of queues by the heading of their filter policies; `everything` has none. */
const queues = new Map<string, string>();

beforeAll(async () => {
  await resetMoto(settings.endpoint);
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'alerts' }));
  for (const [heading, FilterPolicy] of [['everything', undefined] as const, ...POLICIES]) {
    const QueueName = heading.replaceAll(' ', '-');
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName }));
    queues.set(heading, QueueUrl!);
    await sns.send(
      new SubscribeCommand({
        TopicArn,
        Protocol: 'sqs',
        Endpoint: `arn:aws:sqs:eu-west-1:123456789012:${QueueName}`,
        Attributes: { RawMessageDelivery: 'true', ...(FilterPolicy === undefined ? {} : { FilterPolicy }) },
      }),
    );
  }
  const publisher = snsAlertPublisher(sns, { topicArn: TopicArn! }, new AbortController().signal);
  for (const message of MESSAGES.values()) await publisher.publish(message);
});

afterAll(() => {
  sns.destroy();
  sqs.destroy();
});

function notice(severity: Severity, subject: Partial<Subject>): Notice {
  return { reason: 'opens', situation: withPart(undefined, part({ severity, subject }), 3_600) };
}

/** What the queue of a subscriber got, by the messages' names. */
async function received(heading: string): Promise<string[]> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: queues.get(heading), MaxNumberOfMessages: 10 }),
  );
  const bodies = Messages.map(({ Body }) => Body);
  const names = [...MESSAGES].filter(([, { json }]) => bodies.includes(json)).map(([name]) => name);
  expect(names).toHaveLength(bodies.length);
  return names;
}

test('every documented filter policy is tried', () => {
  expect([...POLICIES.keys()]).toEqual(Object.keys(RECEIVES));
});

test('without a filter policy a subscriber gets every message', async () => {
  expect(await received('everything')).toEqual([...MESSAGES.keys()]);
});

test.each(Object.entries(RECEIVES))('%s: just what is for them', async (heading, names) => {
  expect(await received(heading)).toEqual(names);
});
