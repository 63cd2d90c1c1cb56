import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { ChangeMessageVisibilityCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type AwsStub, mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type FakeS3, fakeS3, type S3Request, s3Error } from '../shared/aws/fake-s3.ts';
import { KEY } from '../shared/lake/ingest-text.ts';
import { zstdDecompressFrames } from '../shared/lake/zstd-frames.ts';
import {
  type CapturedOutput,
  captureOutput,
  failedIds,
  lambdaContext,
  sqsEvent,
  stubEnvironment,
} from './invoke.ts';

const HEADER =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status';
const TIME = Date.UTC(2026, 10, 20, 5, 1) / 1000;
const LINE = `2 123456789010 eni-1235b8ca123456789 198.51.100.7 10.0.0.5 40000 22 6 2 96 ${TIME} ${TIME + 50} REJECT OK`;
const TEXT = `${HEADER}\n${LINE}\n`;

let s3: FakeS3;
// biome-ignore lint/suspicious/noExplicitAny: the stub's own types name every command
let sqs: AwsStub<any, any, any>;
let output: CapturedOutput;

beforeEach(() => {
  stubEnvironment();
  s3 = fakeS3();
  sqs = mockClient(SQSClient);
  sqs.onAnyCommand().resolves({});
  output = captureOutput();
});

afterEach(() => {
  s3.restore();
  sqs.restore();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  vi.useRealTimers();
});

/** Runs the function on a batch as Lambda does. */
async function ingest(bodies: readonly string[], remainingMilliseconds?: number) {
  vi.resetModules();
  const { handler } = await import('../../functions/ingest/handler.ts');
  return handler(sqsEvent(bodies), lambdaContext(remainingMilliseconds));
}

interface Announced {
  readonly key: string;
  readonly etag?: string;
  readonly size?: number;
  readonly versionId?: string;
}

/** S3's own notification. S3 encodes keys as form fields. */
function notification({ key, etag, size, versionId }: Announced, bucket = 'raw'): string {
  const encoded = encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/');
  const object = { key: encoded, size, eTag: etag, versionId, sequencer: '0055AED6DCD90281E5' };
  const record = {
    eventVersion: '2.6',
    eventSource: 'aws:s3',
    eventName: 'ObjectCreated:Put',
    s3: { s3SchemaVersion: '1.0', bucket: { name: bucket, arn: `arn:aws:s3:::${bucket}` }, object },
  };
  return JSON.stringify({ Records: [record] });
}

function putLog(key = KEY, text = TEXT): Announced {
  return s3.put('raw', key, gzipSync(text));
}

function lakeKeys(): string[] {
  return [...s3.contents('lake').keys()].map((key) => key.split('/')[0]!).sort();
}

/** What was sent to the dead-letter queue: the message's body and its reason. */
function deadLetters() {
  return sqs.commandCalls(SendMessageCommand).map(({ args: [{ input }] }) => ({
    queue: input.QueueUrl,
    body: input.MessageBody,
    reason: input.MessageAttributes?.reason?.StringValue,
    error: input.MessageAttributes?.error?.StringValue,
  }));
}

const only = (command: string, fail: () => void) => (request: S3Request) => {
  if (request.command === command) fail();
};

