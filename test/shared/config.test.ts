import { describe, expect, test } from 'vitest';
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
});
