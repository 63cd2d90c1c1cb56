import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseNotification } from '../../shared/aws/object-created.ts';
import { statementsOf } from './harness/athena.ts';
import { answerOf, type Operator, startOperator } from './harness/operator.ts';
import { type Pipeline, startPipeline } from './harness/pipeline.ts';

/** Notifications got lost: someone sends them again, of raw objects, of partitions and of findings. */

const keyOf = (stamp: string, name: string) =>
  `AWSLogs/123456789010/vpcflowlogs/eu-west-1/2014/12/14/123456789010_vpcflowlogs_eu-west-1_fl-1234abcd_20141214T${stamp}Z_${name}.log.gz`;
const LOG = `version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status
2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 REJECT OK
`;
/** With what URLs and forms encode. */
const ODD = keyOf('0410', 'a b+c=é%');

let pipeline: Pipeline;
let operator: Operator;

beforeAll(async () => {
  pipeline = await startPipeline();
  operator = await startOperator(pipeline);
  for (const key of [keyOf('0405', 'one'), ODD, keyOf('0500', 'three')]) await pipeline.put(key, LOG);
  await pipeline.put('AWSLogs/123456789010/CloudTrail/eu-west-1/trail.json.gz', '{}');
  await pipeline.take('IngestQueue');
});

afterAll(() => pipeline?.dispose());

const replay = (...args: string[]) => operator.flowlogs('replay', '-o', 'json', ...args);

test('a dry run counts what it would send, and sends nothing', async () => {
  expect(answerOf(await replay('--prefix', '', '--dry-run'))).toMatchObject({
    ...{ messages: 3, sent: 0, ignored: 1, outside: 0, dryRun: true },
    ...{ first: '2014-12-14T04:05:00Z', last: '2014-12-14T05:00:00Z' },
  });
  expect(await pipeline.take('IngestQueue')).toEqual([]);
});

test('raw objects of a time are announced as S3 does it, whatever is in their keys', async () => {
  const bucket = pipeline.names.RawBucket!;
  const args = ['--bucket', bucket, '--prefix', 'AWSLogs/', '--until', '2014-12-14T05:00'];
  expect(answerOf(await replay(...args))).toMatchObject({ sent: 2, ignored: 1, outside: 1 });
  const bodies = (await pipeline.take('IngestQueue')).map(({ Body }) => Body!);
  const announced = bodies.flatMap((body) => parseNotification(body).objects);
  expect(announced.map(({ key }) => key).toSorted()).toEqual([keyOf('0405', 'one'), ODD].toSorted());
  for (const body of bodies) await pipeline.send('IngestQueue', body);
  await pipeline.pumpWithoutFailures();
  expect((await pipeline.lake()).receipts.map(({ key }) => key).toSorted()).toEqual(
    [keyOf('0405', 'one'), ODD].toSorted(),
  );
});

test('what has a receipt is skipped: a second replay of all changes only what was missing', async () => {
  const { etags } = await pipeline.lake();
  expect(answerOf(await replay('--prefix', 'AWSLogs/'))).toMatchObject({ sent: 3 });
  await pipeline.pumpWithoutFailures();
  const lake = await pipeline.lake();
  expect(lake.receipts).toHaveLength(3);
  expect(lake.etags).toMatchObject(etags);
});

test('one message for each partition has it registered again', async () => {
  await pipeline.fn('register-partitions').letTimePass(3600);
  const before = (await statementsOf(pipeline)).length;
  expect(answerOf(await replay('--stage', 'partitions', '--prefix', 'flow_logs/'))).toMatchObject({
    ...{ sent: 1, covered: 2 },
  });
  await pipeline.pumpWithoutFailures();
  const statements = await statementsOf(pipeline);
  expect(statements.length).toBe(before + 1);
  expect(statements.at(-1)!.partitions).toMatchObject([{ values: { day: '2014-12-14', hour: '04' } }]);
});

test('findings are announced again, and counted once', async () => {
  expect(answerOf(await replay('--stage', 'findings', '--prefix', 'findings/'))).toMatchObject({ sent: 3 });
  const printed = await pipeline.pumpWithoutFailures();
  expect(printed.alert).toMatch(/"counted":0/);
});

test.each([
  ['a bucket that the function does not read', ['--bucket', 'other', '--prefix', ''], /only, not from other/],
  [
    'a folder that the function does not read',
    ['--stage', 'findings', '--prefix', 'receipts/'],
    /begin with findings\//,
  ],
  ['no prefix', [], /required option '--prefix/],
  ['the stage of a stack in place of its part', ['--stage', 'prod', '--prefix', ''], /Allowed choices/],
])('%s is wrong usage', async (_, args, message) => {
  const { status, stderr } = await replay(...args);
  expect(status).toBe(2);
  expect(stderr).toMatch(message);
});

test('no more messages are sent in a second than asked for', async () => {
  const started = performance.now();
  const slow = answerOf(await replay('--prefix', 'AWSLogs/', '--rate', '1'));
  expect(slow).toMatchObject({ sent: 3 });
  expect(performance.now() - started).toBeGreaterThan(2_000);
});
