import { DeleteObjectsCommand, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { planReprocess, type ReprocessPlaces, reprocess } from '../../operate/reprocess.ts';
import { parseNotification } from '../../shared/aws/object-created.ts';
import type { ListedObject } from '../../shared/aws/s3-listing.ts';
import { removeObjects } from '../../shared/aws/s3-remove-objects.ts';
import type { Sender } from '../../shared/aws/sqs-sender.ts';
import { objectId } from '../../shared/lake/layout.ts';
import type { Receipt } from '../../shared/lake/receipt.ts';

const KEY =
  'AWSLogs/123456789010/vpcflowlogs/eu-west-1/2026/11/20/123456789010_vpcflowlogs_eu-west-1_fl-1234abcd_20261120T0500Z_fe123456.log.gz';
const NOW = Date.UTC(2026, 10, 21) / 1000;
const OBJECT: ListedObject = { key: KEY, etag: 'e1', size: 100, lastModified: NOW - 3600, isArchived: false };
const ID = objectId({ bucket: 'raw', key: KEY, etag: 'e1' });
const RECEIPT_KEY = `receipts/day=2026-11-20/${ID}.json`;
const RECORDS = `flow_logs/aws_account_id=123456789010/aws_region=eu-west-1/day=2026-11-20/hour=05/${ID}.json.zst`;
const FINDINGS = `findings/day=2026-11-20/${ID}.json`;

/** What happened, in order. */
let steps: string[];
let lake: Map<string, string>;
let raw: ListedObject[];
/** The step at which the command is stopped. */
let stopAt: number;

function step(text: string): void {
  if (steps.length === stopAt) throw new Error('stopped');
  steps.push(text);
}

beforeEach(() => {
  steps = [];
  stopAt = Number.POSITIVE_INFINITY;
  raw = [OBJECT, { ...OBJECT, key: `${KEY}.bak` }];
  const receipt: Partial<Receipt> = {
    ...{ bucket: 'raw', key: KEY, etag: 'e1', finished: '2026-11-20T05:30:00.000Z' },
    outputs: [RECORDS, FINDINGS].map((key) => ({ key, records: 1, bytes: 1 })),
  };
  lake = new Map([
    [RECORDS, 'old'],
    [FINDINGS, 'old'],
    [RECEIPT_KEY, JSON.stringify(receipt)],
    ['flow_logs/other', 'of another object'],
  ]);
});

const ingestQueue: Sender = {
  sent: 0,
  send: async (body) => step(`send ${parseNotification(body).objects[0]!.key}`),
  flush: async () => {},
};

const places: ReprocessPlaces = {
  rawBucket: 'raw',
  raw: {
    async *objects(prefix) {
      yield* raw.filter(({ key }) => key.startsWith(prefix));
    },
  },
  lake: {
    async get(key) {
      const content = lake.get(key);
      return content === undefined
        ? undefined
        : (async function* () {
            yield Buffer.from(content);
          })();
    },
  },
  async remove(keys) {
    step(`remove ${keys.length}`);
    for (const key of keys) lake.delete(key);
  },
  ingestQueue,
};

const run = async () => reprocess(await planReprocess(KEY, places, NOW), places);

test('outputs go first, the receipt last, and only then is the object announced', async () => {
  await run();
  expect(steps).toEqual(['remove 2', 'remove 2', `send ${KEY}`]);
  expect([...lake.keys()]).toEqual(['flow_logs/other']);
});

describe('wherever it stops,', () => {
  test.each([0, 1, 2])('after %d steps, doing it again ends the same', async (after) => {
    stopAt = after;
    await expect(run()).rejects.toThrow('stopped');
    // With outputs gone and their receipt there, ingest leaves the object alone; without receipt it is a new one.
    if (lake.has(RECEIPT_KEY)) expect(steps.length).toBeLessThan(2);
    else expect([...lake.keys()]).toEqual(['flow_logs/other']);
    stopAt = Number.POSITIVE_INFINITY;
    await run();
    expect([...lake.keys()]).toEqual(['flow_logs/other']);
    expect(steps.at(-1)).toBe(`send ${KEY}`);
  });
});

test.each<[string, () => void, RegExp]>([
  ['gone', () => raw.shift(), /is not there/],
  ['archived', () => raw.splice(0, 1, { ...OBJECT, isArchived: true }), /Restore it from Glacier/],
  ['of no use to ingest', () => raw.splice(0, 1, { ...OBJECT, size: 0 }), /nothing that ingest reads/],
])('of an object that is %s nothing is removed', async (_, change, message) => {
  change();
  await expect(run()).rejects.toThrow(message);
  expect(steps).toEqual([]);
});

test('an object that was overwritten has no receipt: what was made of its old content stays', async () => {
  raw[0] = { ...OBJECT, etag: 'e2' };
  await run();
  expect(steps).toEqual([`send ${KEY}`]);
  expect(lake.has(RECORDS)).toBe(true);
});

describe('removing', () => {
  const mock = mockClient(S3Client);
  afterEach(() => {
    mock.reset();
  });

  test('takes a thousand objects a request', async () => {
    mock.on(DeleteObjectsCommand).resolves({});
    await removeObjects(
      new S3Client({}),
      'lake',
      Array.from({ length: 1001 }, (_, index) => `k${index}`),
    );
    expect(
      mock.commandCalls(DeleteObjectsCommand).map(({ args: [{ input }] }) => input.Delete!.Objects!.length),
    ).toEqual([1000, 1]);
  });

  test('fails when S3 refuses one of them, although it answers', async () => {
    mock.on(DeleteObjectsCommand).resolves({ Errors: [{ Key: 'k1', Code: 'AccessDenied', Message: 'no' }] });
    await expect(removeObjects(new S3Client({}), 'lake', ['k0', 'k1'])).rejects.toThrow(
      /1 of 2 objects were not removed, s3:\/\/lake\/k1 among them: AccessDenied no/,
    );
  });
});
