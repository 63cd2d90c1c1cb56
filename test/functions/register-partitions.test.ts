import {
  AthenaClient,
  GetQueryExecutionCommand,
  type QueryExecutionStatus,
  StartQueryExecutionCommand,
  TooManyRequestsException,
} from '@aws-sdk/client-athena';
import { ChangeMessageVisibilityCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type AwsStub, mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { notificationOf } from '../../shared/aws/object-created.ts';
import { recordsKey } from '../../shared/lake/partition.ts';
import {
  type CapturedOutput,
  captureOutput,
  failedIds,
  lambdaContext,
  sqsEvent,
  stubEnvironment,
} from './invoke.ts';

vi.mock('node:timers/promises', () => import('../virtual-sleep.ts'));

const NOW = Date.UTC(2026, 10, 20, 5, 12);
const HOUR = Math.floor(NOW / 3_600_000);
const MINUTES = 60_000;

interface Statement {
  readonly sql: string;
  /** Of the table, the locations that it adds. */
  readonly locations: readonly string[];
  readonly database: string;
  readonly workgroup: string;
}

let statements: Statement[];
/** What becomes of a statement; undefined: it goes on running. */
let outcomeOf: (statement: Statement) => QueryExecutionStatus | undefined;
// biome-ignore lint/suspicious/noExplicitAny: the stub's own types name every command
let athena: AwsStub<any, any, any>;
// biome-ignore lint/suspicious/noExplicitAny: the stub's own types name every command
let sqs: AwsStub<any, any, any>;
let output: CapturedOutput;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  vi.setTimerTickMode('nextTimerAsync');
  vi.resetModules();
  stubEnvironment({ ATHENA_DATABASE: 'flowlogs_test', ATHENA_WORKGROUP: 'flowlogs-test' });
  statements = [];
  outcomeOf = () => ({ State: 'SUCCEEDED' });
  athena = mockClient(AthenaClient);
  athena.on(StartQueryExecutionCommand).callsFake((input) => {
    const sql: string = input.QueryString;
    const locations = [...sql.matchAll(/LOCATION 's3:\/\/lake\/([^']*)'/g)].map(([, folder]) => folder!);
    const { QueryExecutionContext, WorkGroup } = input;
    statements.push({ sql, locations, database: QueryExecutionContext.Database, workgroup: WorkGroup });
    return { QueryExecutionId: `query-${statements.length}` };
  });
  athena.on(GetQueryExecutionCommand).callsFake(({ QueryExecutionId }) => {
    const statement = statements[Number(QueryExecutionId.slice('query-'.length)) - 1]!;
    return { QueryExecution: { Status: outcomeOf(statement) ?? { State: 'RUNNING' } } };
  });
  sqs = mockClient(SQSClient);
  sqs.onAnyCommand().resolves({});
  output = captureOutput();
});

afterEach(() => {
  athena.restore();
  sqs.restore();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  vi.useRealTimers();
});

/** Runs the function on a batch as Lambda does; in one test always the same container. */
async function register(bodies: readonly string[], remainingMilliseconds?: number) {
  const { handler } = await import('../../functions/register-partitions/handler.ts');
  return handler(sqsEvent(bodies), lambdaContext(remainingMilliseconds));
}

/** The notification of new records of one hour, so many before now. */
function records(
  hoursAgo = 0,
  { kind = 'vpc', id = 'x-1' }: { kind?: 'vpc' | 'transit-gateway'; id?: string } = {},
) {
  const partition = { accountId: '123456789010', region: 'eu-west-1', hour: HOUR - hoursAgo };
  return announced(recordsKey(kind, partition, id, 'zstd'));
}

function announced(key: string, bucket = 'lake'): string {
  return notificationOf({ bucket, key, etag: 'e', size: 9, versionId: undefined });
}

function folderOf(hoursAgo: number): string {
  const time = new Date((HOUR - hoursAgo) * 3_600_000).toISOString();
  return `flow_logs/aws_account_id=123456789010/aws_region=eu-west-1/day=${time.slice(0, 10)}/hour=${time.slice(11, 13)}/`;
}

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}

const failed = (reason: string, more: QueryExecutionStatus['AthenaError'] = {}): QueryExecutionStatus => ({
  State: 'FAILED',
  StateChangeReason: reason,
  AthenaError: { ErrorCategory: 2, ErrorType: 1003, Retryable: false, ErrorMessage: reason, ...more },
});

function deadLetters() {
  return sqs
    .commandCalls(SendMessageCommand)
    .map(({ args: [{ input }] }) => [input.MessageAttributes?.reason?.StringValue, input.MessageBody]);
}

