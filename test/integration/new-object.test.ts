import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GeneratedObject, generateFlowLogs } from '../../generator/generate.ts';
import type { Finding } from '../../shared/findings/finding.ts';
import { statementsOf } from './harness/athena.ts';
import type { NotifiedObject } from './harness/notifications.ts';
import { s3Notification } from './harness/notifications.ts';
import { dimensionsOf, logLines, metricsOf, totals } from './harness/output.ts';
import { type Lake, type Pipeline, startPipeline } from './harness/pipeline.ts';

/** Twenty minutes of the example organization's logs, so recent that their findings are alerted about. */
const LOGS = [...generateFlowLogs({ records: 500, start: new Date(Date.now() - 40 * 60_000) })];
const RECORDS = LOGS.reduce((sum, { records }) => sum + records, 0);

let pipeline: Pipeline;
let objects: NotifiedObject[];
let lake: Lake;
/** What each function printed. */
let output: Readonly<Record<string, string>>;

beforeAll(async () => {
  pipeline = await startPipeline();
  objects = await Promise.all(LOGS.map(({ key, text }) => pipeline.put(key, textOf(text))));
  output = await pipeline.pumpWithoutFailures();
  lake = await pipeline.lake();
});

afterAll(() => pipeline?.dispose());

test('every object becomes a receipt that accounts for each of its lines', () => {
  const receipts = new Map(lake.receipts.map((receipt) => [receipt.key, receipt]));
  expect(receipts.size).toBe(LOGS.length);
  for (const { key, records, damaged } of LOGS) {
    expect(receipts.get(key)).toMatchObject({
      bucket: objects[0]!.bucket,
      lines: records + damaged,
      records,
      quarantined: damaged,
    });
  }
});

test('the lake holds the records that the receipts tell of, in the partitions of their own hours', () => {
  let rows = 0;
  for (const [key, records] of lake.records) {
    rows += records.length;
    const [, account, region, day, hour] = key.match(
      /^(?:transit_gateway_)?flow_logs\/aws_account_id=(\d{12})\/aws_region=(.*)\/day=(.*)\/hour=(\d\d)\//,
    )!;
    expect(LOGS.some((log) => log.key.startsWith(`AWSLogs/${account}/vpcflowlogs/${region}/`))).toBe(true);
    for (const { start } of records) {
      expect(new Date(Number(start) * 1000).toISOString().slice(0, 13)).toBe(`${day}T${hour}`);
    }
  }
  expect(rows).toBe(RECORDS);
  const outputs = lake.receipts.flatMap((receipt) => receipt.outputs);
  for (const { key, records } of outputs.filter((each) => lake.records.has(each.key))) {
    expect(lake.records.get(key)).toHaveLength(records);
  }
  expect(outputs.map(({ key }) => key)).toEqual(expect.arrayContaining([...lake.records.keys()]));
});

test('every partition of the lake reaches Athena in a statement', async () => {
  const folders = new Set([...lake.records.keys()].map((key) => key.slice(0, key.lastIndexOf('/') + 1)));
  const registered = new Set<string>();
  for (const statement of await statementsOf(pipeline)) {
    expect(statement.database).toBe('flowlogs_integration');
    for (const { table, values, location } of statement.partitions) {
      const folder = `${table}/${Object.entries(values)
        .map(([name, value]) => `${name}=${value}`)
        .join('/')}/`;
      expect(location).toBe(`s3://${pipeline.names.LakeBucket}/${folder}`);
      registered.add(folder);
    }
  }
  expect(registered).toEqual(folders);
});

test('every finding arrives as an alert that subscribers can filter by its attributes', async () => {
  const alerts = (await pipeline.take('Inbox')).map(({ Body, MessageAttributes = {} }) => ({
    finding: JSON.parse(Body!) as Finding,
    attributes: Object.fromEntries(
      Object.entries(MessageAttributes).map(([name, { StringValue }]) => [name, StringValue]),
    ),
  }));
  expect(sorted(alerts.map(({ finding }) => finding))).toEqual(sorted(lake.findings));
  expect(lake.findings.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['REJECT', 'SKIPDATA']));
  for (const { finding, attributes } of alerts) {
    const { kind, aws_account_id, aws_region } = finding;
    expect(attributes).toMatchObject({ kind, aws_account_id, aws_region });
  }
});

