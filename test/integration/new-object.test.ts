import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GeneratedObject, generateFlowLogs } from '../../generator/generate.ts';
import { dynamoDbDeliveries } from '../../shared/aws/dynamodb-deliveries.ts';
import { type ReceivedAlert, receivedAlert } from './harness/alerts.ts';
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
let alerts: ReceivedAlert[];
/** What each function printed. */
let output: Readonly<Record<string, string>>;

beforeAll(async () => {
  pipeline = await startPipeline();
  objects = await Promise.all(LOGS.map(({ key, text }) => pipeline.put(key, textOf(text))));
  output = await pipeline.pumpWithoutFailures();
  lake = await pipeline.lake();
  alerts = (await pipeline.take('Inbox')).map(receivedAlert);
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

test('what findings add up to arrives as alerts, each situation once, with attributes to filter by', () => {
  const told = alerts.flatMap(({ message }) => message.alerts);
  expect(new Set(told.map(({ id }) => id)).size).toBe(told.length);
  const worth = lake.findings.filter(({ severity }) => severity !== 'info');
  expect(worth.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['REJECT', 'PACKET_LOSS']));
  for (const { kind, meanings = [], aws_account_id, aws_region } of worth) {
    const about = told.filter(({ meaning }) => (meanings as readonly string[]).includes(meaning));
    expect(about).toContainEqual(
      expect.objectContaining({ kind, accountId: aws_account_id, region: aws_region }),
    );
  }
  for (const { message, attributes } of alerts) {
    const [{ kind, severity, meaning, accountId, region } = told[0]!] = message.alerts;
    expect(attributes).toMatchObject({ kind, severity, meaning, accountId, region });
  }
});

test('the lake keeps what people were told', () => {
  const kept = lake.alerts.map(({ subject, meaning, aws_account_id }) => [subject, meaning, aws_account_id]);
  const told = alerts.flatMap(({ message }) =>
    message.alerts.map(({ meaning, accountId }) => [message.subject, meaning, accountId]),
  );
  expect(kept.sort()).toEqual(told.sort());
});

test('every account and Region that delivered is noted', async () => {
  const table = pipeline.names.SituationTable!;
  const dynamoDb = DynamoDBDocumentClient.from(pipeline.dynamoDb);
  const now = () => Date.now() / 1000;
  const store = dynamoDbDeliveries(dynamoDb, table, now, new AbortController().signal);
  const noted = (await Array.fromAsync(store.all())).map(({ accountId, region }) => `${accountId} ${region}`);
  const delivered = lake.receipts.map((receipt) => `${receipt.aws_account_id} ${receipt.aws_region}`);
  expect(noted.sort()).toEqual([...new Set(delivered)].sort());
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
  expect(totals(metricsOf(output.alert!, dimensionsOf('alert')))).toMatchObject({
    FindingsCounted: lake.findings.length,
    AlertsPublished: alerts.length,
  });
  expect(
    totals(metricsOf(output['register-partitions']!, dimensionsOf('register-partitions')))
      .PartitionsRegistered,
  ).toBe(new Set([...lake.records.keys()].map((key) => key.slice(0, key.lastIndexOf('/')))).size);
});

test('no message is left anywhere, nor a file in the function', async () => {
  for (const queue of ['Ingest', 'Partition', 'Finding', 'Delivery'] as const) {
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
