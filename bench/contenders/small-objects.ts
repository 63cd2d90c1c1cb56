/**
 * The ingest function, handler and all, on a folder of small objects in batches of 50 messages, with S3 in memory behind
 * the SDK's client. One pass over all objects comes first and is not measured: an instance has been running for a while.
 *
 * INPUT is the folder; the option is the latency of every request in milliseconds, 0 unless given.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { notificationOf } from '../../shared/aws/object-created.ts';
import { ENVIRONMENT } from '../environment.ts';
import type { RequestKind } from '../measured.ts';
import { type S3Double, s3Double } from '../s3-double.ts';
import { type Contender, contend } from './contend.ts';

/** What a pass over all objects took, beside its figures. */
export interface SmallObjectsPass {
  readonly requests: Readonly<Record<RequestKind, number>>;
  /** All that is in the lake. */
  readonly lakeBytes: number;
}

interface Instance {
  readonly handler: (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;
  readonly s3: S3Double;
  readonly messages: readonly SQSRecord[];
}

/** The queue's batch size. */
const BATCH = 50;
const KEY_FOLDER = 'AWSLogs/123456789010/vpcflowlogs/eu-west-1/2026/11/20';
const { LAKE_BUCKET, RAW_BUCKET } = ENVIRONMENT;

async function startInstance(folder: string, latency: number): Promise<Instance> {
  const s3 = s3Double(latency);
  const messages: SQSRecord[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const content = await readFile(join(folder, name));
    const key = `${KEY_FOLDER}/${name}`;
    const etag = s3.put(RAW_BUCKET, key, content);
    messages.push(
      messageOf(
        notificationOf({ bucket: RAW_BUCKET, key, etag, size: content.length, versionId: undefined }),
        messages.length,
      ),
    );
  }
  // The function makes its own client when it is imported; every client sends to the double.
  Object.assign(S3Client.prototype, { send: s3.send });
  Object.assign(process.env, ENVIRONMENT);
  const { handler } = await import('../../functions/ingest/handler.ts');
  return { handler, s3, messages };
}

async function pass({ handler, s3, messages }: Instance): Promise<SmallObjectsPass> {
  s3.reset(LAKE_BUCKET);
  for (let from = 0; from < messages.length; from += BATCH) {
    const { batchItemFailures } = await handler({ Records: messages.slice(from, from + BATCH) }, CONTEXT);
    if (batchItemFailures.length > 0)
      throw new Error(`${batchItemFailures.length} messages failed; the log says why.`);
  }
  const lake = s3.contents(LAKE_BUCKET);
  const receipts = [...lake.keys()].filter((key) => key.startsWith('receipts/')).length;
  if (receipts !== messages.length) throw new Error(`${messages.length} objects left ${receipts} receipts.`);
  const lakeBytes = [...lake.values()].reduce((sum, { length }) => sum + length, 0);
  return { requests: { ...s3.requests }, lakeBytes };
}

function messageOf(body: string, index: number): SQSRecord {
  return {
    messageId: `message-${index}`,
    receiptHandle: '',
    body,
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '',
      SenderId: '',
      ApproximateFirstReceiveTimestamp: '',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-west-1:123456789012:ingest',
    awsRegion: 'eu-west-1',
  };
}

const CONTEXT: Context = {
  awsRequestId: 'request',
  functionName: 'ingest',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:ingest',
  memoryLimitInMB: '1769',
  logGroupName: '',
  logStreamName: '',
  callbackWaitsForEmptyEventLoop: false,
  getRemainingTimeInMillis: () => 300_000,
  done() {},
  fail() {},
  succeed() {},
};

export const smallObjects: Contender<Instance, SmallObjectsPass> = {
  async prepare({ input, options: [latency = '0'] }) {
    const instance = await startInstance(input, Number(latency));
    await pass(instance);
    return instance;
  },
  work: (_task, instance) => pass(instance),
};

if (import.meta.main) await contend(smallObjects);