test('one log line for each object tells its counts, and none tells what a record says', () => {
  const lines = logLines(output.ingest!).filter(({ message }) => message === 'object ingested');
  expect(lines).toHaveLength(LOGS.length);
  for (const { key, records, damaged } of LOGS) {
    const line = lines.find(({ source }) => String(source).endsWith(key));
    const counts = { lines: records + damaged, records, quarantined: damaged };
    expect(line).toMatchObject({ level: 'INFO', service: 'ingest', ...counts });
  }
  const addresses = LOGS.flatMap(({ text }) => textOf(text).match(/\b10\.\d+\.\d+\.\d+\b/g) ?? []);
  expect(new Set(addresses).size).toBeGreaterThan(10);
  for (const address of new Set(addresses)) expect(output.ingest).not.toContain(address);
});

test('the metrics add up to what was delivered', () => {
  const metrics = metricsOf(output.ingest!, dimensionsOf('ingest'));
  const bytesWritten = lake.receipts
    .flatMap(({ outputs }) => outputs)
    .reduce((sum, { bytes }) => sum + bytes, 0);
  expect(totals(metrics)).toMatchObject({
    ObjectsIngested: LOGS.length,
    RecordsIngested: RECORDS,
    BytesRead: objects.reduce((sum, { size }) => sum + size, 0),
    BytesWritten: bytesWritten,
    RejectedFlows: linesWith(LOGS, ' REJECT '),
    SkipDataRecords: linesWith(LOGS, ' SKIPDATA'),
    // The damaged line is one of NODATA, and no record.
    NoDataRecords: linesWith(LOGS, ' NODATA') - 1,
    QuarantinedLines: 1,
    // The message with which S3 tries out a notification.
    ObjectsIgnored: 1,
  });
  expect(metrics.IngestLag).toHaveLength(LOGS.length);
  expect(totals(metricsOf(output.alert!, dimensionsOf('alert'))).AlertsPublished).toBe(lake.findings.length);
  expect(
    totals(metricsOf(output['register-partitions']!, dimensionsOf('register-partitions')))
      .PartitionsRegistered,
  ).toBe(new Set([...lake.records.keys()].map((key) => key.slice(0, key.lastIndexOf('/')))).size);
});

test('no message is left anywhere, nor a file in the function', async () => {
  for (const queue of ['Ingest', 'Partition', 'Finding'] as const) {
    expect(await pipeline.take(`${queue}Queue`)).toEqual([]);
    expect(await pipeline.take(`${queue}DeadLetterQueue`)).toEqual([]);
  }
  expect(pipeline.fn('ingest').files()).toEqual([]);
});

test('delivering everything again, twice and out of order, changes nothing', async () => {
  // A function that starts anew remembers nothing.
  await pipeline.fn('ingest').kill();
  const again = [...objects.toReversed(), ...objects];
  for (const object of again) await pipeline.send('IngestQueue', s3Notification(object));
  const printed = await pipeline.pumpWithoutFailures();
  expect(Object.keys(printed)).toEqual(['ingest']);
  expect(totals(metricsOf(printed.ingest!, dimensionsOf('ingest')))).toEqual({
    ObjectsSkipped: again.length,
  });
  expect((await pipeline.lake()).etags).toEqual(lake.etags);
});

function textOf(text: GeneratedObject['text']): string {
  return Buffer.concat(text).toString();
}

function linesWith(logs: readonly GeneratedObject[], word: string): number {
  return logs.flatMap(({ text }) => textOf(text).split('\n')).filter((line) => line.includes(word)).length;
}

function sorted(findings: readonly Finding[]): string[] {
  return findings.map((finding) => JSON.stringify(finding)).sort();
}
