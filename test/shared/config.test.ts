import { describe, expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../shared/alerts/policy.ts';
import { readConfig } from '../../shared/config.ts';

const INGEST = {
  STAGE: 'prod',
  LAKE_BUCKET: 'flowlogs-prod-lake-123456789012-eu-west-1',
  QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/123456789012/flowlogs-prod-ingest',
  DEAD_LETTER_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/123456789012/flowlogs-prod-ingest-dlq',
};

describe('the configuration of a function', () => {
  test('is what the environment says, and defaults for the rest', () => {
    expect(readConfig('ingest', { ...INGEST, MAX_INFLATED_BYTES: '1000', UNRELATED: 'x' })).toEqual({
      ...INGEST,
      OUTPUT_COMPRESSION: 'zstd',
      MAX_INFLATED_BYTES: 1000,
      FLOW_LOG_FORMAT: undefined,
      INSIDE_RANGES: [],
      ON_PREMISES_RANGES: [],
    });
  });

  test('reads a format of objects without a header', () => {
    const { FLOW_LOG_FORMAT } = readConfig('ingest', { ...INGEST, FLOW_LOG_FORMAT: 'srcaddr dstaddr' });
    expect(FLOW_LOG_FORMAT!.columns.map(({ name }) => name)).toEqual(['srcaddr', 'dstaddr']);
  });

  test('names every variable that is missing and what it takes', () => {
    expect(() => readConfig('ingest', { STAGE: 'prod', OUTPUT_COMPRESSION: 'gzip' })).toThrow(
      "The function ingest can't start: LAKE_BUCKET is missing. It takes the name of the lake bucket. " +
        "QUEUE_URL is missing. It takes the URL of the function's own queue. " +
        "DEAD_LETTER_QUEUE_URL is missing. It takes the URL of the queue's dead-letter queue.",
    );
  });

  test.each([
    ['LAKE_BUCKET', 'Not A Bucket'],
    ['LAKE_BUCKET', ''],
    ['QUEUE_URL', 'flowlogs-prod-ingest'],
    ['OUTPUT_COMPRESSION', 'lzma'],
    ['MAX_INFLATED_BYTES', '8 GB'],
    ['MAX_INFLATED_BYTES', '0'],
  ])('refuses %s=%j with its name', (name, value) => {
    expect(() => readConfig('ingest', { ...INGEST, [name]: value })).toThrow(`${name} is wrong. It takes `);
  });

  test('says what is wrong with a format', () => {
    expect(() => readConfig('ingest', { ...INGEST, FLOW_LOG_FORMAT: 'src!addr' })).toThrow(
      /FLOW_LOG_FORMAT is wrong\. .*"src!addr" is not a field name/,
    );
  });

  test('reads networks with commas between them', () => {
    const INSIDE_RANGES = '100.64.0.0/10,fd00:ec2::/32';
    expect(readConfig('ingest', { ...INGEST, INSIDE_RANGES }).INSIDE_RANGES).toEqual([
      '100.64.0.0/10',
      'fd00:ec2::/32',
    ]);
    expect(readConfig('ingest', { ...INGEST, ON_PREMISES_RANGES: '' }).ON_PREMISES_RANGES).toEqual([]);
  });

  test.each(['10.0.0.0', '10.0.0.0/33', '10.0.0.0/8 fd00::/8', 'inside'])(
    'refuses the network %j',
    (range) => {
      expect(() => readConfig('ingest', { ...INGEST, INSIDE_RANGES: `10.0.0.0/8,${range}` })).toThrow(
        `INSIDE_RANGES is wrong. It takes networks with commas between them, or nothing. "${range}" is no network`,
      );
    },
  );
});

describe('the configuration of those who tell people', () => {
  const ALERTING = {
    STAGE: 'prod',
    LAKE_BUCKET: INGEST.LAKE_BUCKET,
    SITUATION_TABLE: 'flowlogs-prod-situations',
    ALERT_TOPIC_ARN: 'arn:aws:sns:eu-west-1:123456789012:flowlogs-prod-alerts',
    ATHENA_DATABASE: 'flowlogs_prod',
  };

  test('has the usual policy and no chat unless told', () => {
    expect(readConfig('alert-schedule', ALERTING)).toEqual({
      ...ALERTING,
      ALERT_POLICY: DEFAULT_POLICY,
      CHAT_TOPIC_ARN: undefined,
    });
  });

  test('reads a policy as people wrote it', () => {
    const { ALERT_POLICY } = readConfig('alert-schedule', {
      ...ALERTING,
      ALERT_POLICY: '{"quietMinutes":120}',
    });
    expect(ALERT_POLICY).toEqual({ ...DEFAULT_POLICY, quietSeconds: 7_200 });
  });

  test.each([
    ['{"quietMinutes":1}', 'quietMinutes: takes a number from 5'],
    ['{"quietHours":1}', 'quietHours'],
    ['quiet', 'JSON'],
  ])('says what is wrong with the policy %s', (ALERT_POLICY, problem) => {
    expect(() => readConfig('alert-schedule', { ...ALERTING, ALERT_POLICY })).toThrow(
      new RegExp(`ALERT_POLICY is wrong\\. It takes an alert policy as JSON.*${problem}`),
    );
  });

  test('names a topic for chats that is none', () => {
    expect(() => readConfig('alert-schedule', { ...ALERTING, CHAT_TOPIC_ARN: 'chat' })).toThrow(
      'CHAT_TOPIC_ARN is wrong. It takes the ARN of an SNS topic, or nothing.',
    );
  });
});
