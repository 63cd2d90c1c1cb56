import { buffer } from 'node:stream/consumers';
import {
  CopyObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { beforeEach, describe, expect, test } from 'vitest';
import { type S3Double, s3Double } from '../../bench/s3-double.ts';

const TARGET = { Bucket: 'lake', Key: 'a/b' };

let s3: S3Double;
beforeEach(() => {
  s3 = s3Double();
});

async function textOf(target = TARGET): Promise<string> {
  const { Body } = await s3.send(new GetObjectCommand(target));
  return (await buffer(Body)).toString();
}

/** The status of S3's refusal, as the SDK tells it. */
async function statusOf(command: object): Promise<number | undefined> {
  const error = await s3.send(command).catch((refusal: unknown) => refusal);
  expect(error).toBeInstanceOf(S3ServiceException);
  return (error as S3ServiceException).$metadata.httpStatusCode;
}

describe('a write', () => {
  const create = (content: string) =>
    new PutObjectCommand({ ...TARGET, Body: Buffer.from(content), IfNoneMatch: '*' });

  test('that may only create is refused where an object is, which stays as it is', async () => {
    await s3.send(create('first'));
    expect(await statusOf(create('second'))).toBe(412);
    expect(await textOf()).toBe('first');
  });

  test('without a condition replaces the object, which gets another ETag', async () => {
    const first = await s3.send(create('first'));
    const second = await s3.send(new PutObjectCommand({ ...TARGET, Body: Buffer.from('second') }));
    expect(await textOf()).toBe('second');
    expect(second.ETag).not.toBe(first.ETag);
  });

  test('keeps what it was given, though the memory is used again', async () => {
    const content = Buffer.from('first');
    await s3.send(new PutObjectCommand({ ...TARGET, Body: content }));
    content.fill('x');
    expect(await textOf()).toBe('first');
  });
});

describe('a read', () => {
  test.each([GetObjectCommand, HeadObjectCommand])(
    'of what is not there is told so (%o)',
    async (Command) => {
      expect(await statusOf(new Command(TARGET))).toBe(404);
    },
  );

  test.each([GetObjectCommand, HeadObjectCommand])(
    'of another content than it wants is refused (%o)',
    async (Command) => {
      const etag = s3.put('lake', 'a/b', Buffer.from('text'));
      expect(await statusOf(new Command({ ...TARGET, IfMatch: '"other"' }))).toBe(412);
      expect(await s3.send(new Command({ ...TARGET, IfMatch: `"${etag}"` }))).toMatchObject({
        ContentLength: 4,
      });
    },
  );
});

test('a listing has the keys of a prefix in their order, page by page', async () => {
  for (const key of ['b/2', 'a/3', 'a/1', 'a/2']) s3.put('lake', key, Buffer.from(key));
  const input = { Bucket: 'lake', Prefix: 'a/', MaxKeys: 2 };
  const first = await s3.send(new ListObjectsV2Command(input));
  expect(first).toMatchObject({ Contents: [{ Key: 'a/1', Size: 3 }, { Key: 'a/2' }], IsTruncated: true });
  const next = { ...input, ContinuationToken: first.NextContinuationToken };
  const second = await s3.send(new ListObjectsV2Command(next));
  expect(second).toMatchObject({ Contents: [{ Key: 'a/3' }], IsTruncated: false });
});

test('requests are counted by kind until the bucket is reset', async () => {
  s3.put('lake', 'a/b', Buffer.from('text'));
  await textOf();
  await s3.send(new HeadObjectCommand(TARGET));
  await s3.send(new HeadObjectCommand(TARGET));
  expect(s3.requests).toEqual({ GET: 1, HEAD: 2, PUT: 0, LIST: 0 });
  s3.reset('lake');
  expect(s3.requests).toEqual({ GET: 0, HEAD: 0, PUT: 0, LIST: 0 });
  expect(s3.contents('lake').size).toBe(0);
});

test('every answer takes the latency, and a signal ends the wait', async () => {
  const late = s3Double(50);
  late.put('lake', 'a/b', Buffer.from('text'));
  const started = performance.now();
  await late.send(new HeadObjectCommand(TARGET));
  // A timer may be a millisecond early.
  expect(performance.now() - started).toBeGreaterThan(48);
  const abortSignal = AbortSignal.abort();
  await expect(late.send(new HeadObjectCommand(TARGET), { abortSignal })).rejects.toThrow('abort');
});

test('a command that it does not know is no answer', async () => {
  const command = new CopyObjectCommand({ ...TARGET, CopySource: 'lake/c' });
  await expect(s3.send(command)).rejects.toThrow('does not know CopyObjectCommand');
});
