import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { objectId } from '../../shared/lake/layout.ts';
import type { Receipt } from '../../shared/lake/receipt.ts';
import type { NotifiedObject } from './harness/notifications.ts';
import { answerOf, type Operator, startOperator } from './harness/operator.ts';
import { type Lake, type Pipeline, startPipeline } from './harness/pipeline.ts';

/** An object was ingested by a release that read it wrongly. Someone has it ingested again. */

const FOLDER = 'AWSLogs/123456789010/vpcflowlogs/eu-west-1/2014/12/14';
const KEY = `${FOLDER}/123456789010_vpcflowlogs_eu-west-1_fl-1234abcd_20141214T0405Z_fe123456.log.gz`;
const OTHER = KEY.replace('fe123456', 'other');
const LOG = `version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status
2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 REJECT OK
2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 wrong 1418530010 1418530070 REJECT OK
`;

let pipeline: Pipeline;
let operator: Operator;
let object: NotifiedObject;
/** The lake as the deployed release makes it. */
let right: Lake;
/** The receipt of `KEY`, and where it lies. */
let receipt: Receipt;
let receiptKey: string;

beforeAll(async () => {
  pipeline = await startPipeline();
  operator = await startOperator(pipeline);
  await pipeline.take('IngestQueue');
  object = await pipeline.put(KEY, LOG);
  await pipeline.put(OTHER, LOG);
  await pipeline.pumpWithoutFailures();
  right = await pipeline.lake();
  receipt = right.receipts.find(({ key }) => key === KEY)!;
  receiptKey = `receipts/day=2014-12-14/${objectId(object)}.json`;
});

afterAll(() => pipeline?.dispose());

async function write(Key: string, Body: string): Promise<void> {
  await pipeline.s3.send(new PutObjectCommand({ Bucket: pipeline.names.LakeBucket, Key, Body }));
}

async function writeReceipt(changes: Partial<Receipt> = {}): Promise<void> {
  await write(receiptKey, JSON.stringify({ ...receipt, finished: '2026-01-01T00:00:00.000Z', ...changes }));
}

/** What an older release wrote: other content, and records in a partition that is not theirs. */
beforeEach(async () => {
  await pipeline.take('IngestQueue');
  const [records] = receipt.outputs;
  const elsewhere = records!.key.replace('hour=04', 'hour=05');
  await write(records!.key, 'records of an older release');
  await write(elsewhere, 'records that are not there today');
  await writeReceipt({ outputs: [...receipt.outputs, { key: elsewhere, records: 1, bytes: 1 }] });
});

const source = () => `s3://${pipeline.names.RawBucket}/${KEY}`;

/** What the lake holds, but for receipts, which tell when. */
const outputsOf = ({ etags }: Lake) =>
  Object.fromEntries(Object.entries(etags).filter(([key]) => !key.startsWith('receipts/')));

async function keysOfLake(): Promise<(string | undefined)[]> {
  const Bucket = pipeline.names.LakeBucket;
  const { Contents = [] } = await pipeline.s3.send(new ListObjectsV2Command({ Bucket }));
  return Contents.map(({ Key }) => Key);
}

test('a dry run tells what would be removed, and removes nothing', async () => {
  const before = await keysOfLake();
  const { status, stdout, stderr } = await operator.flowlogs(
    'reprocess',
    source(),
    '--dry-run',
    '-o',
    'json',
  );
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject([{ outcome: 'would-remove', 'records before': 1 }]);
  expect(stderr).toContain(`would remove ${receipt.outputs[0]!.key}`);
  expect(await keysOfLake()).toEqual(before);
  expect(await pipeline.take('IngestQueue')).toEqual([]);
});

test('afterwards the lake is as if the older release had never been there', async () => {
  const running = operator.flowlogs('reprocess', source(), '--wait', '50', '-o', 'json');
  let isOver = false;
  void running.finally(() => {
    isOver = true;
  });
  while (!isOver) await pipeline.pump();
  expect(answerOf(await running)).toEqual([
    {
      ...{ source: source(), outcome: 'ingested', 'outputs before': 4, 'records before': 1 },
      ...{ 'quarantined before': 1, outputs: 3, records: 1, quarantined: 1 },
    },
  ]);
  await pipeline.pumpWithoutFailures();
  const lake = await pipeline.lake();
  expect(outputsOf(lake)).toEqual(outputsOf(right));
  expect(lake.receipts).toHaveLength(2);
});

test.each([
  ['before the first object is removed', 0],
  ['when some outputs are gone', 2],
  ['when all outputs are gone', 4],
])('stopped %s, the same command goes on from there', async (_, removed) => {
  const elsewhere = receipt.outputs[0]!.key.replace('hour=04', 'hour=05');
  const outputs = [...receipt.outputs.map(({ key }) => key), elsewhere];
  for (const Key of outputs.slice(0, removed)) {
    await pipeline.s3.send(new DeleteObjectCommand({ Bucket: pipeline.names.LakeBucket, Key }));
  }
  // With its receipt the object is left alone, whoever announces it.
  expect(answerOf(await operator.flowlogs('reprocess', source(), '--wait', '0', '-o', 'json'))).toMatchObject(
    [{ outcome: 'sent' }],
  );
  await pipeline.pumpWithoutFailures();
  expect(outputsOf(await pipeline.lake())).toEqual(outputsOf(right));
});

test('stopped when the receipt is gone too, the same command has the object ingested', async () => {
  const elsewhere = receipt.outputs[0]!.key.replace('hour=04', 'hour=05');
  for (const Key of [...receipt.outputs.map(({ key }) => key), elsewhere, receiptKey]) {
    await pipeline.s3.send(new DeleteObjectCommand({ Bucket: pipeline.names.LakeBucket, Key }));
  }
  answerOf(await operator.flowlogs('reprocess', source(), '--wait', '0', '-o', 'json'));
  await pipeline.pumpWithoutFailures();
  expect(outputsOf(await pipeline.lake())).toEqual(outputsOf(right));
});

test.each([
  ['has just been ingested', () => writeReceipt({ finished: new Date().toISOString() }), /still be at work/],
  [
    "whose receipt lists another object's output",
    () => {
      const [foreign] = right.receipts.find(({ key }) => key === OTHER)!.outputs;
      return writeReceipt({ outputs: [foreign!] });
    },
    /which is not made of this object.*Nothing was removed/,
  ],
  [
    'whose receipt lists what is no output',
    () =>
      writeReceipt({ outputs: [{ key: `athena-results/${objectId(object)}.json`, records: 0, bytes: 0 }] }),
    /lists athena-results/,
  ],
  ['whose receipt is about another one', () => writeReceipt({ etag: 'other' }), /is about another object/],
])('nothing is removed of an object that %s', async (_, change, message) => {
  await change();
  const { status, stderr } = await operator.flowlogs('reprocess', source(), '--wait', '0');
  expect(status).toBe(1);
  expect(stderr).toMatch(message);
  expect(await pipeline.take('IngestQueue')).toEqual([]);
});

test('nothing is removed of an object that is not there any more', async () => {
  const gone = `${source()}-gone`;
  const { status, stderr } = await operator.flowlogs('reprocess', gone, '--wait', '0');
  expect(status).toBe(1);
  expect(stderr).toContain('nothing could take the place of what was made of it');
});

test.each([
  ['a file name', 'vpcflowlogs.log.gz'],
  ['an object of another bucket', 's3://other/key'],
])('%s is wrong usage', async (_, name) => {
  const { status, stderr } = await operator.flowlogs('reprocess', name);
  expect(status).toBe(2);
  expect(stderr).toContain(pipeline.names.RawBucket);
});
