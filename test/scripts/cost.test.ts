import { readdir, readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import type { LargeObject, Measured } from '../../bench/measured.ts';
import { MEMORY_MB } from '../../infrastructure/dashboard.ts';
import { assumptionsWith } from '../../scripts/cost/assumptions.ts';
import { deliveryCost, largest, pipelineBill, rivalBill, STEADY_METRICS } from '../../scripts/cost/bill.ts';
import { batchSize, type Model } from '../../scripts/cost/counts.ts';
import { readFindingsLoad } from '../../scripts/cost/findings-figures.ts';
import { measureFindings, readUnits, writeUnits } from '../../scripts/cost/findings-load.ts';
import { PRICES, tieredCost } from '../../scripts/cost/prices.ts';
import { readStack, type Stack } from '../../scripts/cost/stack.ts';
import { averageObject, volumeOf, volumeOfText } from '../../scripts/cost/volume.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await readStack();
});

/** Of a record: 100 bytes of text, 20 of gzip, 25 stored, 30 the plain way; 1 µs, and 10 the plain way. */
const large: LargeObject = {
  records: 1000,
  textBytes: 100_000,
  gzipBytes: 20_000,
  recordBytes: 250_000,
  zstdBytes: 25_000,
  cpuSeconds: { flowlogs: 0.001, 'codec-floor': 0.0008, duckdb: 0.003, plain: 0.01 },
  plainBytes: 30_000,
};
/** A small object takes 2,000 bytes of gzip and a millisecond beyond its 500 records. */
const measured: Measured = {
  measured: '2026-11-21',
  machine: 'by hand',
  node: 'v24.0.0',
  formats: { default: large, 'version-5': { ...large, textBytes: 200_000 }, 'transit-gateway': large },
  smallObjects: {
    recordsPerObject: 500,
    textBytes: 50_000,
    gzipBytes: 12_000,
    outputBytes: 20_000,
    cpuMs: 1.5,
    objectsPerSecond: 300,
    requests: { GET: 1, HEAD: 1, PUT: 3, LIST: 0 },
  },
};
/** Two findings of 1,000 bytes an object that has some; 20 write and 4 read units each. */
const findings = {
  hours: 24,
  objects: 4,
  objectsWithFindings: 2,
  findings: 4,
  findingBytes: 4000,
  writeUnits: 80,
  readUnits: 16,
  messages: 1,
};
/** A month's storage and one query a day; nothing that is not looked at below. */
const assumptions = assumptionsWith({
  accounts: '1',
  registrations: '0',
  pollers: '0',
  rawDays: '30.4',
  archiveAfterDays: '30.4',
  lakeDays: '30.4',
  shortQueries: '0',
  dayQueries: '1',
  monthQueries: '0',
  findingQueries: '0',
  receiptQueries: '0',
  messagesPerDay: '0',
});
const model = (): Model => ({ measured, findings, stack, assumptions });
const object = averageObject(22_000, 'default', measured, assumptions);
/** A million objects of a thousand records. */
const volume = volumeOfText(object, 1e11, 1);

test.each([
  ['a terabyte', 1_000, 250],
  ['the first tier', 10_000, 2_500],
  ['a part of the second', 12_000, 2_800],
  ['all tiers', 60_000, 2_500 + 3_000 + 1_500 + 500],
])('delivery of %s is charged by tiers', (_, gigabytes, usd) => {
  expect(tieredCost(PRICES.delivery, gigabytes)).toBeCloseTo(usd, 6);
});

test('an average object has as many records as fit its size, and takes what they and an empty object take', () => {
  expect(object.records).toBeCloseTo(1000, 6);
  expect(object.textBytes).toBeCloseTo(100_000, 3);
  expect(object.lakeBytes).toBeCloseTo(25_000, 3);
  expect(object.plainBytes).toBeCloseTo(30_000, 3);
  expect(object.cpuSeconds).toBeCloseTo(0.002, 9);
  expect(object.plainCpuSeconds).toBeCloseTo(0.011, 9);
});

