import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { inject } from 'vitest';
import type { ALERT_COLUMNS } from '../../../shared/alerts/alert-columns.ts';
import type { Finding } from '../../../shared/findings/finding.ts';
import type { Receipt } from '../../../shared/lake/receipt.ts';
import { zstdDecompressFrames } from '../../shared/lake/zstd-frames.ts';
import type { StageName } from '../global-setup.ts';
import { resetMoto } from './moto-server.ts';
import type { NotifiedObject } from './notifications.ts';
import { deploy, type Stack } from './stack.ts';
import type { Template } from './template.ts';

/** The packaged stack on one machine, with what a test does to it and sees of it. */
export interface Pipeline extends Stack {
  /** Puts an object into the raw bucket; text is compressed as AWS does it. */
  put(key: string, content: Uint8Array | string): Promise<NotifiedObject>;
  /** Sends a message to a queue. */
  send(queue: QueueName, body: string): Promise<void>;
  /** Takes all messages that are visible out of a queue. `Inbox` is subscribed to the alerts. */
  take(queue: QueueName | 'Inbox'): Promise<Message[]>;
  lake(): Promise<Lake>;
  /**
   * Delivers messages until all queues are quiet.
   *
   * @returns what each function printed, by its name.
   * @throws Error with what was printed if a function or a message failed.
   */
  pumpWithoutFailures(): Promise<Readonly<Record<string, string>>>;
}

type QueueName = `${'Ingest' | 'Partition' | 'Finding' | 'Delivery'}${'Queue' | 'DeadLetterQueue'}`;

type AlertRow = Readonly<Partial<Record<(typeof ALERT_COLUMNS)[number]['name'], unknown>>>;

/** What the lake bucket holds. */
export interface Lake {
  /** Of every object, by key. */
  readonly etags: Readonly<Record<string, string>>;
  readonly receipts: readonly Receipt[];
  readonly findings: readonly Finding[];
  /** What people were told. */
  readonly alerts: readonly AlertRow[];
  readonly quarantine: readonly Readonly<Record<string, unknown>>[];
  /** The records of each object of a table of records, by the object's key. */
  readonly records: ReadonlyMap<string, readonly Readonly<Record<string, unknown>>[]>;
}

const PLACE = { accountId: '123456789012', region: 'eu-west-1' };

/** What a test may choose. */
export interface PipelineOptions {
  /** The stage file that the stack is packaged with, by its name; `minimal` unless given. */
  readonly stage?: StageName;
  /** Variables of functions that differ from what was packaged, by the function's name. */
  readonly environment?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** The template that would be deployed. */
export function packagedTemplate(stage: StageName = 'minimal'): Template {
  return JSON.parse(readFileSync(inject('packages')[stage].templateFile, 'utf8'));
}

/** Starts the packaged stack on a moto_server that has forgotten everything before. */
export async function startPipeline({
  stage = 'minimal',
  environment = {},
}: PipelineOptions = {}): Promise<Pipeline> {
  const cloud = { ...PLACE, endpoint: inject('motoUrl') };
  await resetMoto(cloud.endpoint);
  const stack = await deploy(packagedTemplate(stage), cloud, {
    taskRootOf: (name) => join(inject('packages')[stage].codeFolder, name),
    environmentOf: (name) => environment[name] ?? {},
  });
  const { s3, sqs, sns } = stack;
  const urls: Record<string, string> = { ...stack.names, Inbox: await subscribeInbox() };

  async function subscribeInbox(): Promise<string> {
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'inbox' }));
    await sns.send(
      new SubscribeCommand({
        TopicArn: stack.names.AlertsTopic,
        Protocol: 'sqs',
        Endpoint: `arn:aws:sqs:${PLACE.region}:${PLACE.accountId}:inbox`,
        Attributes: { RawMessageDelivery: 'true' },
      }),
    );
    return QueueUrl!;
  }

  async function lakeObjects(): Promise<{ etags: Record<string, string>; objects: Map<string, Buffer> }> {
    const Bucket = stack.names.LakeBucket;
    const etags: Record<string, string> = {};
    const objects = new Map<string, Buffer>();
    let ContinuationToken: string | undefined;
    do {
      const page = await s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken }));
      for (const { Key = '', ETag = '' } of page.Contents ?? []) {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
        etags[Key] = ETag;
        objects.set(Key, Buffer.from(await Body!.transformToByteArray()));
      }
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    return { etags, objects };
  }

  return {
    ...stack,
    async put(key, content) {
      const bucket = stack.names.RawBucket!;
      const Body = typeof content === 'string' ? gzipSync(content) : content;
      const { ETag, VersionId } = await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body }));
      return { bucket, key, etag: ETag!.replaceAll('"', ''), size: Body.length, versionId: VersionId };
    },
    async send(queue, MessageBody) {
      await sqs.send(new SendMessageCommand({ QueueUrl: urls[queue], MessageBody }));
    },
    async take(queue) {
      const QueueUrl = urls[queue];
      const taken: Message[] = [];
      for (;;) {
        const { Messages = [] } = await sqs.send(
          new ReceiveMessageCommand({
            QueueUrl,
            MaxNumberOfMessages: 10,
            MessageSystemAttributeNames: ['All'],
            MessageAttributeNames: ['All'],
          }),
        );
        if (Messages.length === 0) return taken;
        taken.push(...Messages);
        for (const { ReceiptHandle } of Messages) {
          await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
        }
      }
    },
    async pumpWithoutFailures() {
      const printed: Record<string, string> = {};
      for (const { fn, invocation, failed } of await stack.pump()) {
        const { error, output } = invocation;
        if (error !== undefined || failed.length > 0) throw new Error(`${fn} failed:\n${output}`);
        printed[fn] = (printed[fn] ?? '') + output;
      }
      return printed;
    },
    async lake() {
      const { etags, objects } = await lakeObjects();
      const rowsOf = <T>(key: string): T[] => {
        const bytes = objects.get(key)!;
        return inflated(key, bytes)
          .toString()
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => JSON.parse(line));
      };
      const below = (folder: string) => [...objects.keys()].filter((key) => key.startsWith(folder));
      const tables = ['flow_logs/', 'transit_gateway_flow_logs/'];
      return {
        etags,
        receipts: below('receipts/').flatMap((key) => rowsOf<Receipt>(key)),
        findings: below('findings/').flatMap((key) => rowsOf<Finding>(key)),
        alerts: below('alerts/').flatMap((key) => rowsOf<AlertRow>(key)),
        quarantine: below('quarantine/').flatMap((key) => rowsOf<Record<string, unknown>>(key)),
        records: new Map(tables.flatMap(below).map((key) => [key, rowsOf<Record<string, unknown>>(key)])),
      };
    },
  };
}

function inflated(key: string, bytes: Buffer): Buffer {
  if (key.endsWith('.zst')) return zstdDecompressFrames(bytes);
  return key.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}
