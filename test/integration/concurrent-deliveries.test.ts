import type { SQSEvent } from 'aws-lambda';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { generateFlowLogs } from '../../generator/generate.ts';
import { recordOf } from './harness/event-source.ts';
import { type Lake, type Pipeline, startPipeline } from './harness/pipeline.ts';

/** Two instances of ingest get the same messages at the same time. */

const LOGS = [...generateFlowLogs({ records: 3_000 })];
const RECORDS = LOGS.reduce((sum, { records }) => sum + records, 0);

let pipeline: Pipeline;
let lake: Lake;

beforeAll(async () => {
  pipeline = await startPipeline();
  await Promise.all(LOGS.map(({ key, text }) => pipeline.put(key, Buffer.concat(text).toString())));
  const messages = await pipeline.take('IngestQueue');
  const Records = messages.map((message) => recordOf(message, 'arn:aws:sqs:eu-west-1:123456789012:ingest'));
  const events: SQSEvent[] = [{ Records }, { Records: Records.toReversed() }];
  const instances = [pipeline.fn('ingest'), pipeline.anotherInstance('ingest')];
  const invocations = await Promise.all(instances.map((instance, index) => instance.invoke(events[index])));
  for (const { response, output } of invocations) expect(response, output).toEqual({ batchItemFailures: [] });
  lake = await pipeline.lake();
});

afterAll(() => pipeline?.dispose());

test('every record is in the lake once', () => {
  const rows = [...lake.records.values()].flat().length;
  expect(rows).toBe(RECORDS);
});

test('every object has one receipt, which tells of just the objects that are there', () => {
  expect(lake.receipts.map(({ key }) => key).toSorted()).toEqual(LOGS.map(({ key }) => key).toSorted());
  const told = lake.receipts.flatMap(({ outputs }) => outputs.map(({ key }) => key));
  const there = Object.keys(lake.etags).filter((key) => !key.startsWith('receipts/'));
  expect(told.toSorted()).toEqual(there.toSorted());
});

test('no output differs between the two', () => {
  expect(lake.receipts.map((receipt) => receipt.mixed_builds)).toEqual(LOGS.map(() => 0));
});