test('a faster processor takes less time', () => {
  const faster = averageObject(22_000, 'default', measured, { processorSpeed: 2 });
  expect(faster.cpuSeconds).toBeCloseTo(0.001, 9);
});

test('an object that can hold no record is refused', () => {
  expect(() => averageObject(2_010, 'default', measured, assumptions)).toThrow('too small');
});

test.each([
  ['by flow logs, one each five minutes', { accounts: 3, flowLogs: 2, gbPerAccount: 0 }, 3 * 2 * 30.4 * 288],
  ['by the text of an account, if it is given', { accounts: 3, flowLogs: 2, gbPerAccount: 1 }, 30_000],
])('objects are counted %s', (_, how, objects) => {
  expect(volumeOf(object, how).objects).toBeCloseTo(objects, 3);
});

test.each([
  ['what comes in the window', 2_626_560, 5],
  ['never less than a message', 1, 1],
  ['never more than a batch', 1e9, 50],
])('a batch is %s', (_, messages, size) => {
  expect(batchSize('ingest', messages, stack)).toBe(size);
});

describe('a million objects of an account', () => {
  // 1.9 objects an invocation: 525,312 of them, five requests of 25 ms each, and 2 ms of processor an object.
  const ingestSeconds = 525_312 * 0.125 + 2_000;
  const dollarsOfSecond = (1769 / 1024) * 0.0000133334 + 1.5 * 0.0000000309;
  test.each([
    ['ingest', 525_312 * 0.0000002 + ingestSeconds * dollarsOfSecond],
    // 2.5 million PUTs, 6,304 LISTs of reconciliation, 2.5 million GETs and HEADs.
    ['s3', 12.5 + 0.03152 + 1],
    // 3.5 million messages; each receive and delete takes what an invocation takes, ten at most.
    ['sqs', (3_500_000 + 2 * (525_312 + 100_000 + 500_000 + 100_000)) * 0.0000004],
    // A million findings, and 8,755 deliveries that are two units long and indexed.
    ['dynamoDb', (20_000_000 + 8_755.2 * 4) * 0.000000625 + (4_000_000 + 8_755.2 / 2) * 0.000000125],
    ['partitions', 729.6 * 0.00001],
    ['raw', 22 * 0.023],
    // Records, findings and receipts.
    ['lake', (25 + 1 + 1.67) * 0.023],
    // 822.4 MB a day, rounded up.
    ['scans', 30.4 * 823 * 0.000005],
    // Every object once, and lists of a thousand.
    ['queryRequests', 0.4 + 1_000 * 0.000005],
    ['sns', 0],
  ] as const)('%s', (item, usd) => {
    expect(pipelineBill(volume, model())[item]).toBeCloseTo(usd, 6);
  });

  test('the plain way takes more of the processor, and stores what it stores', () => {
    const plain = pipelineBill(volume, model(), 'plain');
    const own = pipelineBill(volume, model());
    expect(plain.ingest - own.ingest).toBeCloseTo(9_000 * dollarsOfSecond, 6);
    expect(plain.lake - own.lake).toBeCloseTo(5 * 0.023, 6);
    expect(plain.dynamoDb).toBe(own.dynamoDb);
  });

  test('AWS charges for the text', () => {
    expect(deliveryCost(volume)).toBeCloseTo(100 * 0.25, 6);
  });

  test("the rival pays for the conversion, stores once, and reads a part of each object's bytes", () => {
    const bill = rivalBill(volume, model());
    expect(bill.conversion).toBeCloseTo(3.5, 6);
    expect(bill.storage).toBeCloseTo(22 * 0.023, 6);
    expect(bill.scans).toBeCloseTo(30.4 * 218 * 0.000005, 6);
    expect(bill.queryRequests).toBeCloseTo(1.2 + 0.005, 6);
  });

  test('nobody has findings, nobody counts any', () => {
    const none = { ...model(), assumptions: { ...assumptions, shareWithFindings: 0 } };
    const bill = pipelineBill(volume, none);
    expect(bill.dynamoDb).toBeLessThan(0.03);
    expect(Object.values(bill).every(Number.isFinite)).toBe(true);
  });
});

