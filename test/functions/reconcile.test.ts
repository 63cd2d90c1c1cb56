import { gzipSync } from 'node:zlib';
import { GetPartitionsCommand, GlueClient } from '@aws-sdk/client-glue';
import { S3Client } from '@aws-sdk/client-s3';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type AwsStub, mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { parseNotification } from '../../shared/aws/object-created.ts';
import { sqsSender } from '../../shared/aws/sqs-sender.ts';
import { partitionOfKey, recordsKey } from '../../shared/lake/partition.ts';
import { type FakeS3, fakeS3, s3Error } from '../shared/aws/fake-s3.ts';
import { type CapturedOutput, captureOutput, lambdaContext, sqsEvent, stubEnvironment } from './invoke.ts';

vi.mock('node:timers/promises', () => import('../virtual-sleep.ts'));

const NOW = Date.UTC(2026, 10, 20, 12);
const MINUTES = 60_000;
const HOURS = 60 * MINUTES;

const ACCOUNT = '123456789010';
const FILE = `${ACCOUNT}_vpcflowlogs_eu-west-1_fl-1234abcd_20261120T0500Z_fe123456.log.gz`;
const PLAIN = `AWSLogs/${ACCOUNT}/vpcflowlogs/eu-west-1/2026/11/20/${FILE}`;
const HIVE = `AWSLogs/aws-account-id=${ACCOUNT}/aws-service=vpcflowlogs/aws-region=eu-west-1/year=2026/month=11/day=20`;
const TIME = Date.UTC(2026, 10, 20, 5, 1) / 1000;
const TEXT = `version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status
2 ${ACCOUNT} eni-1235b8ca123456789 198.51.100.7 10.0.0.5 40000 22 6 2 96 ${TIME} ${TIME + 50} ACCEPT OK
`;

const QUEUES = {
  INGEST_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/123456789012/ingest',
  PARTITION_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/123456789012/partition',
};

let s3: FakeS3;
// biome-ignore lint/suspicious/noExplicitAny: the stub's own types name every command
let sqs: AwsStub<any, any, any>;
// biome-ignore lint/suspicious/noExplicitAny: the stub's own types name every command
let glue: AwsStub<any, any, any>;
/** The partitions that the catalogue knows, by table. */
let registered: Record<string, { Values: string[]; StorageDescriptor: { Location: string } }[]>;
let output: CapturedOutput;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  vi.setTimerTickMode('nextTimerAsync');
  stubEnvironment({ ...QUEUES, RAW_BUCKET: 'raw', RECONCILE_DAYS: '3', ATHENA_DATABASE: 'flowlogs_test' });
  s3 = fakeS3();
  sqs = mockClient(SQSClient);
  sqs.onAnyCommand().resolves({});
  registered = {};
  glue = mockClient(GlueClient);
  // Two in an answer, so that every test with more pages.
  glue.on(GetPartitionsCommand).callsFake(({ TableName, Expression, NextToken = '0' }) => {
    const [, day] = /^day = '(\d{4}-\d{2}-\d{2})'$/.exec(Expression)!;
    const ofDay = (registered[TableName] ?? []).filter(({ Values }) => Values[2] === day);
    const from = Number(NextToken);
    const more = from + 2 < ofDay.length ? { NextToken: String(from + 2) } : {};
    return { Partitions: ofDay.slice(from, from + 2), ...more };
  });
  output = captureOutput();
});

afterEach(() => {
  s3.restore();
  sqs.restore();
  glue.restore();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  vi.useRealTimers();
});

/** Runs the function as Lambda does. */
async function reconcile(payload: unknown = {}, remainingMilliseconds = 900_000) {
  sqs.resetHistory();
  s3.requests.length = 0;
  vi.resetModules();
  const { handler } = await import('../../functions/reconcile/handler.ts');
  return handler(payload, lambdaContext(remainingMilliseconds));
}

