import type { S3Client } from '@aws-sdk/client-s3';
import type { SQSRecord } from 'aws-lambda';
import fc from 'fast-check';
import { ingestMessage } from '../../functions/ingest/ingest-message.ts';
import { notificationOf, parseNotification } from '../../shared/aws/object-created.ts';
import { PermanentError } from '../../shared/errors.ts';
import { objectId, objectKey } from '../../shared/lake/layout.ts';
import { ignoreReason, isRegion, parseSourceKey } from '../../shared/lake/source-key.ts';
import { createBudget } from '../../shared/lambda/budget.ts';
import { processBatch } from '../../shared/lambda/sqs-batch.ts';
import { s3Error } from '../shared/aws/fake-s3.ts';
import { KEY, SETTINGS } from '../shared/lake/ingest-text.ts';
import { memoryStore } from '../shared/lake/memory-store.ts';

const ACCOUNT = '123456789010';
const FILE = `${ACCOUNT}_vpcflowlogs_eu-west-1_fl-1234abcd_20261120T0500Z_fe123456`;

/** Parts of keys, right ones and wrong ones. */
const keyPart = fc.oneof(
  fc.constantFrom(
    'AWSLogs',
    'awslogs',
    'prefix',
    'o-a1b2c3d4e5',
    ACCOUNT,
    `aws-account-id=${ACCOUNT}`,
    '12345678901',
  ),
  fc.constantFrom(
    'vpcflowlogs',
    'aws-service=vpcflowlogs',
    'CloudTrail',
    'elasticloadbalancing',
    'service=Config',
  ),
  fc.constantFrom(
    'eu-west-1',
    'aws-region=us-gov-west-1',
    'eu-west-1/..',
    'EU-WEST-1',
    '2026',
    'year=2026',
    '11',
    'hour=25',
  ),
  fc.constantFrom(`${FILE}.log.gz`, `${FILE}.parquet`, 'some.log', '_$folder$', '', '.', '..', '...'),
  fc
    .tuple(fc.integer({ min: 1970, max: 9999 }), fc.nat(99), fc.nat(99), fc.nat(99), fc.nat(99))
    .map(([year, ...rest]) => {
      const [month, day, hour, minute] = rest.map((part) => String(part).padStart(2, '0'));
      return FILE.replace('20261120T0500Z', `${year}${month}${day}T${hour}${minute}Z`);
    }),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.string({ maxLength: 8 }),
  fc.constantFrom(
    'a-'.repeat(400),
    '-'.repeat(600),
    'AWSLogs/'.repeat(100),
    '1'.repeat(900),
    '\ud800',
    '%2e%2e%2f',
    "'; DROP TABLE",
  ),
);

/** Object keys: AWS's layouts, taken apart and put together. */
export const objectKeyText: fc.Arbitrary<string> = fc.oneof(
  fc.array(keyPart, { maxLength: 12 }).map((parts) => parts.join('/')),
  fc
    .tuple(fc.constantFrom('', 'prefix/', 'o/'), keyPart)
    .map(([prefix, file]) => prefix + KEY.replace(/[^/]*$/, file)),
);

/**
 * Checks what is read out of an object's key.
 *
 * @throws Error that says what is wrong.
 */
export function checkKey(key: string): void {
  const { accountId, region, flowLogId, stamp } = parseSourceKey(key);
  if (accountId !== undefined && !/^\d{12}$/.test(accountId)) throw new Error(`account: ${accountId}`);
  if (region !== undefined && (!isRegion(region) || region.length > 32)) throw new Error(`Region: ${region}`);
  if (flowLogId !== undefined && !/^fl-[0-9a-f]+$/.test(flowLogId)) throw new Error(`flow log: ${flowLogId}`);
  if (stamp !== undefined && stamp % 60 !== 0) throw new Error(`stamp: ${stamp}`);
  const reason = ignoreReason(key, 1);
  if (reason === 'empty') throw new Error('an object of one byte is not empty');
  if (ignoreReason(key, 0) === undefined) throw new Error('an object of no bytes is empty');
  const id = objectId({ bucket: 'raw', key, etag: 'e' });
  if (!/^[A-Za-z0-9-]{1,80}-[0-9a-f]{32}$/.test(id)) throw new Error(`id: ${id}`);
  const receipt = objectKey('receipts', stamp ?? 0, id);
  if (!/^receipts\/day=\d{4}-\d{2}-\d{2}\/[A-Za-z0-9-]+\.json$/.test(receipt))
    throw new Error(`key: ${receipt}`);
}

const s3Message = (key: string, more: object = {}) => ({
  Records: [
    {
      eventVersion: '2.6',
      eventSource: 'aws:s3',
      eventName: 'ObjectCreated:Put',
      s3: {
        s3SchemaVersion: '1.0',
        bucket: { name: 'raw', arn: 'arn:aws:s3:::raw' },
        object: { key: encodeURIComponent(key), size: 100, eTag: 'e', sequencer: '0055AED6DCD90281E5' },
      },
      ...more,
    },
  ],
});

/** Messages as AWS sends them. */
const realMessage: fc.Arbitrary<object> = objectKeyText.chain((key) => {
  const wellFormed = key.toWellFormed();
  return fc.constantFrom<object>(
    s3Message(wellFormed),
    s3Message(wellFormed, { eventName: 'ObjectRemoved:Delete' }),
    { Type: 'Notification', MessageId: 'm', Message: JSON.stringify(s3Message(wellFormed)) },
    { Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'raw' },
    {
      version: '0',
      source: 'aws.s3',
      'detail-type': 'Object Created',
      detail: { bucket: { name: 'raw' }, object: { key: wellFormed, size: 100, etag: 'e' } },
    },
  );
});

