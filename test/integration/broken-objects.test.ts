import { gzipSync } from 'node:zlib';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dimensionsOf, logLines, metricsOf, totals } from './harness/output.ts';
import { type Pipeline, packagedTemplate, startPipeline } from './harness/pipeline.ts';
import type { Properties } from './harness/template.ts';

/** One batch of good and bad messages. What becomes of each? */

const HEADER =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status';
const RECORD =
  '2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK';
const MAX_INFLATED_BYTES = 1_000_000;

const keyOf = (name: string) =>
  `AWSLogs/123456789010/vpcflowlogs/eu-west-1/2014/12/14/123456789010_vpcflowlogs_eu-west-1_fl-1234abcd_20141214T0405Z_${name}.log.gz`;
const logOf = (lines: readonly string[]) => `${[HEADER, ...lines].join('\n')}\n`;
const many = (count: number) => Array.from({ length: count }, () => RECORD);

let pipeline: Pipeline;
let printed: string;
/** What the dead-letter queue got: attributes by the body's object key. */
const deadLetters: Record<string, { reason?: string | undefined; error?: string | undefined }> = {};

beforeAll(async () => {
  pipeline = await startPipeline({
    environment: { ingest: { MAX_INFLATED_BYTES: String(MAX_INFLATED_BYTES) } },
  });
  // What S3 sends to try the queue out is none of this batch.
  await pipeline.take('IngestQueue');
  await pipeline.put(keyOf('good1'), logOf(many(3)));
  await pipeline.put(keyOf('truncated'), gzipSync(logOf(many(500))).subarray(0, -20));
  await pipeline.put(keyOf('prose'), 'This is no flow log.\nIt only has the name of one.\n');
  await pipeline.put(keyOf('bomb'), logOf(many(10_000)));
  const { bucket: Bucket, key: Key } = await pipeline.put(keyOf('deleted'), logOf(many(1)));
  await pipeline.s3.send(new DeleteObjectCommand({ Bucket, Key }));
  await pipeline.put(keyOf('badline'), logOf([RECORD, RECORD.replace('4249', 'NaN'), RECORD]));
  await pipeline.put('AWSLogs/123456789010/CloudTrail/eu-west-1/2014/12/14/trail.json.gz', '{"Records":[]}');
  await pipeline.send('IngestQueue', 'hello');
  await pipeline.put(keyOf('good2'), logOf(many(4)));

  const [delivery, ...others] = (await pipeline.pump()).filter(({ fn }) => fn === 'ingest');
  expect(others).toEqual([]);
  expect(delivery!.event.Records).toHaveLength(9);
  expect(delivery!.invocation.error, delivery!.invocation.output).toBeUndefined();
  expect(delivery!.failed, delivery!.invocation.output).toEqual([]);
  printed = delivery!.invocation.output;
  for (const { Body = '', MessageAttributes = {} } of await pipeline.take('IngestDeadLetterQueue')) {
    const name = /_([a-z\d]+)\.log\.gz/.exec(Body)?.[1] ?? Body;
    const { reason, error } = MessageAttributes;
    deadLetters[name] = { reason: reason?.StringValue, error: error?.StringValue };
  }
});

afterAll(() => pipeline?.dispose());

test.each([
  ['an object whose compression breaks off', 'truncated', 'corrupt-gzip', /gzip/],
  ['an object that is no flow log', 'prose', 'no-header', /FLOW_LOG_FORMAT/],
  ['an object that inflates to more than is allowed', 'bomb', 'too-large', /MAX_INFLATED_BYTES/],
  ['an object that is gone', 'deleted', 'gone', /who deletes/],
  ['a message that announces nothing', 'hello', 'not-a-notification', /what else sends/],
])('%s goes to the dead-letter queue with its reason and what to do', (_, name, reason, advice) => {
  expect(deadLetters[name]).toEqual({ reason, error: expect.stringMatching(advice) });
});

test('nothing else goes to the dead-letter queue', () => {
  expect(Object.keys(deadLetters)).toHaveLength(5);
});

test('the rest of the batch is ingested, a bad line spoiling only itself', async () => {
  const { receipts, quarantine, records } = await pipeline.lake();
  const counts = receipts.map(({ key, lines, records, quarantined }) => ({
    key,
    lines,
    records,
    quarantined,
  }));
  expect(counts).toHaveLength(3);
  expect(counts).toEqual(
    expect.arrayContaining([
      { key: keyOf('good1'), lines: 3, records: 3, quarantined: 0 },
      { key: keyOf('good2'), lines: 4, records: 4, quarantined: 0 },
      { key: keyOf('badline'), lines: 3, records: 2, quarantined: 1 },
    ]),
  );
  expect([...records.values()].flat()).toHaveLength(9);
  expect(quarantine).toMatchObject([{ line_number: 3, line: expect.stringContaining('NaN') }]);
});

test('what failed and what was passed over is logged with its reason and counted', () => {
  expect(totals(metricsOf(printed, dimensionsOf('ingest')))).toMatchObject({
    ObjectsIngested: 3,
    ObjectsFailed: 4,
    ObjectsIgnored: 1,
    QuarantinedLines: 1,
  });
  const lines = logLines(printed);
  expect(lines).toContainEqual(
    expect.objectContaining({ message: 'object ignored', reason: 'other-service' }),
  );
  for (const reason of ['corrupt-gzip', 'no-header', 'too-large', 'gone']) {
    expect(lines).toContainEqual(expect.objectContaining({ message: 'object failed', reason }));
  }
});

test('the alarms about them watch the metrics that the function writes', () => {
  const { Resources } = packagedTemplate();
  const alarms = Object.values(Resources).flatMap(({ Type, Properties = {} }) =>
    Type === 'AWS::CloudWatch::Alarm' && Properties.Namespace === 'FlowLogs' ? [Properties] : [],
  );
  for (const metric of ['QuarantinedLines', 'ObjectsIgnored']) {
    const [alarm] = alarms.filter(({ MetricName }) => MetricName === metric);
    const dimensions = alarm!.Dimensions.map(({ Name, Value }: Properties) => [Name, Value]);
    expect(metricsOf(printed, Object.fromEntries(dimensions))).toHaveProperty(metric);
  }
});