/** Has the ingest function read what messages announce. */
async function ingest(bodies: readonly string[]) {
  vi.resetModules();
  const { handler } = await import('../../functions/ingest/handler.ts');
  expect(await handler(sqsEvent(bodies), lambdaContext())).toEqual({ batchItemFailures: [] });
}

/** Puts an object into a bucket, so long ago. */
function put(bucket: string, key: string, { ago = 5 * HOURS, text = TEXT } = {}) {
  vi.setSystemTime(Date.now() - ago);
  const object = s3.put(bucket, key, text === '' ? '' : gzipSync(text));
  vi.setSystemTime(Date.now() + ago);
  return object;
}

function bodiesTo(queue: keyof typeof QUEUES): string[] {
  return sqs
    .commandCalls(SendMessageBatchCommand)
    .filter(({ args: [{ input }] }) => input.QueueUrl === QUEUES[queue])
    .flatMap(({ args: [{ input }] }) =>
      (input.Entries as { MessageBody: string }[]).map(({ MessageBody }) => MessageBody),
    );
}

function announcedTo(queue: keyof typeof QUEUES) {
  return bodiesTo(queue).flatMap((body) => parseNotification(body).objects);
}

/** Prefixes that were listed in a bucket. */
function listed(bucket: string): string[] {
  return s3.requests
    .filter(({ command, input }) => command === 'ListObjectsV2' && input.Bucket === bucket)
    .map(({ input }) => input.Prefix);
}

function hoursAgo(hours: number): number {
  return Math.floor(NOW / HOURS) - hours;
}

function recordsOf(hour: number, kind: 'vpc' | 'transit-gateway' = 'vpc', region = 'eu-west-1'): string {
  return recordsKey(kind, { accountId: ACCOUNT, region, hour }, 'x-1', 'zstd');
}

function register(...keys: string[]) {
  for (const key of keys) {
    const { table, accountId, region, day, hour } = partitionOfKey(key)!;
    const Location = `s3://lake/${key.slice(0, key.lastIndexOf('/'))}`;
    const partition = { Values: [accountId, region, day, hour], StorageDescriptor: { Location } };
    registered[table] = [...(registered[table] ?? []), partition];
  }
}

test('with everything in its place there is nothing to do', async () => {
  await ingestAll(put('raw', PLAIN));
  register(...recordKeys());
  expect(await reconcile()).toEqual({
    days: 3,
    dryRun: false,
    partitions: { compared: 1, misplaced: 0, missing: 0, requeued: 0 },
    objects: { compared: 1, ignored: 0, young: 0, unclaimed: 0, unseen: 0, missing: 0, requeued: 0 },
  });
  expect(sqs.commandCalls(SendMessageBatchCommand)).toEqual([]);
  expect(output.metric('ObjectsRequeued')).toBeUndefined();
  expect(output.metric('PartitionsRequeued')).toBeUndefined();
});

async function ingestAll(...objects: { key: string; etag: string; size: number }[]) {
  const { notificationOf } = await import('../../shared/aws/object-created.ts');
  await ingest(objects.map((object) => notificationOf({ bucket: 'raw', versionId: undefined, ...object })));
}

function recordKeys(): string[] {
  return [...s3.contents('lake').keys()].filter((key) => key.startsWith('flow_logs/'));
}