function delays(): number[] {
  return sqs
    .commandCalls(ChangeMessageVisibilityCommand)
    .map(({ args: [{ input }] }) => input.VisibilityTimeout as number);
}

describe('new records', () => {
  test('make their folder a partition', async () => {
    expect(await register([records()])).toEqual({ batchItemFailures: [] });
    expect(statements).toMatchObject([
      { database: 'flowlogs_test', workgroup: 'flowlogs-test', locations: [folderOf(0)] },
    ]);
    expect(output.metric('PartitionsRegistered')).toBe(1);
    expect(output.metric('PartitionsFailed')).toBeUndefined();
  });

  test('make one partition, however many objects it gets', async () => {
    await register(range(500).map((index) => records(index % 2, { id: `x-${index}` })));
    expect(statements.map(({ locations }) => [...locations].sort())).toEqual([
      [folderOf(1), folderOf(0)].sort(),
    ]);
    expect(output.metric('PartitionsRegistered')).toBe(2);
  });

  test('of two tables make two statements', async () => {
    await register([records(), records(0, { kind: 'transit-gateway' }), records(1)]);
    expect(statements.map(({ sql }) => /^ALTER TABLE (\w+) /.exec(sql)![1]).sort()).toEqual([
      'flow_logs',
      'transit_gateway_flow_logs',
    ]);
    expect(output.metric('PartitionsRegistered')).toBe(3);
  });

  test('in many folders make statements of a hundred partitions at most', async () => {
    await register(range(250).map((index) => records(index)));
    expect(statements.map(({ locations }) => locations.length)).toEqual([100, 100, 50]);
    expect(new Set(statements.flatMap(({ locations }) => locations)).size).toBe(250);
    expect(output.metric('PartitionsRegistered')).toBe(250);
  });

  test('are told in one log line for each statement, without its text', async () => {
    await register([records(), records(1)]);
    const lines = output.lines.filter(({ level }) => level === 'INFO');
    expect(lines).toMatchObject([{ service: 'register-partitions', queryId: 'query-1', partitions: 2 }]);
    expect(lines[0].seconds).toBeTypeOf('number');
    expect(JSON.stringify(output.lines)).not.toContain('ALTER TABLE');
  });

  test('wait for a statement that is queued and running', async () => {
    const states = ['QUEUED', 'RUNNING', 'QUEUED', 'RUNNING'] as const;
    let asked = 0;
    outcomeOf = () => ({ State: states[asked++] ?? 'SUCCEEDED' });
    expect(await register([records()])).toEqual({ batchItemFailures: [] });
    expect(asked).toBe(5);
    expect(statements).toHaveLength(1);
  });
});

