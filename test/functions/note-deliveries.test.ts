import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type AwsStub, mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { notificationOf } from '../../shared/aws/object-created.ts';
import { objectId, objectKey } from '../../shared/lake/layout.ts';
import { captureOutput, failedIds, lambdaContext, sqsEvent, stubEnvironment } from './invoke.ts';

/** When the messages of `sqsEvent` were sent: 2025-11-21T04:40:00Z. */
const SENT = 1_763_700_000;

// biome-ignore lint/suspicious/noExplicitAny: the stub's own types name every command
let sqs: AwsStub<any, any, any>;
let noted: string[];
let note: (accountId: string, region: string, at: number) => Promise<void>;

beforeEach(() => {
  vi.resetModules();
  stubEnvironment({ SITUATION_TABLE: 'situations' });
  noted = [];
  note = async (...delivery) => void noted.push(delivery.join(' '));
  vi.doMock('../../shared/aws/dynamodb-deliveries.ts', () => ({
    dynamoDbDeliveries: () => ({ note: (...all: Parameters<typeof note>) => note(...all) }),
  }));
  sqs = mockClient(SQSClient);
  sqs.onAnyCommand().resolves({});
  captureOutput();
});

afterEach(() => {
  sqs.restore();
  vi.doUnmock('../../shared/aws/dynamodb-deliveries.ts');
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** A receipt, or something else, announced some seconds after the first. */
interface Announcement {
  readonly fileName?: string;
  readonly after?: number;
  readonly table?: 'receipts' | 'findings';
}

async function announce(...messages: readonly Announcement[]) {
  const bodies = messages.map(({ fileName = NAMES.vpc, table = 'receipts' }) => {
    const id = objectId({ bucket: 'raw', key: `AWSLogs/x/${fileName}`, etag: 'e' });
    return notificationOf({
      ...{ bucket: 'lake', key: objectKey(table, SENT, id), etag: 'e', size: 1, versionId: undefined },
    });
  });
  const event = sqsEvent(bodies);
  for (const [index, record] of event.Records.entries()) {
    record.attributes.SentTimestamp = String((SENT + (messages[index]!.after ?? 0)) * 1000);
  }
  const { handler } = await import('../../functions/note-deliveries/handler.ts');
  return handler(event, lambdaContext(60_000));
}

const NAMES = {
  vpc: '111122223333_vpcflowlogs_eu-west-1_fl-0123456789abcdef0_20251121T0420Z_fe123456.log.gz',
  dateless: '111122223333_vpcflowlogs_eu-west-1_fl-0123456789abcdef0_fe123456.log.gz',
  gov: '444455556666_vpcflowlogs_us-gov-west-1_fl-1234abcd_20251121T0420Z_fe123456.log.gz',
} as const;

test('each account and Region is noted once a batch, with the time of its last receipt', async () => {
  await announce({}, { after: 40 }, { fileName: NAMES.gov }, { after: 20 });
  expect(noted).toEqual([`111122223333 eu-west-1 ${SENT + 40}`, `444455556666 us-gov-west-1 ${SENT}`]);
});

test('and again only after some minutes, or in another hour', async () => {
  const toHour = 3600 - (SENT % 3600);
  for (const after of [0, 100, 299, 300, toHour - 1, toHour]) await announce({ after });
  expect(noted.map((each) => Number(each.split(' ')[2]) - SENT)).toEqual([0, 300, toHour - 1, toHour]);
});

test('files that do not have the names of AWS say nothing of who delivers', async () => {
  expect(await announce({ fileName: 'export.log.gz' })).toEqual({ batchItemFailures: [] });
  expect(noted).toEqual([]);
});

test.each([
  ['of six hours ago is a late delivery', 6 * 3600 - 1200, 1],
  ['of longer ago is imported, and says nothing of who delivers', 6 * 3600 - 1200 + 1, 0],
])('an object %s', async (_, after, times) => {
  expect(await announce({ after })).toEqual({ batchItemFailures: [] });
  expect(noted).toHaveLength(times);
});

test('an import does not hide what is delivered meanwhile', async () => {
  const imported = NAMES.vpc.replace('20251121', '20250301');
  await announce({}, { fileName: imported, after: 40 });
  expect(noted).toEqual([`111122223333 eu-west-1 ${SENT}`]);
});

test('an object whose name has no time is a delivery', async () => {
  await announce({ fileName: NAMES.dateless });
  expect(noted).toEqual([`111122223333 eu-west-1 ${SENT}`]);
});

test('what could not be noted is delivered again, the rest is not', async () => {
  note = async (accountId) => {
    if (accountId === '444455556666') throw new Error('ProvisionedThroughputExceeded');
  };
  expect(failedIds(await announce({}, { fileName: NAMES.gov }, {}))).toEqual(['message-2']);
});

test('an object of another folder goes to the dead-letter queue, and the others are noted', async () => {
  expect(await announce({ table: 'findings' }, {})).toEqual({ batchItemFailures: [] });
  expect(
    sqs
      .commandCalls(SendMessageCommand)
      .map(({ args: [{ input }] }) => input.MessageAttributes?.reason?.StringValue),
  ).toEqual(['not-a-receipt']);
  expect(noted).toHaveLength(1);
});
