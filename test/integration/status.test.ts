import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudWatchClient,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { generateFlowLogs } from '../../generator/generate.ts';
import { dynamoDbDeliveries } from '../../shared/aws/dynamodb-deliveries.ts';
import { answerOf, type Operator, startOperator } from './harness/operator.ts';
import { type Pipeline, startPipeline } from './harness/pipeline.ts';

/** Someone asks how the pipeline is, while some things are as they should be and others are not. */

const HOUR = 3600;
const now = () => Date.now() / 1000;
const LOGS = [...generateFlowLogs({ records: 200, start: new Date(Date.now() - 30 * 60_000) })];

let pipeline: Pipeline;
let operator: Operator;

beforeAll(async () => {
  pipeline = await startPipeline();
  operator = await startOperator(pipeline);
  await pipeline.take('IngestQueue');
  for (const { key, text } of LOGS) await pipeline.put(key, Buffer.concat(text).toString());
  await pipeline.pumpWithoutFailures();
  for (let i = 0; i < 3; i++) await pipeline.send('PartitionQueue', 'waits');
  await pipeline.send('FindingDeadLetterQueue', 'dead');

  const client = DynamoDBDocumentClient.from(pipeline.dynamoDb);
  const { signal } = new AbortController();
  const deliveries = dynamoDbDeliveries(client, pipeline.names.SituationTable!, now, signal);
  for (let hour = 27; hour >= 3; hour--) {
    await deliveries.note('333333333333', 'us-east-1', now() - hour * HOUR);
  }

  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const cloudWatch = new CloudWatchClient({ endpoint: inject('motoUrl'), region: 'eu-west-1', credentials });
  const alarm = {
    MetricName: 'm',
    Namespace: 'n',
    Statistic: 'Sum',
    Period: 300,
    EvaluationPeriods: 1,
  } as const;
  for (const [AlarmName, topic] of [
    ['flowlogs-integration-finding-dead-letters', pipeline.names.OperationsTopic],
    // Of another stage, whose name begins like this one's.
    ['flowlogs-integration-two-mixed-build', 'arn:aws:sns:eu-west-1:123456789012:other'],
  ] as const) {
    await cloudWatch.send(
      new PutMetricAlarmCommand({
        ...{ AlarmName, AlarmActions: [topic!], Threshold: 0, ...alarm },
        ComparisonOperator: 'GreaterThanThreshold',
      }),
    );
    await cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue: 'ALARM', StateReason: 'test' }));
  }
  const ofIngest = [
    { Name: 'service', Value: 'ingest' },
    { Name: 'stage', Value: 'integration' },
  ];
  await cloudWatch.send(
    new PutMetricDataCommand({
      Namespace: 'FlowLogs',
      MetricData: [
        {
          MetricName: 'ObjectsIngested',
          Dimensions: ofIngest,
          Value: 7,
          Timestamp: new Date(Date.now() - 60_000),
        },
        {
          MetricName: 'ObjectsIngested',
          Dimensions: ofIngest,
          Value: 5,
          Timestamp: new Date(Date.now() - 1_200_000),
        },
        {
          MetricName: 'IngestLag',
          Dimensions: ofIngest,
          Value: 700,
          Timestamp: new Date(Date.now() - 60_000),
        },
      ],
    }),
  );
  cloudWatch.destroy();
});

afterAll(() => pipeline?.dispose());

test('programs get what is on, what waits, who is silent and what came last', async () => {
  const status = answerOf(await operator.flowlogs('status', '--receipts', '2', '-o', 'json'));
  expect(status).toMatchObject({
    stack: { name: 'flowlogs-integration', status: 'CREATE_COMPLETE' },
    alarms: [{ name: 'flowlogs-integration-finding-dead-letters' }],
    lastHour: { objects: 12, failures: 0, longestLag: 700 },
    queues: [
      { queue: 'ingest', waiting: 0, deadLetters: 0 },
      { queue: 'partition', waiting: 3, deadLetters: 0 },
      { queue: 'finding', waiting: 0, deadLetters: 1 },
      { queue: 'delivery', waiting: 0, deadLetters: 0 },
    ],
    receipts: [{ records: expect.any(Number) }, { source: expect.stringContaining('s3://') }],
  });
  const { accounts } = status as unknown as { accounts: Record<string, unknown>[] };
  expect(accounts[0]).toMatchObject({ accountId: '333333333333', region: 'us-east-1', isSilent: true });
  expect(accounts.slice(1).map(({ isSilent }) => isSilent)).not.toContain(true);
  expect(accounts.length).toBeGreaterThan(1);
});

test('people get the same, with what to look at next', async () => {
  const { status, stdout } = await operator.flowlogs('status');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^flowlogs-integration {2}CREATE_COMPLETE$/m);
  expect(stdout).toMatch(/finding-dead-letters {2}for .*docs\/operate\.md/);
  expect(stdout).toMatch(/12 objects with 0 records ingested/);
  expect(stdout).toMatch(/^ {2}partition +3 +0 +- +0$/m);
  expect(stdout).toMatch(/^ {2}333333333333 +us-east-1 +3 hours ago +SILENT$/m);
  expect(stdout).toContain('flowlogs dlq list');
});

test('who is silent is what the policy says', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'flowlogs-policy-'));
  try {
    await writeFile(join(folder, 'patient.json'), '{"silenceMinutes": 600}');
    const outcome = await operator.flowlogs('status', '--policy', join(folder, 'patient.json'), '-o', 'json');
    const { accounts } = answerOf<{ accounts: Record<string, unknown>[] }>(outcome);
    expect(accounts[0]).toMatchObject({ accountId: '333333333333', isSilent: false });
  } finally {
    await rm(folder, { recursive: true });
  }
});
