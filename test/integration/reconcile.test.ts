import { DeletePartitionCommand, GetPartitionsCommand, UpdatePartitionCommand } from '@aws-sdk/client-glue';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generateFlowLogs } from '../../generator/generate.ts';
import { objectId } from '../../shared/lake/layout.ts';
import type { Receipt } from '../../shared/lake/receipt.ts';
import { applyStatements, statementsOf } from './harness/athena.ts';
import type { NotifiedObject } from './harness/notifications.ts';
import { s3Notification } from './harness/notifications.ts';
import { answerOf, type Operator, startOperator } from './harness/operator.ts';
import { dimensionsOf, metricsOf, totals } from './harness/output.ts';
import { type Pipeline, startPipeline } from './harness/pipeline.ts';

/** Notifications got lost: of some raw objects, and of one partition. */

const LOST_OBJECTS = 3;
const LOGS = [...generateFlowLogs({ records: 500, start: new Date(Date.now() - 90 * 60_000) })];

let pipeline: Pipeline;
let objects: NotifiedObject[];

beforeAll(async () => {
  pipeline = await startPipeline();
  objects = await Promise.all(LOGS.map(({ key, text }) => pipeline.put(key, Buffer.concat(text).toString())));
  await pipeline.take('IngestQueue');
  for (const object of objects.slice(LOST_OBJECTS))
    await pipeline.send('IngestQueue', s3Notification(object));
  await pipeline.pumpWithoutFailures();
  await pipeline.fn('reconcile').letTimePass(A_WHILE);
  await applyStatements(pipeline, await statementsOf(pipeline));
  const [lost] = await registered();
  const [TableName, ...PartitionValues] = lost!.split('/') as [string, ...string[]];
  const DatabaseName = pipeline.names.GlueDatabase;
  await pipeline.glue.send(new DeletePartitionCommand({ DatabaseName, TableName, PartitionValues }));
});

afterAll(() => pipeline?.dispose());

/** The partitions in the catalogue: table and values. */
async function registered(): Promise<string[]> {
  const partitions: string[] = [];
  for (const TableName of ['flow_logs', 'transit_gateway_flow_logs']) {
    const DatabaseName = pipeline.names.GlueDatabase;
    const { Partitions = [] } = await pipeline.glue.send(
      new GetPartitionsCommand({ DatabaseName, TableName }),
    );
    partitions.push(...Partitions.map(({ Values }) => [TableName, ...Values!].join('/')));
  }
  return partitions.toSorted();
}

/** The partitions in the lake. */
async function stored(): Promise<string[]> {
  const { records } = await pipeline.lake();
  const folders = [...records.keys()].map((key) => key.replace(/\/[^/]*$/, '').replaceAll(/\/\w+=/g, '/'));
  return [...new Set(folders)].toSorted();
}

/** Seconds until a notification that has not arrived is taken for lost. */
const A_WHILE = 3 * 3600;

/** Lets reconciliation run as its schedule does, and what it finds be done. */
async function reconcile(): Promise<Record<string, number>> {
  const { error, output } = await pipeline.fn('reconcile').invoke({
    version: '0',
    id: '53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa',
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: '123456789012',
    time: new Date().toISOString(),
    region: 'eu-west-1',
    resources: ['arn:aws:events:eu-west-1:123456789012:rule/flowlogs-integration-reconcile'],
    detail: {},
  });
  expect(error, output).toBeUndefined();
  // A function that registered a partition just now would not do it again.
  await pipeline.fn('register-partitions').letTimePass(A_WHILE);
  await pipeline.pumpWithoutFailures();
  await applyStatements(pipeline, await statementsOf(pipeline));
  return totals(metricsOf(output, dimensionsOf('reconcile')));
}

test('reconciliation finds what was lost and has it done', async () => {
  expect((await pipeline.lake()).receipts).toHaveLength(LOGS.length - LOST_OBJECTS);
  expect(await registered()).toHaveLength((await stored()).length - 1);
  expect(await reconcile()).toMatchObject({ ObjectsRequeued: LOST_OBJECTS, PartitionsRequeued: 1 });
  const { receipts } = await pipeline.lake();
  expect(receipts.map(({ key }) => key).toSorted()).toEqual(LOGS.map(({ key }) => key).toSorted());
  expect(await registered()).toEqual(await stored());
});

test('where nothing is lost reconciliation does nothing', async () => {
  const { etags } = await pipeline.lake();
  expect(await reconcile()).toEqual({});
  expect((await pipeline.lake()).etags).toEqual(etags);
  expect(await pipeline.take('IngestDeadLetterQueue')).toEqual([]);
});

describe('from a terminal', () => {
  let operator: Operator;
  let lost: Receipt;
  let elsewhere: string;

  /** The receipt of an object is lost, and someone has moved a partition. */
  beforeAll(async () => {
    operator = await startOperator(pipeline);
    const { receipts, etags } = await pipeline.lake();
    lost = receipts[0]!;
    const id = objectId({ ...lost, bucket: lost.bucket! });
    const Key = Object.keys(etags).find((key) => key.startsWith('receipts/') && key.includes(id));
    await pipeline.s3.send(new DeleteObjectCommand({ Bucket: pipeline.names.LakeBucket, Key }));
    const [first] = await registered();
    const [TableName, ...Values] = first!.split('/') as [string, ...string[]];
    elsewhere = `s3://elsewhere/${TableName}/`;
    const DatabaseName = pipeline.names.GlueDatabase;
    await pipeline.glue.send(
      new UpdatePartitionCommand({
        ...{ DatabaseName, TableName, PartitionValueList: Values },
        PartitionInput: { Values, StorageDescriptor: { Location: elsewhere } },
      }),
    );
  });

  test('what may still be on its way is left alone', async () => {
    const outcome = await operator.flowlogs('reconcile', '--days', '2', '-o', 'json');
    expect(answerOf(outcome)).toMatchObject({ found: [], objects: { missing: 0, young: 1 } });
    expect(await pipeline.take('IngestQueue')).toEqual([]);
  });

  test('a dry run shows what is lost and what lies elsewhere, and sends nothing', async () => {
    const args = ['reconcile', '--dry-run', '--days', '2', '-o', 'json'];
    const outcome = await operator.flowlogsLater(A_WHILE, ...args);
    expect(answerOf(outcome)).toMatchObject({
      ...{ days: 2, dryRun: true, found: [{ what: 'object', source: lost.source, requeued: false }] },
      objects: { missing: 1, requeued: 0 },
      partitions: { missing: 0, misplaced: 1 },
    });
    expect(outcome.stderr).toContain(`lies at ${elsewhere}`);
    expect(outcome.stderr).toContain('DROP PARTITION');
    expect(await pipeline.take('IngestQueue')).toEqual([]);
  });

  test('what is lost is announced again, and ingested', async () => {
    const { status, stdout, stderr } = await operator.flowlogsLater(A_WHILE, 'reconcile', '--days', '2');
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: expect.stringMatching(/^missing +source +announced\nobject +s3:.* again\n$/s),
    });
    expect(stderr).toContain('1 missing, 1 announced again');
    await pipeline.pumpWithoutFailures();
    expect((await pipeline.lake()).receipts.map(({ source }) => source)).toContain(lost.source);
  });
});