const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    null,
    true,
    0,
    1,
    -1,
    1.5,
    -1e308,
    2 ** 60,
    '',
    'x',
    [],
    {},
    [[]],
    '%',
    '%E0%A4%A',
    '+',
    'a'.repeat(3000),
  ),
  fc.constantFrom<unknown>(
    'Object Created',
    'aws:s3',
    'ObjectCreated:',
    '{}',
    'null',
    '"',
    '\u0000\u001b[31m',
  ),
  fc.jsonValue({ maxDepth: 2 }),
);

/** Puts a value somewhere into a message. */
function withValue(message: unknown, path: readonly number[], value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined || typeof message !== 'object' || message === null) return value;
  const names = Object.keys(message);
  const name = names[step % Math.max(1, names.length)];
  if (name === undefined) return value;
  const member = withValue((message as Record<string, unknown>)[name], rest, value);
  if (Array.isArray(message)) return message.with(Number(name), member);
  return { ...message, [name]: member };
}

const slip = fc.tuple(
  fc.nat(),
  fc.constantFrom(0, 1, 30),
  fc.constantFrom('', '"', '}', '\\', '\u0000', '1e999', '__proto__'),
);

/** Bodies of queue messages: real ones, real ones with something wrong, and anything. */
export const messageBody: fc.Arbitrary<string> = fc.oneof(
  { weight: 2, arbitrary: realMessage.map((message) => JSON.stringify(message)) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(realMessage, fc.array(fc.nat(8), { maxLength: 6 }), oddValue)
      .map(([message, path, value]) => JSON.stringify(withValue(message, path, value)) ?? ''),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(realMessage, slip).map(([message, [at, remove, insert]]) => {
      const body = JSON.stringify(message);
      const place = at % body.length;
      return body.slice(0, place) + insert + body.slice(place + remove);
    }),
  },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('[', '{"Records":', '{"Message":'), fc.nat(50_000))
      .map(([open, times]) => open.repeat(times)),
  },
);

const GOOD_KEYS = [KEY, KEY.replace('0500Z', '0505Z')];
const GOOD_TEXT = 'srcaddr bytes\n10.0.0.1 1\n';

/**
 * Checks what is made of a message: objects, or an error that says what is wrong; and that it spoils only itself, between
 * two others in a batch.
 *
 * @throws Error that says what is wrong.
 */
export async function checkMessage(body: string): Promise<void> {
  try {
    const { objects } = parseNotification(body);
    for (const { bucket, key, etag, size, versionId } of objects) {
      const texts = [bucket, key, etag ?? 'e', versionId ?? 'v'];
      if (texts.some((text) => typeof text !== 'string')) throw new Error('no text');
      if (size !== undefined && !Number.isFinite(size)) throw new Error(`size: ${size}`);
      checkKey(key);
    }
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    if (error.reason !== 'not-a-notification') throw new Error(`another reason: ${error.reason}`);
    // It becomes an attribute of the message in the dead-letter queue.
    if (!/^[\x20-\x7e]{1,300}$/.test(error.message)) throw new Error(`unfit for people: ${error.message}`);
  }

  const rejected: string[] = [];
  const lake = memoryStore();
  const messages = [good(0), sqsRecord(body, 'fuzzed'), good(1)];
  const { batchItemFailures } = await processBatch(
    messages,
    (message: SQSRecord) =>
      ingestMessage(message.body, {
        s3: someObjects(),
        lake,
        settings: SETTINGS,
        budget: createBudget(1000 * 1024 * 1024),
        report: { done() {}, failed() {}, readAgain() {}, ignored() {} },
        signal: new AbortController().signal,
      }),
    { delay: async () => {}, reject: async ({ messageId }) => void rejected.push(messageId) },
    { logger: QUIET },
  );
  if (batchItemFailures.length > 0)
    throw new Error(`stays in the queue: ${JSON.stringify(batchItemFailures)}`);
  if (rejected.some((id) => id !== 'fuzzed')) throw new Error(`${rejected} are rejected with it`);
  const receipts = [...lake.objects.keys()].filter((key) => key.startsWith('receipts/'));
  if (receipts.length < GOOD_KEYS.length) throw new Error('the other messages are not done');
}

/** What `processBatch` looks at. */
function sqsRecord(body: string, messageId: string): SQSRecord {
  return { messageId, body, attributes: { ApproximateReceiveCount: '1' } } as SQSRecord;
}

function good(index: number): SQSRecord {
  const key = GOOD_KEYS[index]!;
  return sqsRecord(
    notificationOf({ bucket: 'raw', key, etag: 'e', size: GOOD_TEXT.length, versionId: undefined }),
    key,
  );
}

/** S3 with the good objects and no others. */
function someObjects(): S3Client {
  const send = async ({ input }: { input: { Bucket: string; Key: string } }) => {
    if (input.Bucket !== 'raw' || !GOOD_KEYS.includes(input.Key)) throw s3Error('NoSuchKey', 404);
    const bytes = Buffer.from(GOOD_TEXT);
    return { Body: [bytes], ContentLength: bytes.length, ETag: '"e"', LastModified: new Date(0) };
  };
  return { send } as unknown as S3Client;
}

const QUIET = { info() {}, warn() {}, error() {} } as unknown as Parameters<typeof processBatch>[3]['logger'];
