import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { generateFlowLogs } from '../../generator/generate.ts';
import { generateSingleObject } from '../../generator/single-object.ts';
import { PART_BYTES } from '../../shared/aws/s3-create-object.ts';
import { dimensionsOf, metricsOf, totals } from './harness/output.ts';
import { type Lake, type Pipeline, startPipeline } from './harness/pipeline.ts';

/**
 * One object as large as AWS makes them on a busy day, and more varied: a busy VPC's five minutes and hours of three
 * VPCs and a transit gateway, in several gzip members with a header each.
 */
const KEY =
  'AWSLogs/111122223333/vpcflowlogs/eu-west-1/2026/11/20/' +
  '111122223333_vpcflowlogs_eu-west-1_fl-1234abcd_20261120T0500Z_fe123456.log.gz';
const BUSY = 250_000;

let pipeline: Pipeline;
let records = BUSY;
let damaged = 0;
let printed: Readonly<Record<string, string>>;
let lake: Lake;
let leftByCrash: string[];

beforeAll(async () => {
  pipeline = await startPipeline();
  const members = [Buffer.concat([...generateSingleObject({ records: BUSY, flowLogFormat: 'standard' })])];
  for (const log of generateFlowLogs({ records: 20_000, start: new Date('2026-11-20T03:30:00Z') })) {
    members.push(Buffer.concat(log.text));
    records += log.records;
    damaged += log.damaged;
  }
  await pipeline.put(KEY, Buffer.concat(members.map((text) => gzipSync(text, { level: 1 }))));

  // It dies when half of it is in temporary files, and is delivered again.
  const delivery = pipeline.source('ingest').deliver();
  await vi.waitUntil(() => pipeline.fn('ingest').files().length > 0, { interval: 1, timeout: 30_000 });
  await pipeline.fn('ingest').kill();
  expect((await delivery)!.invocation.error).toBeDefined();
  leftByCrash = pipeline.fn('ingest').files();
  await pipeline.source('ingest').letTimePass();
  printed = await pipeline.pumpWithoutFailures();
  lake = await pipeline.lake();
});

afterAll(() => pipeline?.dispose());

test('every record of a large object is in the lake, in both tables and several hours', () => {
  expect(lake.receipts).toMatchObject([{ lines: records + damaged, records, quarantined: damaged }]);
  const rows = [...lake.records.values()].reduce((sum, { length }) => sum + length, 0);
  expect(rows).toBe(records);
  const partitions = new Set(
    [...lake.records.keys()].map((key) => `${key.split('/')[0]} ${/hour=\d\d/.exec(key)}`),
  );
  expect([...partitions].toSorted()).toEqual([
    'flow_logs hour=03',
    'flow_logs hour=04',
    'flow_logs hour=05',
    'transit_gateway_flow_logs hour=03',
    'transit_gateway_flow_logs hour=04',
  ]);
  expect(totals(metricsOf(printed.ingest!, dimensionsOf('ingest')))).toMatchObject({
    ObjectsIngested: 1,
    RecordsIngested: records,
  });
});

test('what is too large for one request goes up in parts', () => {
  const [receipt] = lake.receipts;
  const largest = receipt!.outputs.toSorted((a, b) => b.bytes - a.bytes)[0]!;
  expect(largest.bytes).toBeGreaterThan(PART_BYTES);
  // Of an object of several parts the ETag ends with their number.
  expect(lake.etags[largest.key]).toMatch(/-2"$/);
});

test('temporary files are gone in the end, those of a crash too', () => {
  expect(leftByCrash).not.toEqual([]);
  expect(pipeline.fn('ingest').files()).toEqual([]);
});