describe('a statement that fails', () => {
  test('gives its message back to the queue, with a delay', async () => {
    outcomeOf = () => failed('FAILED: something odd');
    expect(failedIds(await register([records()]))).toEqual(['message-1']);
    expect(delays()).toHaveLength(1);
    expect(delays()[0]).toBeGreaterThan(0);
    expect(output.metric('PartitionsFailed')).toBe(1);
    const warning = output.lines.find(({ message }) => message.startsWith('message failed'));
    expect(warning.error.message).toContain(folderOf(0));
    expect(warning.error.message).toContain('something odd');
  });

  test.each([1, 50, 99])(
    'because of one partition in a hundred fails only its message (number %i)',
    async (bad) => {
      outcomeOf = ({ locations }) =>
        locations.includes(folderOf(bad)) ? failed('FAILED: no such thing') : { State: 'SUCCEEDED' };
      const response = await register(range(100).map((index) => records(index)));
      expect(failedIds(response)).toEqual([`message-${bad + 1}`]);
      expect(output.metric('PartitionsRegistered')).toBe(99);
      expect(output.metric('PartitionsFailed')).toBe(1);
      expect(statements.length).toBeLessThanOrEqual(15);
    },
  );

  test('because of two partitions in a hundred fails only theirs', async () => {
    outcomeOf = ({ locations }) =>
      locations.includes(folderOf(3)) || locations.includes(folderOf(70))
        ? failed('FAILED: no such thing')
        : { State: 'SUCCEEDED' };
    const response = await register(range(100).map((index) => records(index)));
    expect(failedIds(response).sort()).toEqual(['message-4', 'message-71']);
  });

  test.each([
    'FAILED: Execution Error, return code 1 from DDLTask. MetaException: User: arn:aws:sts::1:assumed-role/r is not authorized to perform: glue:BatchCreatePartition',
    'Access denied when writing output to url: s3://lake/athena-results/x.txt',
    'Insufficient permissions to execute the query.',
    'Insufficient Lake Formation permission(s) on flow_logs',
    'FAILED: SemanticException [Error 10001]: Table not found flowlogs_test.flow_logs',
    'EntityNotFoundException: Database flowlogs_test not found',
    'FAILED: Execution Error, return code 1. AccessDeniedException: not allowed',
  ])('for whatever partition is not split: %s', async (reason) => {
    outcomeOf = () => failed(reason);
    expect(failedIds(await register(range(100).map((index) => records(index))))).toHaveLength(100);
    expect(statements).toHaveLength(1);
  });

  test('as a whole for a reason that nobody knows is not split a hundred times', async () => {
    outcomeOf = () => failed('FAILED: mystery');
    expect(failedIds(await register(range(100).map((index) => records(index))))).toHaveLength(100);
    expect(statements.length).toBeLessThanOrEqual(30);
  });

  test('does not keep the statements behind it from running', async () => {
    outcomeOf = ({ sql }) =>
      sql.startsWith('ALTER TABLE flow_logs') ? failed('Table not found flow_logs') : { State: 'SUCCEEDED' };
    const response = await register([records(), records(0, { kind: 'transit-gateway' })]);
    expect(failedIds(response)).toEqual(['message-1']);
  });

  test('by somebody who cancels it is neither split nor repeated at once', async () => {
    outcomeOf = () => ({ State: 'CANCELLED', StateChangeReason: 'Query cancelled by user' });
    expect(failedIds(await register([records(), records(1)]))).toEqual(['message-1', 'message-2']);
    expect(statements).toHaveLength(1);
  });

  test('is repeated if AWS says that this may help, and not split', async () => {
    let failures = 2;
    outcomeOf = () =>
      failures-- > 0 ? failed('Rate exceeded', { Retryable: true }) : { State: 'SUCCEEDED' };
    expect(await register([records(), records(1)])).toEqual({ batchItemFailures: [] });
    expect(statements.map(({ locations }) => locations.length)).toEqual([2, 2, 2]);
    expect(output.metric('PartitionsRegistered')).toBe(2);
  });

  test('again and again, whatever AWS says, goes back to the queue', async () => {
    outcomeOf = () => failed('Rate exceeded', { Retryable: true });
    expect(failedIds(await register(range(100).map((index) => records(index))))).toHaveLength(100);
    expect(statements).toHaveLength(3);
  });

  test('to start because there are too many goes back to the queue', async () => {
    athena.on(StartQueryExecutionCommand).rejects(
      new TooManyRequestsException({
        message: 'You have exceeded the limit for the number of queries you can run concurrently.',
        $metadata: { httpStatusCode: 400 },
      }),
    );
    expect(failedIds(await register([records(), records(1)]))).toEqual(['message-1', 'message-2']);
    expect(athena.commandCalls(StartQueryExecutionCommand)).toHaveLength(1);
    const warning = output.lines.find(({ message }) => message.startsWith('message failed'));
    expect(warning.error.message).toContain(folderOf(0));
    expect(warning.error.message).toMatch(/You have exceeded the limit.*look at the function's role/);
  });
});

describe('a partition that exists already', () => {
  const EXISTS =
    'FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. AlreadyExistsException(message:Partition already exists.)';

  test('is registered', async () => {
    outcomeOf = () => failed(EXISTS);
    expect(await register([records()])).toEqual({ batchItemFailures: [] });
    expect(output.metric('PartitionsRegistered')).toBe(1);
  });

  test('does not hide that those behind it are not added', async () => {
    // What is added of a statement that fails is not known, so the others have to come in one that succeeds.
    outcomeOf = ({ locations }) =>
      locations.includes(folderOf(0)) ? failed(EXISTS) : { State: 'SUCCEEDED' };
    expect(await register(range(8).map((index) => records(index)))).toEqual({ batchItemFailures: [] });
    const succeeded = statements.filter(({ locations }) => !locations.includes(folderOf(0)));
    expect(succeeded.flatMap(({ locations }) => locations).sort()).toEqual(
      range(8).slice(1).map(folderOf).sort(),
    );
  });
});

test('what is still running when the time is nearly over stays in the queue, at once visible', async () => {
  outcomeOf = ({ sql }) => (sql.startsWith('ALTER TABLE flow_logs') ? { State: 'SUCCEEDED' } : undefined);
  const started = Date.now();
  const response = await register([records(), records(0, { kind: 'transit-gateway' })], 60_000);
  expect(failedIds(response)).toEqual(['message-2']);
  expect(delays()).toEqual([0]);
  expect(Date.now() - started).toBeLessThanOrEqual(51_000);
  const warning = output.lines.find(({ message }) => message.startsWith('message failed'));
  expect(warning.error.name).toBe('OutOfTimeError');
});

describe('what this container registered', () => {
  test('a short while ago is not registered again', async () => {
    await register([records()]);
    vi.setSystemTime(NOW + 14 * MINUTES);
    expect(await register([records(), records(1)])).toEqual({ batchItemFailures: [] });
    expect(statements.map(({ locations }) => locations)).toEqual([[folderOf(0)], [folderOf(1)]]);
  });

  test('more than 15 minutes ago is registered again', async () => {
    await register([records()]);
    vi.setSystemTime(NOW + 16 * MINUTES);
    await register([records()]);
    expect(statements).toHaveLength(2);
  });

  test('in vain is tried again', async () => {
    outcomeOf = () => failed('mystery');
    await register([records()]);
    outcomeOf = () => ({ State: 'SUCCEEDED' });
    expect(await register([records()])).toEqual({ batchItemFailures: [] });
    expect(statements).toHaveLength(2);
  });
});

describe('a message that announces no records', () => {
  const base = 'flow_logs/aws_account_id=123456789010/aws_region=eu-west-1/day=2026-11-20/hour=05';

  test.each([
    ['a quote', `${base.replace('eu-west-1', "eu-west-1'")}/x-1.json.zst`],
    [
      'a statement',
      `${base.replace('eu-west-1', "x') LOCATION 's3://evil/'; DROP TABLE flow_logs; --")}/x.json.zst`,
    ],
    ['an encoded quote', `${base.replace('eu-west-1', 'eu-west-1%27')}/x-1.json.zst`],
    ['a newline', `${base.replace('hour=05', 'hour=05\n')}/x-1.json.zst`],
    ['a semicolon', `${base};/x-1.json.zst`],
    ['other digits', `${base.replace('123456789010', '１２３４５６７８９０１０')}/x-1.json.zst`],
    ['a lone surrogate', `${base}/\ufffd.json.zst`],
    ['a day that there is not', `${base.replace('11-20', '02-30')}/x-1.json.zst`],
    ['another table', 'findings/day=2026-11-20/x-1.json'],
  ])('with %s in its key goes to the dead-letter queue alone', async (_, key) => {
    const body = announced(key);
    expect(await register([body, records()])).toEqual({ batchItemFailures: [] });
    expect(deadLetters()).toEqual([['not-a-partition', body]]);
    expect(statements.map(({ locations }) => locations)).toEqual([[folderOf(0)]]);
  });

  test('of another bucket goes to the dead-letter queue', async () => {
    const body = announced(`${base}/x-1.json.zst`, 'elsewhere');
    expect(await register([body])).toEqual({ batchItemFailures: [] });
    expect(deadLetters()).toEqual([['not-a-partition', body]]);
    expect(statements).toEqual([]);
  });

  test('of unknown shape goes to the dead-letter queue', async () => {
    expect(await register(['{"hello": 1}', records()])).toEqual({ batchItemFailures: [] });
    expect(deadLetters()).toEqual([['not-a-notification', '{"hello": 1}']]);
    expect(statements).toHaveLength(1);
  });

  test('among others registers what it can before it goes there', async () => {
    const { Records } = JSON.parse(records());
    const body = JSON.stringify({ Records: [...JSON.parse(announced('x')).Records, ...Records] });
    expect(await register([body])).toEqual({ batchItemFailures: [] });
    expect(deadLetters()).toEqual([['not-a-partition', body]]);
    expect(statements.map(({ locations }) => locations)).toEqual([[folderOf(0)]]);
  });

  test('but whose partition failed is delivered again first', async () => {
    outcomeOf = () => failed('mystery');
    const { Records } = JSON.parse(records());
    const body = JSON.stringify({ Records: [...JSON.parse(announced('x')).Records, ...Records] });
    expect(failedIds(await register([body]))).toEqual(['message-1']);
    expect(deadLetters()).toEqual([]);
  });

  test.each([
    ['a test event', JSON.stringify({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'lake' })],
    ["a folder's marker", announced(`${base}_$folder$`)],
    ['an empty folder', announced(`${base}/`)],
  ])('but %s is acknowledged', async (_, body) => {
    expect(await register([body])).toEqual({ batchItemFailures: [] });
    expect(deadLetters()).toEqual([]);
    expect(statements).toEqual([]);
  });
});