describe('a new object', () => {
  test('ends as records, findings and a receipt in the lake', async () => {
    const object = putLog();
    expect(await ingest([notification(object)])).toEqual({ batchItemFailures: [] });
    expect(lakeKeys()).toEqual(['findings', 'flow_logs', 'receipts']);
    const [key, records] = [...s3.contents('lake')].find(([name]) => name.startsWith('flow_logs/'))!;
    expect(key).toMatch(
      /^flow_logs\/aws_account_id=123456789010\/aws_region=eu-west-1\/day=2026-11-20\/hour=05\/123456789010-vpcflowlogs-.*-[0-9a-f]{32}\.json\.zst$/,
    );
    expect(JSON.parse(zstdDecompressFrames(records).toString())).toMatchObject({
      dstport: 22,
      action: 'REJECT',
    });
  });

  test('is told in one log line and in metrics, without what its records say', async () => {
    await ingest([notification(putLog())]);
    const lines = output.lines.filter(({ level }) => level === 'INFO');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      message: 'object ingested',
      service: 'ingest',
      source: `s3://raw/${KEY}`,
      lines: 1,
      records: 1,
      quarantined: 0,
      rejected: 1,
    });
    expect(JSON.stringify(lines)).not.toContain('198.51.100.7');
    expect(output.metric('ObjectsIngested')).toBe(1);
    expect(output.metric('RecordsIngested')).toBe(1);
    expect(output.metric('RejectedFlows')).toBe(1);
    expect(output.metric('BytesRead')).toBe(putLog().size);
    expect(output.metric('IngestLag')).toBeGreaterThan(0);
    expect(output.metric('ObjectsFailed')).toBeUndefined();
  });

  test('that is delivered again is skipped, and the lake stays as it is', async () => {
    const object = putLog();
    await ingest([notification(object)]);
    const before = s3.contents('lake');
    expect(await ingest([notification(object)])).toEqual({ batchItemFailures: [] });
    expect(s3.contents('lake')).toEqual(before);
    expect(output.metric('ObjectsSkipped')).toBe(1);
  });

  test('is asked for in the version and with the ETag of its notification', async () => {
    const { key, etag, size } = putLog();
    await ingest([notification({ key, etag: etag!, size: size!, versionId: 'v-7' })]);
    const [get] = s3.requests.filter(({ command }) => command === 'GetObject');
    expect(get!.input).toMatchObject({ Bucket: 'raw', Key: key, VersionId: 'v-7', IfMatch: `"${etag}"` });
  });

  test('takes four requests when it has one partition and nothing to tell', async () => {
    await ingest([notification(putLog(KEY, TEXT.replace('REJECT', 'ACCEPT')))]);
    // The object is asked for together with its receipt, which is hardly ever there.
    expect(s3.requests.map(({ command }) => command)).toEqual([
      'GetObject',
      'HeadObject',
      'PutObject',
      'PutObject',
    ]);
  });

  test('whose name has no time is partitioned by when it was last modified', async () => {
    const key = 'exports/flow log+1.log';
    const object = s3.put('raw', key, `srcaddr dstaddr bytes\n10.0.0.1 10.0.0.2 7\n`);
    await ingest([notification(object)]);
    const day = new Date().toISOString().slice(0, 10);
    expect([...s3.contents('lake').keys()].filter((name) => name.includes(`day=${day}`))).toHaveLength(2);
  });
});

test.each([
  ['without a stamp in its name', 'exports/today.log', `srcaddr dstaddr bytes\n10.0.0.1 10.0.0.2 7\n`],
  ['of AWS', KEY, TEXT],
])('an object %s that is copied onto itself is not ingested again', async (_, key, text) => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 10, 20, 12) });
  const object = s3.put('raw', key, text);
  await ingest([notification(object)]);
  const before = s3.contents('lake');
  vi.setSystemTime(Date.UTC(2026, 10, 23, 12));
  s3.put('raw', key, text);
  expect(await ingest([notification(object)])).toEqual({ batchItemFailures: [] });
  expect(s3.contents('lake')).toEqual(before);
  expect(output.metric('ObjectsSkipped')).toBe(1);
});

