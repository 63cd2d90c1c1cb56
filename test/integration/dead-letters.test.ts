import { gzipSync } from 'node:zlib';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answerOf, type Operator, startOperator } from './harness/operator.ts';
import { type Pipeline, startPipeline } from './harness/pipeline.ts';

/** Someone looks at what could not be processed, mends the cause and sends it back. */

const LOG = `version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status
2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK
`;
const keyOf = (name: string) =>
  `AWSLogs/123456789010/vpcflowlogs/eu-west-1/2014/12/14/123456789010_vpcflowlogs_eu-west-1_fl-1234abcd_20141214T0405Z_${name}.log.gz`;

let pipeline: Pipeline;
let operator: Operator;

type Letter = Readonly<Record<'queue' | 'id' | 'sent' | 'error', string>> & {
  readonly reason: string | null;
  readonly announces: readonly string[];
};

const list = async (...args: string[]) =>
  answerOf<Letter[]>(await operator.flowlogs('dlq', 'list', '-o', 'json', ...args));

/** Messages that the dead-letter queue of ingest shows to everybody. */
async function visibleMessages(queue: 'IngestDeadLetterQueue' | 'IngestQueue'): Promise<number> {
  const { Attributes } = await pipeline.sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: pipeline.names[queue],
      AttributeNames: ['ApproximateNumberOfMessages'],
    }),
  );
  return Number(Attributes!.ApproximateNumberOfMessages);
}

beforeAll(async () => {
  pipeline = await startPipeline();
  operator = await startOperator(pipeline);
  await pipeline.take('IngestQueue');
  await pipeline.put(keyOf('truncated'), gzipSync(LOG.repeat(50)).subarray(0, -20));
  await pipeline.put(keyOf('prose'), 'This is no flow log.\nIt only has the name of one.\n');
  await pipeline.send('IngestQueue', 'hello \u001b[31mred\u001b[0m');
  await pipeline.pump();
  // What SQS moves itself, after five failures, has no attributes.
  await pipeline.put(keyOf('unlucky'), LOG);
  const [unlucky] = await pipeline.take('IngestQueue');
  await pipeline.send('IngestDeadLetterQueue', unlucky!.Body!);
  // More than SQS gives out at once.
  for (let i = 0; i < 12; i++) await pipeline.send('PartitionDeadLetterQueue', `junk ${i}`);
});

afterAll(() => pipeline?.dispose());

test('all dead letters are listed, each with its reason, and stay where they are', async () => {
  const letters = await list();
  expect(letters.filter(({ queue }) => queue === 'partition')).toHaveLength(12);
  const ofIngest = letters.filter(({ queue }) => queue === 'ingest');
  const source = (name: string) => [`s3://${pipeline.names.RawBucket}/${keyOf(name)}`];
  expect(ofIngest).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ reason: 'corrupt-gzip', announces: source('truncated') }),
      expect.objectContaining({ reason: 'no-header', announces: source('prose') }),
      expect.objectContaining({ reason: 'not-a-notification', announces: [] }),
      expect.objectContaining({ reason: null, error: null, announces: source('unlucky') }),
    ]),
  );
  expect(ofIngest).toHaveLength(4);
  // At once, and not when some time is over.
  expect(await visibleMessages('IngestDeadLetterQueue')).toBe(4);
  expect(await list()).toHaveLength(16);
});

test('a list can be narrowed, and says where to look for what has no reason', async () => {
  const { status, stdout, stderr } = await operator.flowlogs(
    'dlq',
    'list',
    '--queue',
    'ingest',
    '--reason',
    'none',
  );
  expect(status).toBe(0);
  expect(stdout).toContain(keyOf('unlucky'));
  expect(stdout.trim().split('\n')).toHaveLength(2);
  expect(stderr).toContain('/aws/lambda/flowlogs-integration-ingest says why');
});