describe('an object whose notification was lost', () => {
  test.each([
    ['in the plain layout', PLAIN],
    ['in folders of hours', PLAIN.replace('/20/', '/20/05/')],
    ['with an organization', PLAIN.replace('AWSLogs/', 'AWSLogs/o-a1b2c3d4e5/')],
    ['in the Hive layout', `${HIVE}/${FILE}`],
    ['in the Hive layout with hours', `${HIVE}/hour=05/${FILE}`],
    ['of a transit gateway in the Hive layout', `${HIVE.replace('aws-service', 'service')}/${FILE}`],
    [
      'in Hive folders of an organization',
      `${HIVE.replace('AWSLogs/', 'AWSLogs/o-a1b2c3d4e5/')}/hour=05/${FILE}`,
    ],
    ['right below its account', `AWSLogs/${ACCOUNT}/${FILE}`],
    ['in a folder of somebody', `copied by hand/50%+1/${FILE}`],
    ['loose', FILE],
    ["in another day's folder", PLAIN.replace('/20/', '/19/')],
    ['with a key that needs encoding', PLAIN.replace('_fe123456', '_a b+c=d%2Fé')],
  ])('%s is read after all, and then it is done', async (_, key) => {
    const object = put('raw', key);
    const result = await reconcile();
    expect(result.objects).toMatchObject({ missing: 1, requeued: 1 });
    expect(announcedTo('INGEST_QUEUE_URL')).toEqual([{ bucket: 'raw', versionId: undefined, ...object }]);
    expect(output.metric('ObjectsRequeued')).toBe(1);
    await ingest(bodiesTo('INGEST_QUEUE_URL'));
    expect([...s3.contents('lake').keys()].filter((name) => name.startsWith('receipts/'))).toHaveLength(1);
    expect((await reconcile()).objects).toMatchObject({ missing: 0, requeued: 0 });
  });

  test('below the configured prefix is found, and nothing beside it is looked at', async () => {
    vi.stubEnv('RAW_PREFIX', 'network/logs/');
    const object = put('raw', `network/logs/${PLAIN}`);
    put('raw', `network/other/${PLAIN}`);
    put('raw', PLAIN);
    await reconcile();
    expect(announcedTo('INGEST_QUEUE_URL')).toMatchObject([{ key: object.key }]);
    expect(listed('raw').every((prefix) => prefix.startsWith('network/logs/'))).toBe(true);
  });

  test('of the days in question is found, others are not even listed', async () => {
    const on = (day: string) => PLAIN.replace('2026/11/20', day).replace('20261120', day.replaceAll('/', ''));
    for (const day of ['2026/11/17', '2026/11/18', '2026/11/19', '2026/11/20']) put('raw', on(day));
    await reconcile();
    expect(announcedTo('INGEST_QUEUE_URL').map(({ key }) => key)).toEqual(
      ['2026/11/20', '2026/11/19', '2026/11/18'].map(on),
    );
    expect(listed('raw').join()).not.toContain('2026/11/17');
    expect((await reconcile({ days: 1 })).objects).toMatchObject({ compared: 1, missing: 1 });
    expect((await reconcile({ days: 4 })).objects).toMatchObject({ compared: 4, missing: 4 });
  });

  test('is found among those that were read, on pages of any length', async () => {
    const keys = Array.from({ length: 25 }, (_, index) => PLAIN.replace('fe123456', `fe${100000 + index}`));
    const objects = keys.map((key) => put('raw', key));
    await ingestAll(...objects.filter((_, index) => index % 5 > 0));
    const lost = keys.filter((_, index) => index % 5 === 0);
    for (const size of [1000, 7, 1]) {
      s3.pageSize = size;
      expect((await reconcile()).objects).toMatchObject({ compared: 25, missing: 5, requeued: 5 });
      expect(announcedTo('INGEST_QUEUE_URL').map(({ key }) => key)).toEqual(lost);
    }
  });

  test('is another one when its content is', async () => {
    await ingestAll(put('raw', PLAIN));
    const replaced = put('raw', PLAIN, { text: TEXT.replace('ACCEPT', 'REJECT') });
    expect((await reconcile()).objects).toMatchObject({ compared: 1, missing: 1 });
    expect(announcedTo('INGEST_QUEUE_URL')).toMatchObject([{ key: PLAIN, etag: replaced.etag }]);
  });

  test('may still be on its way for two hours', async () => {
    put('raw', PLAIN, { ago: 1 * HOURS });
    expect((await reconcile()).objects).toMatchObject({ compared: 1, young: 1, missing: 0, requeued: 0 });
    vi.setSystemTime(NOW + 1 * HOURS + 1 * MINUTES);
    expect((await reconcile()).objects).toMatchObject({ young: 0, missing: 1 });
  });
});

