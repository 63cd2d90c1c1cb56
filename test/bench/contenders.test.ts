import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { codecFloor, compress } from '../../bench/contenders/codec-floor.ts';
import { duckdb } from '../../bench/contenders/duckdb.ts';
import { flowlogs } from '../../bench/contenders/flowlogs.ts';
import { plain } from '../../bench/contenders/plain.ts';
import { smallObjects } from '../../bench/contenders/small-objects.ts';
import { transformAlone } from '../../bench/contenders/transform.ts';
import { receiptOf, recordsOf } from '../../bench/lake.ts';
import {
  FORMAT_NAMES,
  type LogObject,
  repeatObject,
  spreadOverHours,
  writeObject,
  writeSmallObjects,
} from '../../bench/objects.ts';

const RECORDS = 1000;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flowlogs-bench-test-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Records of NDJSON without what is missing in them, in an order of their own. */
function recordsIn(ndjson: Buffer): string[] {
  const dropMissing = (_key: string, value: unknown) => (value === null ? undefined : value);
  return ndjson
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.stringify(JSON.parse(line), dropMissing))
    .sort();
}

describe.each(FORMAT_NAMES)('a large object in the format %s', (format) => {
  let object: LogObject;
  let lake: string;
  let outputs: Buffer[];
  const taskWith = (output: string) => ({ input: object.path, output, options: [] });

  beforeAll(async () => {
    object = await writeObject(join(folder, format), format, RECORDS);
    lake = join(folder, `${format}-lake`);
    await flowlogs.work(taskWith(lake));
    outputs = await Array.fromAsync(recordsOf(lake));
  });

  test('is made into the same records by flowlogs, DuckDB and the plain way', async () => {
    const ours = recordsIn(Buffer.concat(outputs));
    expect(ours).toHaveLength(RECORDS);
    const plainOutput = join(folder, `${format}.json.gz`);
    await plain.work(taskWith(plainOutput));
    expect(recordsIn(gunzipSync(await readFile(plainOutput)))).toEqual(ours);
    const duckdbTask = taskWith(join(folder, `${format}.json.zst`));
    await duckdb.work(duckdbTask, await duckdb.prepare!(duckdbTask));
    expect(recordsIn(zstdDecompressSync(await readFile(duckdbTask.output)))).toEqual(ours);
  });

  test("the codec floor inflates the input's and compresses the output's bytes", async () => {
    const prepared = await codecFloor.prepare!(taskWith(lake));
    expect(prepared).toEqual(outputs);
    expect(await codecFloor.work(taskWith(lake), prepared)).toEqual({
      inflatedBytes: object.textBytes,
      recordBytes: Buffer.concat(outputs).length,
    });
    expect(compress(prepared).map((frame) => zstdDecompressSync(frame))).toEqual(outputs);
  });

  test('is transformed as a whole where the compressor is left out', async () => {
    expect(await transformAlone.work(taskWith(lake))).toEqual({ records: RECORDS });
  });
});

test('an object of several gigabytes would be ingested as a whole, in as many partitions as it is meant to have', async () => {
  const object = await writeObject(join(folder, 'part'), 'default', RECORDS);
  const spread = await spreadOverHours(join(folder, 'spread'), object, 64);
  const repeated = await repeatObject(join(folder, 'repeated'), spread, 2.5 * spread.textBytes);
  const lake = join(folder, 'repeated-lake');
  await flowlogs.work({ input: repeated.path, output: lake, options: [] });
  const { records, quarantined, headers, inflated_bytes, outputs } = await receiptOf(lake);
  expect({ records, quarantined, headers }).toEqual({ records: 3 * RECORDS, quarantined: 0, headers: 3 });
  expect(repeated).toMatchObject({ records, textBytes: inflated_bytes });
  expect(outputs.filter(({ key }) => key.startsWith('flow_logs/'))).toHaveLength(64);
});

test('small objects go through the ingest function, and what it asks of S3 is counted', async () => {
  vi.stubEnv('POWERTOOLS_DEV', 'true');
  for (const method of ['info', 'log'] as const) vi.spyOn(console, method).mockImplementation(() => {});
  const { folder: input, objects } = await writeSmallObjects(join(folder, 'small'), 60, 50);
  expect(new Set(await readdir(input)).size).toBe(objects);
  const task = { input, output: folder, options: [] };
  const { requests, lakeBytes } = await smallObjects.work(task, await smallObjects.prepare!(task));
  expect(requests.GET).toBe(objects);
  // At least a file of records and the receipt.
  expect(requests.PUT).toBeGreaterThanOrEqual(2 * objects);
  expect(requests.LIST).toBe(0);
  expect(lakeBytes).toBeGreaterThan(0);
});