test('the largest items come first', () => {
  expect(largest(pipelineBill(volume, model()), 3)).toEqual(['s3', 'dynamoDb', 'fixed']);
});

test('raw objects are archived if S3 moves such small ones', () => {
  const days = { ...assumptions, rawDays: 60.8 };
  const ofSize = (size: number) => {
    const many = volumeOfText(averageObject(size, 'default', measured, assumptions), 1e12, 1);
    return {
      gb: (many.objects * size) / 1e9,
      many,
      bill: pipelineBill(many, { ...model(), assumptions: days }),
    };
  };
  const small = ofSize(100_000);
  expect(small.bill.raw).toBeCloseTo(small.gb * 2 * 0.023, 6);
  const archived = ofSize(200_000);
  expect(archived.bill.raw).toBeCloseTo(archived.gb * (0.023 + 0.004) + archived.many.objects * 0.00002, 6);
});

test('objects that go up in parts take a request for each, and two more', () => {
  const per = (records: number) => {
    const big = averageObject(2_000 + 20 * records, 'default', measured, assumptions);
    const bill = pipelineBill({ accounts: 1, objects: 1e6, object: big }, model());
    return bill.s3;
  };
  // 8 MiB hold 335,544 records; 20 MB are three parts.
  expect(per(800_000) - per(300_000)).toBeCloseTo(4 * 5, 6);
});

describe('the stack', () => {
  test.each(Object.entries(MEMORY_MB))('%s has the memory that the dashboard knows', (name, memory) => {
    expect(stack.functions[name as keyof typeof MEMORY_MB].memoryMb).toBe(memory);
  });

  test('what wakes a function is read from serverless.yml', () => {
    expect(stack.functions['note-deliveries'].trigger).toEqual({ batchSize: 1000, window: 60 });
    expect(stack.functions['alert-schedule'].trigger).toEqual({ everySeconds: 300 });
    expect(stack.functions.reconcile.trigger).toEqual({ everySeconds: 86_400 });
  });

  test.each(STEADY_METRICS)('the metric %s is one that a function counts', async (metric) => {
    const folders = ['ingest', 'register-partitions', 'alert'].map(
      (name) => new URL(`../../functions/${name}/`, import.meta.url),
    );
    const files = await Promise.all(
      folders.map(async (folder) => (await readdir(folder)).map((file) => new URL(file, folder))),
    );
    const code = await Promise.all(files.flat().map((file) => readFile(file, 'utf8')));
    expect(code.join('')).toContain(`'${metric}'`);
  });
});

describe('assumptions', () => {
  test('can be changed', () => {
    expect(assumptionsWith({ accounts: '300', emails: '0' })).toMatchObject({ accounts: 300, emails: 0 });
  });

  test.each([
    [{ accounts: '0' }, '--accounts takes a number above 0, not "0".'],
    [{ gbPerAccount: 'many' }, '--gb-per-account takes a number from 0, not "many".'],
    [{ lakeDays: '-1' }, '--lake-days takes a number from 0, not "-1".'],
    [{ lakeDays: '' }, '--lake-days takes a number from 0, not "".'],
  ])('%o is refused', (given, message) => {
    expect(() => assumptionsWith(given)).toThrow(message);
  });
});

describe("DynamoDB's units", () => {
  test.each([
    [0, 1, 1],
    [1024, 1, 1],
    [1025, 2, 1],
    [4096, 4, 1],
    [4097, 5, 2],
  ])('an item of %i bytes takes %i to write and %i to read', (bytes, write, read) => {
    expect([writeUnits(bytes), readUnits(bytes)]).toEqual([write, read]);
  });

  test('of findings are still about those that are kept (renew them with: npm run cost -- --count-findings --update)', async () => {
    const kept = await readFindingsLoad();
    const now = await measureFindings(2);
    const ratio = now.writeUnits / now.findings / (kept.writeUnits / kept.findings);
    expect(ratio).toBeGreaterThan(0.7);
    expect(ratio).toBeLessThan(1.4);
  });
});