describe('a notification', () => {
  const eventBridge = ({ key, etag, size }: Announced) =>
    JSON.stringify({
      version: '0',
      'detail-type': 'Object Created',
      source: 'aws.s3',
      detail: { version: '0', bucket: { name: 'raw' }, object: { key, size, etag, 'version-id': 'v' } },
    });
  const wrapped = (object: Announced) =>
    JSON.stringify({ Type: 'Notification', MessageId: '1', Message: notification(object) });

  test.each([
    ['from S3', (object: Announced) => notification(object)],
    ['from S3 through SNS with raw delivery', (object: Announced) => notification(object)],
    ['from S3 through SNS, wrapped', wrapped],
    ['from EventBridge', eventBridge],
  ])('%s is understood', async (_, envelope) => {
    expect(await ingest([envelope(putLog())])).toEqual({ batchItemFailures: [] });
    expect(lakeKeys()).toEqual(['findings', 'flow_logs', 'receipts']);
  });

  test.each([
    'a folder/AWSLogs/123456789010/vpcflowlogs/eu-west-1/2026/11/20/1+1 = 2.log.gz',
    'AWSLogs/aws-account-id=123456789010/aws-service=vpcflowlogs/aws-region=eu-west-1/year=2026/month=11/day=20/x.log.gz',
    'prefix/100%25/%2F/naïve ☂/x.log.gz',
  ])('decodes the key %s', async (key) => {
    expect(await ingest([notification(putLog(key)), eventBridge(putLog(key))])).toEqual({
      batchItemFailures: [],
    });
    const read = s3.requests.filter(
      ({ command, input }) => command === 'GetObject' && input.Bucket === 'raw',
    );
    expect(read.map(({ input }) => input.Key)).toEqual([key, key]);
    expect(lakeKeys()).toContain('receipts');
  });

  test.each([
    [
      'the test that S3 sends once',
      '{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"raw"}',
      'test-event',
    ],
    [
      'a deletion',
      notification({ key: KEY }).replace('ObjectCreated:Put', 'ObjectRemoved:Delete'),
      'other-event',
    ],
    ['an empty object', notification({ key: KEY, size: 0 }), 'empty'],
    ['a folder marker', notification({ key: 'AWSLogs/_$folder$', size: 0 }), 'folder-marker'],
    [
      'CloudTrail',
      notification({ key: 'AWSLogs/123456789010/CloudTrail/a/b.json.gz', size: 9 }),
      'other-service',
    ],
    ['Parquet', notification({ key: KEY.replace('.gz', '.parquet'), size: 9 }), 'parquet'],
  ])('of %s is acknowledged and counted', async (_, body, reason) => {
    expect(await ingest([body])).toEqual({ batchItemFailures: [] });
    expect(s3.requests).toEqual([]);
    expect(output.metric('ObjectsIgnored')).toBe(1);
    expect(output.metric('ObjectsIgnored', reason)).toBe(1);
    expect(output.lines).toContainEqual(expect.objectContaining({ message: 'object ignored', reason }));
  });

  test.each([
    '',
    'hello',
    '{}',
    '[]',
    'null',
    '{"Records":[{"eventSource":"aws:s3"}]}',
    '{"Type":"Notification"}',
  ])('that is none (%j) goes to the dead-letter queue, alone', async (body) => {
    expect(await ingest([body, notification(putLog())])).toEqual({ batchItemFailures: [] });
    expect(deadLetters()).toMatchObject([
      {
        queue: 'https://sqs.eu-west-1.amazonaws.com/123456789012/queue-dlq',
        body,
        reason: 'not-a-notification',
      },
    ]);
    expect(lakeKeys()).toContain('receipts');
  });

  test('of several objects has all of them read, although the first one is broken', async () => {
    const broken = s3.put('raw', KEY.replace('fe123456', 'aa'), 'no flow log');
    const records = [broken, putLog()].map((object) => JSON.parse(notification(object)).Records[0]);
    const body = JSON.stringify({ Records: records });
    expect(await ingest([body])).toEqual({ batchItemFailures: [] });
    expect(deadLetters()).toMatchObject([{ body, reason: 'no-header' }]);
    expect(lakeKeys()).toContain('receipts');
  });
});