describe('what is not for ingest', () => {
  test('is passed over', async () => {
    put('raw', PLAIN.replace('.log.gz', '.log.parquet'));
    put('raw', PLAIN.replace('fe12', 'ab12'), { text: '' });
    put('raw', PLAIN.replace(FILE, ''), { text: '' });
    expect((await reconcile()).objects).toMatchObject({ ignored: 3, compared: 0, missing: 0 });
  });

  test('of other services is not even listed, however much it is', async () => {
    for (const service of ['CloudTrail', 'Config', 'elasticloadbalancing']) {
      for (let index = 0; index < 50; index++) {
        put('raw', `AWSLogs/${ACCOUNT}/${service}/eu-west-1/2026/11/20/${index}.json.gz`);
        put('raw', `AWSLogs/o-a1b2c3d4e5/${ACCOUNT}/${service}/eu-west-1/2026/11/20/${index}.json.gz`);
      }
    }
    put('raw', `AWSLogs/${ACCOUNT}/ELBAccessLogTestFile`);
    put('raw', PLAIN);
    expect((await reconcile()).objects).toMatchObject({ ignored: 1, missing: 1 });
    expect(listed('raw').sort()).toEqual(
      [
        '',
        'AWSLogs/',
        `AWSLogs/${ACCOUNT}/`,
        'AWSLogs/o-a1b2c3d4e5/',
        `AWSLogs/o-a1b2c3d4e5/${ACCOUNT}/`,
        `AWSLogs/${ACCOUNT}/vpcflowlogs/`,
        ...['18', '19', '20'].map((day) => `AWSLogs/${ACCOUNT}/vpcflowlogs/eu-west-1/2026/11/${day}/`),
      ].sort(),
    );
  });

  test("is other people's files: nothing of their folder was ever read", async () => {
    put('raw', 'backups/database.dump');
    put('raw', 'readme.txt');
    const result = await reconcile();
    expect(result.objects).toMatchObject({ unclaimed: 2, missing: 0, requeued: 0 });
    expect(bodiesTo('INGEST_QUEUE_URL')).toEqual([]);
  });

  test('but a file of any name is, in a folder whose other files were read', async () => {
    const lost = put('raw', 'exports/a.log.gz', { ago: 30 * HOURS });
    await ingestAll(put('raw', 'exports/sub/b.log.gz'));
    put('raw', 'backups/database.dump');
    const result = await reconcile();
    expect(result.objects).toMatchObject({ unclaimed: 1, missing: 1 });
    expect(announcedTo('INGEST_QUEUE_URL')).toMatchObject([{ key: lost.key }]);
    await ingest(bodiesTo('INGEST_QUEUE_URL'));
    expect((await reconcile()).objects).toMatchObject({ unclaimed: 1, missing: 0 });
  });

  test('lies elsewhere is still a flow log, and only the days in question are listed', async () => {
    const lost = put('raw', `network/prod/${PLAIN}`);
    put('raw', `network/prod/${PLAIN.replace('2026/11/20', '2026/10/01').replace('20261120', '20261001')}`);
    put('raw', 'network/readme.txt');
    expect((await reconcile()).objects).toMatchObject({ missing: 1, unclaimed: 1, unseen: 0 });
    expect(announcedTo('INGEST_QUEUE_URL')).toMatchObject([{ key: lost.key }]);
    const days = listed('raw').filter(
      (prefix) => prefix.startsWith('network/prod/AWSLogs/') && prefix.includes('/2026/'),
    );
    expect(days.map((prefix) => prefix.slice(-11)).sort()).toEqual([
      '2026/11/18/',
      '2026/11/19/',
      '2026/11/20/',
    ]);
  });

  test('was copied onto itself after it was ingested is done', async () => {
    const key = 'exports/a.log.gz';
    await ingestAll(put('raw', key, { ago: 30 * HOURS }));
    put('raw', key, { ago: 5 * HOURS });
    expect((await reconcile()).objects).toMatchObject({ compared: 1, missing: 0 });
  });

  test('outside AWS’s layout is judged by its age', async () => {
    await ingestAll(put('raw', 'exports/new.log.gz'));
    put('raw', 'exports/old.log.gz', { ago: 80 * HOURS });
    expect((await reconcile()).objects).toMatchObject({ compared: 1, missing: 0 });
  });
});

