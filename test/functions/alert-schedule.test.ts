import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { type AwsStub, mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Delivery } from '../../shared/alerts/delivery-store.ts';
import { memorySituations } from '../../shared/alerts/memory-situations.ts';
import { keyOf, withPart } from '../../shared/alerts/situation.ts';
import { part } from '../shared/alerts/parts.ts';
import { type FakeS3, fakeS3 } from '../shared/aws/fake-s3.ts';
import { type CapturedOutput, captureOutput, lambdaContext, stubEnvironment } from './invoke.ts';

const NOW = Math.floor(Date.now() / 1000);

let memory: ReturnType<typeof memorySituations>;
let deliveries: () => AsyncGenerator<Delivery>;
let s3: FakeS3;
// biome-ignore lint/suspicious/noExplicitAny: the stub's own types name every command
let sns: AwsStub<any, any, any>;
let output: CapturedOutput;

beforeEach(() => {
  stubEnvironment({
    ALERT_TOPIC_ARN: 'arn:aws:sns:eu-west-1:123456789012:flowlogs-test-alerts',
    ...{ SITUATION_TABLE: 'situations', ATHENA_DATABASE: 'flowlogs' },
  });
  memory = memorySituations();
  deliveries = async function* () {};
  vi.doMock('../../shared/aws/dynamodb-situations.ts', () => ({ dynamoDbSituations: () => memory.store }));
  vi.doMock('../../shared/aws/dynamodb-deliveries.ts', () => ({
    dynamoDbDeliveries: () => ({ all: () => deliveries() }),
  }));
  s3 = fakeS3();
  sns = mockClient(SNSClient);
  sns.onAnyCommand().resolves({});
  output = captureOutput();
});

afterEach(() => {
  for (const fake of [s3, sns]) fake.restore();
  vi.doUnmock('../../shared/aws/dynamodb-situations.ts');
  vi.doUnmock('../../shared/aws/dynamodb-deliveries.ts');
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

async function tick() {
  vi.resetModules();
  const { handler } = await import('../../functions/alert-schedule/handler.ts');
  await handler({}, lambdaContext(60_000));
}

const subjects = () => sns.commandCalls(PublishCommand).map(({ args: [{ input }] }) => input.Subject);

/** A situation that waits for a digest since some seconds ago. */
async function hold(seconds: number, accountId = '111122223333'): Promise<void> {
  const one = part({
    ...{ severity: 'info', firstTime: NOW - seconds, lastTime: NOW - seconds, subject: { accountId } },
  });
  const situation = { ...withPart(undefined, one, 3600), heldSince: NOW - seconds };
  await memory.store.count(`finding ${accountId}`, [{ key: keyOf(one.subject), version: 0, situation }]);
}

const silent: Delivery = {
  ...{ accountId: '444455556666', region: 'eu-west-1', last: NOW - 3700 },
  hours: Array.from({ length: 30 }, (_, i) => Math.floor((NOW - 3700) / 3600) - i),
};

test('what was held for a digest is told when its window is over, once', async () => {
  await hold(6 * 3600);
  await tick();
  await tick();
  expect(subjects()).toEqual([expect.stringMatching(/^\[info\] internal service rejected/)]);
});

test('an account that fell silent is told at once, once', async () => {
  deliveries = async function* () {
    yield silent;
  };
  await tick();
  await tick();
  expect(subjects()).toEqual([expect.stringContaining('444455556666')]);
});

test('if deliveries cannot be read, digests are told all the same, and the invocation fails', async () => {
  await hold(6 * 3600);
  deliveries = async function* () {
    yield* [];
    throw new Error('ProvisionedThroughputExceeded');
  };
  await expect(tick()).rejects.toThrow('ProvisionedThroughputExceeded');
  expect(subjects()).toHaveLength(1);
});

test('a digest that SNS does not take keeps no other one from being told, and comes again', async () => {
  await hold(6 * 3600);
  await hold(6 * 3600, '444455556666');
  sns
    .on(PublishCommand)
    .rejectsOnce(Object.assign(new Error('try again'), { name: 'InternalErrorException' }));
  await expect(tick()).rejects.toThrow('try again');
  expect(subjects()).toHaveLength(2);
  vi.spyOn(Date, 'now').mockReturnValue((NOW + 200) * 1000);
  await tick();
  expect(subjects()).toHaveLength(3);
  expect(output.metric('AlertsPublished')).toBe(2);
});
