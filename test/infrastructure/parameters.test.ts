import { describe, expect, test } from 'vitest';
import { checkStage, parseStageParameters, rawBucketPlace } from '../../infrastructure/parameters.ts';
import { stackParameters } from './stack-parameters.ts';

const KEY = 'arn:aws:kms:eu-west-1:111111111111:key/1a2b3c4d-5e6f-7a8b-9c0d-1e2f3a4b5c6d';
const TOPIC = 'arn:aws:sns:eu-west-1:222222222222:flow-log-objects';

/** What a person is told about a stage file. */
function complaint(content: unknown): string {
  try {
    parseStageParameters(content, 'stages/test.yml');
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the stage file is accepted');
}

test('a region is all that a stage has to say', () => {
  expect(parseStageParameters({ region: 'eu-west-1' }, 'stages/test.yml')).toMatchObject({
    raw: { prefix: '', events: 'eventbridge' },
    flowLogs: { targets: [], format: 'standard', interval: 60, trafficType: 'ALL' },
    lake: { compression: 'zstd' },
    operations: { logRetentionDays: 30 },
    athena: { scanLimitGb: 100 },
  });
});

test('an empty file is told what it lacks', () => {
  expect(complaint(null)).toBe(
    "stages/test.yml has parameters that can't be used:\n  region: takes a Region such as eu-west-1",
  );
});

test('every wrong parameter is named at once', () => {
  const message = complaint({
    region: 'Ireland',
    raw: { bucket: 'NotABucket' },
    lake: { compression: 'lzma' },
  });
  expect(message.split('\n').map((line) => line.trim().split(':')[0])).toEqual([
    "stages/test.yml has parameters that can't be used",
    'region',
    'raw.bucket',
    'lake.compression',
  ]);
});

describe('what is wrong by itself is refused', () => {
  test.each([
    ['an unknown parameter', { lakes: {} }, 'lakes'],
    [
      'an account id without quotes',
      { delivery: { accountIds: [333333333333] } },
      'takes 12 digits, in quotes',
    ],
    ['a key by its alias', { lake: { kmsKeyArn: 'alias/logs' } }, 'takes the full ARN'],
    ['a compression that nobody knows', { lake: { compression: 'lzma' } }, 'takes zstd or gzip'],
    [
      'a change of compression without its time',
      { lake: { compression: 'zstd, gzip' } },
      '"gzip" is no change such as "gzip from 2026-12-01T12:00Z"',
    ],
    ['a prefix without its slash', { raw: { prefix: 'network' } }, 'ends in a slash'],
    ['a prefix that AWS keeps to itself', { raw: { prefix: 'AWSLogs/' } }, 'is not AWSLogs/'],
    ['a prefix that filters would have to escape', { raw: { prefix: 'a b*/' } }, 'letters, digits'],
    ['an interval that AWS does not know', { flowLogs: { interval: 300 } }, 'takes 60 or 600'],
    [
      'a retention that CloudWatch does not know',
      { operations: { logRetentionDays: 31 } },
      'takes one of 1, 3',
    ],
    [
      'more accounts than a bucket policy holds',
      { delivery: { accountIds: Array(101).fill('333333333333') } },
      'use organizationId',
    ],
    ['columns that are no columns', { headerlessFormat: 'Version!' }, 'is not a field name'],
    [
      'a lake that forgets before reconciliation looks',
      { lake: { expireAfterDays: 2 } },
      'takes at least 7 days',
    ],
  ])('%s', (_, content, message) => {
    expect(complaint({ region: 'eu-west-1', ...content })).toContain(message);
  });
});

describe('an alert policy', () => {
  const alerts = (policy: unknown) => ({ region: 'eu-west-1', alerts: { policy } });
  const ignored = (because: string) => ({ ignore: [{ because, ports: [22] }] });

  test('is kept as it was written', () => {
    const policy = { quietMinutes: 90, ignore: [{ sources: ['10.9.0.0/24'] }] };
    expect(parseStageParameters(alerts(policy), '').alerts).toEqual({ emails: [], chat: false, policy });
    expect(parseStageParameters({ region: 'eu-west-1' }, '').alerts.policy).toEqual({});
  });

  test('that is none is refused, with what it takes', () => {
    const message = complaint(alerts({ quietMinutes: 1, insideRanges: ['10.0.0.0'], quietHours: 2 }));
    expect(message).toContain('alerts.policy: The alert policy is wrong.');
    expect(message).toContain('quietMinutes: takes a number from 5');
    expect(message).toContain('insideRanges.0: takes a network');
    expect(message).toContain('quietHours');
  });

  test.each([null, 'strict', []])('is no %j', (policy) => {
    expect(complaint(alerts(policy))).toContain('alerts.policy: The alert policy is wrong');
  });

  test('fits into the environment of a function, in which quotes of JSON are two characters', () => {
    const room = 3_000 - JSON.stringify(JSON.stringify(ignored(''))).length;
    const parse = (because: string) => parseStageParameters(alerts(ignored(because)), '');
    expect(() => parse('x'.repeat(room))).not.toThrow();
    expect(complaint(alerts(ignored('x'.repeat(room + 1))))).toContain(
      'alerts.policy: takes at most 3,000 bytes as JSON, quotes counted twice, and has 3,001',
    );
    expect(complaint(alerts(ignored('ü'.repeat(room / 2 + 1))))).toContain('3,00');
    expect(complaint(alerts(ignored('"'.repeat(room / 2))))).toContain('takes at most');
  });
});

describe('what contradicts itself is refused', () => {
  const existing = { bucket: 'central-flow-logs' };
  test.each([
    ['a place without a bucket', { accountId: '222222222222' }, 'raw.accountId: is for a bucket that exists'],
    ['events without a bucket', { events: 's3' }, 'raw.events: is for a bucket that exists'],
    [
      'the lifecycle of a bucket of others',
      { ...existing, expireAfterDays: 30 },
      'raw.expireAfterDays: is for a bucket that the stack creates',
    ],
    [
      'the lock of a bucket of others',
      { ...existing, objectLockDays: 30 },
      'raw.objectLockDays: is for a bucket that the stack creates',
    ],
    ['a topic that is missing', { ...existing, events: 'sns' }, 'raw.topicArn: is missing'],
    [
      'a topic that nothing uses',
      { ...existing, topicArn: TOPIC },
      'raw.topicArn: goes with events: sns only',
    ],
    [
      'a notification across Regions',
      { ...existing, region: 'us-east-1', events: 's3' },
      'raw.events: s3 reaches only queues in the Region of the bucket',
    ],
    [
      'a key of another Region than the bucket',
      { ...existing, region: 'us-east-1', kmsKeyArn: KEY },
      'raw.kmsKeyArn: takes a key in the Region of the bucket',
    ],
    [
      'archiving what is gone',
      { archiveAfterDays: 30, expireAfterDays: 30 },
      'raw.archiveAfterDays: takes fewer days',
    ],
    [
      'deleting what is locked',
      { objectLockDays: 365, expireAfterDays: 30 },
      'raw.expireAfterDays: takes at least as many days as raw.objectLockDays',
    ],
  ])('%s', (_, raw, message) => {
    expect(complaint({ region: 'eu-west-1', raw })).toContain(message);
  });

  test('a key of another Region than the lake', () => {
    expect(complaint({ region: 'us-east-1', lake: { kmsKeyArn: KEY } })).toContain(
      'lake.kmsKeyArn: takes a key in the Region of the stack',
    );
  });
});

test.each([
  ['created', {}],
  ['same-account-and-region', { bucket: 'logs' }],
  ['same-account-and-region', { bucket: 'logs', region: 'eu-west-1' }],
  ['other-account-or-region', { bucket: 'logs', region: 'us-east-1' }],
  ['other-account-or-region', { bucket: 'logs', accountId: '222222222222' }],
])('the raw bucket is %s with %o', (place, raw) => {
  expect(rawBucketPlace(stackParameters({ raw }))).toBe(place);
});

test.each(['prod', 'a', 'blue-2', 'abcdefghij0123456789'])('a stage may be called %s', (stage) => {
  expect(checkStage(stage)).toBe(stage);
});

test.each(['example', 'Prod', '2nd', 'a_b', '', '../etc', 'abcdefghij01234567890'])(
  'a stage may not be called "%s"',
  (stage) => {
    expect(() => checkStage(stage)).toThrow(`A stage can't be called "${stage}"`);
  },
);