describe('an object that no retry will make readable', () => {
  test.each([
    ['is cut off', 'corrupt-gzip', () => s3.put('raw', KEY, gzipSync(TEXT).subarray(0, -5))],
    ['is no flow log', 'no-header', () => s3.put('raw', KEY, 'hello world')],
    ['is gone', 'gone', () => ({ key: KEY, etag: 'e', size: 10 })],
    ['was replaced', 'replaced', () => ({ ...putLog(), etag: 'other' })],
  ])('because it %s goes to the dead-letter queue at once with its reason', async (_, reason, put) => {
    const body = notification(put());
    expect(await ingest([body])).toEqual({ batchItemFailures: [] });
    expect(deadLetters()).toMatchObject([{ body, reason }]);
    expect(deadLetters()[0]!.error).toMatch(/\. .*\.$/);
    expect(s3.contents('lake').size).toBe(0);
    expect(output.metric('ObjectsFailed')).toBe(1);
    expect(output.lines).toContainEqual(
      expect.objectContaining({
        level: 'ERROR',
        message: 'object failed',
        source: `s3://raw/${KEY}`,
        reason,
      }),
    );
  });

  test('is delivered again if the dead-letter queue does not take it', async () => {
    sqs.on(SendMessageCommand).rejects(new Error('no access'));
    expect(failedIds(await ingest(['hello']))).toEqual(['message-1']);
  });
});

describe('what may pass', () => {
  const others = () =>
    Array.from({ length: 3 }, (_, i) => notification(putLog(KEY.replace('fe12345', `fe${i}`))));

  test.each([
    ['a denied read', s3Error('AccessDenied', 403)],
    [
      'a key that KMS does not let us use',
      s3Error('AccessDenied', 403, 'not authorized to perform: kms:Decrypt'),
    ],
    ['a disabled KMS key', s3Error('KMS.DisabledException', 400)],
    ['throttling', s3Error('SlowDown', 503)],
    ['an internal error', s3Error('InternalError', 500)],
    ['a connection that fails', Object.assign(new Error('connect ETIMEDOUT'), { name: 'TimeoutError' })],
  ])('%s keeps its message in the queue with a short delay, and no other', async (_, error) => {
    const object = putLog();
    s3.before = ({ command, input }) => {
      if (command === 'GetObject' && input.Key === object.key) throw error;
    };
    expect(failedIds(await ingest([...others(), notification(object)]))).toEqual(['message-4']);
    const [delay] = sqs.commandCalls(ChangeMessageVisibilityCommand).map(({ args }) => args[0].input);
    expect(delay).toMatchObject({ ReceiptHandle: 'handle of message-4' });
    expect(delay!.VisibilityTimeout).toBeGreaterThanOrEqual(15);
    expect(delay!.VisibilityTimeout).toBeLessThanOrEqual(30);
    expect(deadLetters()).toEqual([]);
    expect(lakeKeys().filter((folder) => folder === 'receipts')).toHaveLength(3);
  });

  test('says what a denied read needs', async () => {
    s3.before = only('GetObject', () => {
      throw s3Error('AccessDenied', 403, 'User: x is not authorized to perform: kms:Decrypt');
    });
    await ingest([notification(putLog())]);
    const line = output.lines.find(({ message }) => message === 'object failed');
    expect(line.error.message).toContain('kms:Decrypt');
    expect(line.error.message).toContain('s3:GetObject');
  });

  test.each([0, 1, 20, 60])(
    'a connection that breaks after %i bytes is read again from the beginning',
    async (cut) => {
      let reads = 0;
      s3.bodyOf = (content) => {
        if (reads++ > 0) return Readable.from([content]);
        return Readable.from(
          (async function* () {
            yield content.subarray(0, cut);
            throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
          })(),
        );
      };
      expect(await ingest([notification(putLog())])).toEqual({ batchItemFailures: [] });
      expect(reads).toBe(2);
      expect(lakeKeys()).toEqual(['findings', 'flow_logs', 'receipts']);
    },
  );

  test('a body that ends early without an error is not taken for the whole', async () => {
    s3.bodyOf = (content) => Readable.from([content.subarray(0, 0)]);
    expect(failedIds(await ingest([notification(putLog())]))).toEqual(['message-1']);
    expect(s3.requests.filter(({ command }) => command === 'GetObject')).toHaveLength(3);
    expect(s3.contents('lake').size).toBe(0);
  });

  test('a write that meets another one (409) is repeated', async () => {
    let conflicts = 0;
    s3.before = only('PutObject', () => {
      if (conflicts++ < 2) throw s3Error('ConditionalRequestConflict', 409);
    });
    expect(await ingest([notification(putLog())])).toEqual({ batchItemFailures: [] });
    expect(lakeKeys()).toEqual(['findings', 'flow_logs', 'receipts']);
  });

  test('a write whose answer is lost is found in the lake, and the object is done', async () => {
    s3.after = only('PutObject', () => {
      throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
    });
    expect(await ingest([notification(putLog())])).toEqual({ batchItemFailures: [] });
    expect(lakeKeys()).toEqual(['findings', 'flow_logs', 'receipts']);
    expect(output.metric('ObjectsIngested')).toBe(1);
    expect(output.metric('ObjectsSkipped')).toBeUndefined();
    expect(output.metric('MixedBuild')).toBeUndefined();
  });

  test('a write that fails before its effect is left to the next delivery', async () => {
    s3.before = only('PutObject', () => {
      throw s3Error('InternalError', 500);
    });
    expect(failedIds(await ingest([notification(putLog())]))).toEqual(['message-1']);
    expect(s3.contents('lake').size).toBe(0);
  });

  test('outputs of a crashed delivery are kept, and one of another build is reported', async () => {
    const object = putLog();
    await ingest([notification(object)]);
    const [records] = [...s3.contents('lake').keys()].filter((key) => key.startsWith('flow_logs/'));
    const [findings] = [...s3.contents('lake').keys()].filter((key) => key.startsWith('findings/'));
    const kept = s3.contents('lake').get(findings!)!;
    s3.restore();
    s3 = fakeS3();
    putLog();
    s3.put('lake', findings!, kept);
    s3.put('lake', records!, 'written by another build');
    expect(await ingest([notification(object)])).toEqual({ batchItemFailures: [] });
    expect(s3.contents('lake').get(records!)!.toString()).toBe('written by another build');
    expect(output.metric('MixedBuild')).toBe(1);
  });
});

