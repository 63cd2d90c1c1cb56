import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Lake, type Pipeline, startPipeline } from './harness/pipeline.ts';

/** The process of ingest dies while it writes an object's outputs, one for each hour of two days. */

const HOURS = 48;
const START = Date.UTC(2026, 10, 18, 5) / 1000;
const KEY =
  'AWSLogs/123456789010/vpcflowlogs/eu-west-1/2026/11/20/' +
  '123456789010_vpcflowlogs_eu-west-1_fl-1234abcd_20261120T0500Z_fe123456.log.gz';
const LOG = [
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status',
  ...Array.from({ length: HOURS }, (_, hour) => {
    const start = START + hour * 3600;
    return `2 123456789010 eni-1235b8ca123456789 10.0.0.1 10.0.0.2 20641 22 6 20 4249 ${start} ${start + 59} ACCEPT OK`;
  }),
  '',
].join('\n');

let pipeline: Pipeline;
let crashed: Lake;
let repaired: Lake;

beforeAll(async () => {
  pipeline = await startPipeline();
  await pipeline.pumpWithoutFailures();
  await pipeline.put(KEY, LOG);
  const delivery = pipeline.source('ingest').deliver();
  await vi.waitUntil(async () => (await lakeObjects()) > 0, { interval: 1, timeout: 30_000 });
  await pipeline.fn('ingest').kill();
  expect((await delivery)!.invocation.error).toMatchObject({ errorType: 'Runtime.ExitError' });
  crashed = await pipeline.lake();

  await pipeline.source('ingest').letTimePass();
  await pipeline.pumpWithoutFailures();
  repaired = await pipeline.lake();
});

afterAll(() => pipeline?.dispose());

async function lakeObjects(): Promise<number> {
  const { KeyCount } = await pipeline.s3.send(
    new ListObjectsV2Command({ Bucket: pipeline.names.LakeBucket }),
  );
  return KeyCount!;
}

test('an object whose outputs are not all there has no receipt', () => {
  expect(crashed.records.size).toBeGreaterThan(0);
  expect(crashed.records.size).toBeLessThan(HOURS);
  expect(crashed.receipts).toEqual([]);
});

test('the next delivery leaves what is there and adds the rest', () => {
  expect(repaired.etags).toMatchObject(crashed.etags);
  expect([...repaired.records.values()].map((rows) => rows.length)).toEqual(Array(HOURS).fill(1));
  expect(repaired.receipts).toMatchObject([{ key: KEY, records: HOURS, mixed_builds: 0 }]);
  expect(repaired.receipts[0]!.outputs).toHaveLength(HOURS);
});