describe('a partition whose notification was lost', () => {
  test('is announced by an object that lies in it', async () => {
    const keys = [recordsOf(hoursAgo(5)), recordsOf(hoursAgo(6)), recordsOf(hoursAgo(30))];
    for (const key of keys) put('lake', key);
    register(keys[0]!);
    const result = await reconcile();
    expect(result.partitions).toMatchObject({ compared: 3, missing: 2, requeued: 2 });
    expect(announcedTo('PARTITION_QUEUE_URL')).toMatchObject([
      { bucket: 'lake', key: keys[1] },
      { bucket: 'lake', key: keys[2] },
    ]);
    expect(output.metric('PartitionsRequeued')).toBe(2);
  });

  test('is found although its records are a week older than the objects', async () => {
    const key = recordsOf(hoursAgo(9 * 24));
    put('lake', key);
    expect((await reconcile()).partitions).toMatchObject({ missing: 1 });
    expect(announcedTo('PARTITION_QUEUE_URL')).toMatchObject([{ key }]);
  });

  test('is found in every table, account and Region', async () => {
    const keys = [
      recordsOf(hoursAgo(5)),
      recordsOf(hoursAgo(5), 'vpc', 'unknown'),
      recordsOf(hoursAgo(5), 'transit-gateway'),
      recordsOf(hoursAgo(5)).replace(ACCOUNT, 'unknown'),
    ];
    for (const key of keys) put('lake', key);
    s3.pageSize = 1;
    expect((await reconcile()).partitions).toMatchObject({ missing: 4, requeued: 4 });
    expect(
      announcedTo('PARTITION_QUEUE_URL')
        .map(({ key }) => key)
        .sort(),
    ).toEqual(keys.sort());
  });

  test('is told from the many that are registered', async () => {
    const keys = Array.from({ length: 24 }, (_, hour) => recordsOf(hoursAgo(12 + hour)));
    for (const key of keys) put('lake', key);
    register(...keys.filter((_, index) => index !== 7));
    expect((await reconcile()).partitions).toMatchObject({ compared: 24, missing: 1, requeued: 1 });
    expect(announcedTo('PARTITION_QUEUE_URL')).toMatchObject([{ key: keys[7] }]);
    for (const { args } of glue.commandCalls(GetPartitionsCommand)) {
      expect(args[0].input).toMatchObject({ DatabaseName: 'flowlogs_test', ExcludeColumnSchema: true });
    }
  });

  test('may still be on its way for two hours', async () => {
    put('lake', recordsOf(hoursAgo(1)), { ago: 1 * HOURS });
    expect((await reconcile()).partitions).toMatchObject({ compared: 1, missing: 0, requeued: 0 });
  });

  test('is none without records in it, whatever else is', async () => {
    const folder = recordsOf(hoursAgo(5)).replace(/[^/]*$/, '');
    put('lake', folder, { text: '' });
    put('lake', `${folder}notes.txt`);
    put('lake', `${folder.replace('eu-west-1', "x'; DROP TABLE t")}x-1.json.zst`);
    put('lake', 'flow_logs/stray.json.zst');
    expect((await reconcile()).partitions).toMatchObject({ missing: 0, requeued: 0 });
  });

  test('is looked for folder by folder: objects are not listed where all is well', async () => {
    const keys = Array.from({ length: 50 }, (_, index) =>
      recordsOf(hoursAgo(5)).replace('x-1', `x-${index}`),
    );
    for (const key of keys) put('lake', key);
    register(keys[0]!);
    await reconcile();
    expect(listed('lake').some((prefix) => prefix.includes('hour='))).toBe(false);
  });
});