test('with ten seconds left what runs is stopped and reported, to be delivered again at once', async () => {
  s3.before = ({ command, input }) => {
    if (command !== 'GetObject' || !input.Key.includes('slow')) return;
    return new Promise((_, reject) => {
      setTimeout(() => reject(Object.assign(new Error('aborted'), { name: 'AbortError' })), 200);
    });
  };
  const slow = putLog(KEY.replace('fe123456', 'slow'));
  const response = await ingest([notification(slow), notification(putLog())], 10_050);
  expect(failedIds(response)).toEqual(['message-1']);
  const [delay] = sqs.commandCalls(ChangeMessageVisibilityCommand).map(({ args }) => args[0].input);
  expect(delay!.VisibilityTimeout).toBe(0);
  expect(output.lines.find(({ message }) => message === 'object failed').error.name).toBe('OutOfTimeError');
});

test('what a crash left in the temporary folder is removed at the next start', async () => {
  const left = join(tmpdir(), 'flowlogs-ingest', 'left');
  mkdirSync(dirname(left), { recursive: true });
  writeFileSync(left, 'x');
  await ingest([]);
  expect(existsSync(left)).toBe(false);
});

test('a wrong variable fails the start with its name', async () => {
  stubEnvironment({ OUTPUT_COMPRESSION: 'lzma' });
  await expect(ingest([])).rejects.toThrow(
    "The function ingest can't start: OUTPUT_COMPRESSION is wrong. It takes zstd or gzip, or all changes",
  );
});