test('one letter is shown with what is wrong, where to look and what to do, and nothing runs in the terminal', async () => {
  const [letter] = await list('--reason', 'not-a-notification', '--queue', 'ingest');
  const { status, stdout } = await operator.flowlogs('dlq', 'show', letter!.id);
  expect(status).toBe(0);
  expect(stdout).toContain('not-a-notification: The message announces no object.');
  expect(stdout).toContain('flowlogs dlq redrive --stage integration');
  expect(stdout).toContain('/aws/lambda/flowlogs-integration-ingest');
  expect(stdout).toContain('hello \\u001b[31mred');
  expect(stdout).not.toContain('\u001b');
});

test('a letter that is not there is an error that says what to do', async () => {
  const { status, stderr } = await operator.flowlogs('dlq', 'show', 'no-such-id');
  expect(status).toBe(1);
  expect(stderr).toContain('There is no message no-such-id');
});

test('a dry run moves nothing', async () => {
  const { status, stdout, stderr } = await operator.flowlogs(
    'dlq',
    'redrive',
    '--all',
    '--dry-run',
    '-o',
    'json',
  );
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toHaveLength(16);
  expect(stderr).toContain('16 messages would be sent back.');
  expect(await list()).toHaveLength(16);
  expect(await visibleMessages('IngestQueue')).toBe(0);
});

test('what was mended is sent back, ingested, and gone from the dead-letter queue; the others stay', async () => {
  await pipeline.put(keyOf('prose'), LOG);
  await pipeline.take('IngestQueue');
  const redriven = answerOf(
    await operator.flowlogs(
      'dlq',
      'redrive',
      '--queue',
      'ingest',
      '--reason',
      'no-header',
      'none',
      '-o',
      'json',
    ),
  );
  expect(redriven).toMatchObject([{ outcome: 'moved' }, { outcome: 'moved' }]);
  await pipeline.pump();
  const { receipts } = await pipeline.lake();
  expect(receipts.map(({ key }) => key)).toEqual([keyOf('unlucky')]);
  // The object was overwritten: what its old message announces is gone, and that is said.
  expect((await list('--queue', 'ingest')).map(({ reason }) => reason).toSorted()).toEqual([
    'corrupt-gzip',
    'not-a-notification',
    'replaced',
  ]);
});

test('one message is sent back by its id, another id is told of', async () => {
  const [letter] = await list('--reason', 'corrupt-gzip');
  const { status, stdout, stderr } = await operator.flowlogs(
    'dlq',
    'redrive',
    '--id',
    letter!.id,
    'other',
    '-o',
    'json',
  );
  expect(status).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject([{ id: letter!.id, outcome: 'moved' }]);
  expect(stderr).toContain('There is no message other');
  const taken = await pipeline.take('IngestQueue');
  expect(taken).toMatchObject([{ Body: expect.stringContaining('truncated') }]);
  // They say why it failed the last time.
  expect(taken[0]).not.toHaveProperty('MessageAttributes');
});

test.each([
  ['nothing that says which messages', ['dlq', 'redrive'], /Name them with --id or --reason/],
  ['a queue that there is not', ['dlq', 'list', '--queue', 'raw'], /Allowed choices/],
  ['a reason that there is not', ['dlq', 'redrive', '--reason', 'gzip'], /Allowed choices are no-header/],
])('%s is wrong usage', async (_, args, message) => {
  const { status, stderr } = await operator.flowlogs(...args);
  expect(status).toBe(2);
  expect(stderr).toMatch(message);
});

test('without the stack the command says what to do', async () => {
  const { flowlogs } = await startOperator(pipeline, 'everything');
  const { status, stderr } = await flowlogs('dlq', 'list', '--stage', 'other');
  expect(status).toBe(1);
  expect(stderr).toMatch(/There is no stack flowlogs-other here\. Name what was deployed/);
});

test('who may not ask is told which policy is missing', async () => {
  const { status, stderr } = await operator.flowlogs('dlq', 'list', '--stage', 'other');
  expect(status).toBe(1);
  expect(stderr).toMatch(/may not cloudformation:DescribeStacks.*OperatorPolicyArn/s);
});