test('a partition that the catalogue looks for elsewhere is told of: to register it again would change nothing', async () => {
  const key = recordsOf(hoursAgo(5));
  put('lake', key);
  register(key);
  registered.flow_logs![0]!.StorageDescriptor.Location = 's3://elsewhere/flow_logs/';
  expect((await reconcile()).partitions).toEqual({ compared: 1, misplaced: 1, missing: 0, requeued: 0 });
  expect(output.lines).toContainEqual(
    expect.objectContaining({
      ...{ level: 'WARN', message: 'partition lies elsewhere', location: 's3://elsewhere/flow_logs/' },
      ...{ folder: key.replace(/[^/]*$/, ''), advice: expect.stringContaining('DROP PARTITION') },
    }),
  );
});

test('a dry run tells the same and sends nothing', async () => {
  put('raw', PLAIN);
  put('lake', recordsOf(hoursAgo(5)));
  expect(await reconcile({ dryRun: true, days: 2 })).toMatchObject({
    days: 2,
    dryRun: true,
    partitions: { missing: 1, requeued: 0 },
    objects: { missing: 1, requeued: 0 },
  });
  expect(sqs.commandCalls(SendMessageBatchCommand)).toEqual([]);
  const sources = output.lines
    .filter(({ message }) => / is missing$/.test(message))
    .map(({ source }) => source);
  expect(sources.sort()).toEqual([`s3://lake/${recordsOf(hoursAgo(5))}`, `s3://raw/${PLAIN}`]);
  expect(output.metric('ObjectsRequeued')).toBeUndefined();
});

describe('a run that can’t look at everything', () => {
  test('for lack of time says so, and sends what it found', async () => {
    for (const day of ['18', '19', '20']) {
      put('raw', PLAIN.replace('/20/', `/${day}/`).replace('20261120', `202611${day}`));
    }
    // Every request takes twenty seconds.
    s3.before = () => new Promise((resolve) => setTimeout(resolve, 20_000));
    const result = await reconcile({}, 180_000);
    expect(result.objects.stoppedAt).toBe('time');
    expect(result.objects.missing).toBeGreaterThan(0);
    expect(result.objects.missing).toBeLessThan(3);
    expect(announcedTo('INGEST_QUEUE_URL')).toHaveLength(result.objects.missing);
    expect(output.lines.find(({ stoppedAt }) => stoppedAt === 'time')).toMatchObject({ level: 'WARN' });
  });

  test.each([
    [{ messages: 12 }, 'messages', 12],
    [{ listed: 15 }, 'listed', 0],
  ] as const)('within the bounds %j stops there, and says so', async (bounds, stoppedAt, missing) => {
    for (let index = 0; index < 20; index++) put('raw', PLAIN.replace('fe123456', `fe${100000 + index}`));
    const result = await reconcileWithin(bounds);
    expect(result.objects).toMatchObject({ stoppedAt, missing, requeued: missing });
    expect(result.partitions.stoppedAt).toBeUndefined();
    expect(announcedTo('INGEST_QUEUE_URL')).toHaveLength(missing);
    expect(output.lines.find((line) => line.stoppedAt === stoppedAt)).toMatchObject({ level: 'WARN' });
  });

  test('because a folder of somebody is too full looks at the rest, and says so', async () => {
    for (let index = 0; index < 20; index++) put('raw', `backups/${100000 + index}`);
    put('raw', PLAIN);
    const result = await reconcileWithin({ elsewhere: 15 });
    expect(result.objects).toMatchObject({ missing: 1, unclaimed: 15, unseen: 1 });
    expect(announcedTo('INGEST_QUEUE_URL')).toMatchObject([{ key: PLAIN }]);
    expect(output.lines.find(({ level }) => level === 'WARN').advice).toContain('RAW_PREFIX');
  });

  async function reconcileWithin(bounds: { messages?: number; listed?: number; elsewhere?: number }) {
    vi.resetModules();
    const { reconcile: run } = await import('../../functions/reconcile/reconcile.ts');
    const { reconcileReport } = await import('../../functions/reconcile/report.ts');
    const { observe } = await import('../../shared/lambda/observability.ts');
    const { readConfig } = await import('../../shared/config.ts');
    const client = new SQSClient({ region: 'eu-west-1' });
    const job = {
      s3: new S3Client({ region: 'eu-west-1' }),
      glue: new GlueClient({ region: 'eu-west-1' }),
      config: readConfig('reconcile'),
      partitionQueue: sqsSender(client, QUEUES.PARTITION_QUEUE_URL),
      ingestQueue: sqsSender(client, QUEUES.INGEST_QUEUE_URL),
      report: reconcileReport(observe('reconcile', 'test')),
      signal: new AbortController().signal,
    };
    return run({ days: 3, dryRun: false }, job, {
      messages: 1_000,
      listed: 1_000,
      elsewhere: 1_000,
      ...bounds,
    });
  }
});

describe('a failure', () => {
  test('to list the raw bucket says what is needed, and partitions are looked after all the same', async () => {
    put('lake', recordsOf(hoursAgo(5)));
    s3.before = ({ input }) => {
      if (input.Bucket === 'raw') throw s3Error('AccessDenied', 403, 'Access Denied');
    };
    await expect(reconcile()).rejects.toThrow(/s3:\/\/raw\/ may not be listed: Access Denied.*s3:ListBucket/);
    expect(announcedTo('PARTITION_QUEUE_URL')).toHaveLength(1);
    expect(output.metric('PartitionsRequeued')).toBe(1);
  });

  test('of the catalogue says what is needed, and objects are looked after all the same', async () => {
    put('raw', PLAIN);
    put('lake', recordsOf(hoursAgo(5)));
    glue.on(GetPartitionsCommand).rejects(new Error('is not authorized to perform: glue:GetPartitions'));
    await expect(reconcile()).rejects.toThrow(
      /partitions of flowlogs_test.flow_logs could not be listed.*role/,
    );
    expect(announcedTo('INGEST_QUEUE_URL')).toHaveLength(1);
  });

  test('midway sends what was found before it', async () => {
    put('raw', PLAIN);
    const yesterday = PLAIN.replace('/20/', '/19/').replace('20261120', '20261119');
    put('raw', yesterday);
    s3.before = ({ input }) => {
      if (input.Prefix?.endsWith('2026/11/19/')) throw s3Error('InternalError', 500);
    };
    await expect(reconcile()).rejects.toThrow('InternalError');
    expect(announcedTo('INGEST_QUEUE_URL')).toMatchObject([{ key: PLAIN }]);
    expect(output.metric('ObjectsRequeued')).toBe(1);
  });

  test('of a queue fails the run', async () => {
    put('raw', PLAIN);
    sqs.on(SendMessageBatchCommand).resolves({
      Successful: [],
      Failed: [{ Id: '0', SenderFault: false, Code: 'InternalError' }],
    });
    await expect(reconcile()).rejects.toThrow(/ingest did not take 1 of 1 messages/);
    expect(output.metric('ObjectsRequeued')).toBeUndefined();
  });
});

describe('the payload', () => {
  test.each([
    [
      "a schedule's event",
      { version: '0', source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} },
    ],
    ['nothing', null],
    ['an empty object', {}],
  ])('may be %s', async (_, payload) => {
    expect(await reconcile(payload)).toMatchObject({ days: 3, dryRun: false });
  });

  test.each([
    [{ days: 0 }, /days/],
    [{ days: 1.5 }, /days/],
    [{ days: '7' }, /days/],
    [{ days: 100_000 }, /days/],
    [{ dryRun: 'yes' }, /dryRun/],
    [{ dryrun: true }, /dryrun/],
    ['7', /The payload "7" can't be used/],
    [[7], /The payload \[7\] can't be used/],
  ])('%j is refused with what it takes', async (payload, named) => {
    const run = reconcile(payload);
    await expect(run).rejects.toThrow(named);
    await expect(run).rejects.toThrow(/It takes {"days": 1 to 366, "dryRun": true or false}/);
    expect(s3.requests).toEqual([]);
  });
});
