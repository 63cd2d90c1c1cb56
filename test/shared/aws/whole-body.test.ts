import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { s3Store } from '../../../shared/aws/s3-store.ts';
import { BrokenReadError, wholeBody } from '../../../shared/aws/whole-body.ts';
import { type FakeS3, fakeS3 } from './fake-s3.ts';

const KEY = 'findings/day=2026-11-20/x-1.json';

const client = new S3Client({ region: 'eu-west-1' });
let s3: FakeS3;

beforeEach(() => {
  s3 = fakeS3();
});

afterEach(() => s3.restore());

async function* chunks(text: string, error?: Error) {
  yield Buffer.from(text);
  if (error !== undefined) throw error;
}

test('a body of the length that was told passes', async () => {
  expect((await buffer(wholeBody(chunks('abc'), 3, 's3://raw/x'))).toString()).toBe('abc');
  expect((await buffer(wholeBody(chunks('abc'), undefined, 's3://raw/x'))).toString()).toBe('abc');
});

test.each([
  ['ends early', chunks('ab'), 'Reading s3://raw/x ended after 2 of 3 bytes.'],
  ['breaks', chunks('ab', new Error('aborted')), 'Reading s3://raw/x broke after 2 of 3 bytes.'],
])('a body that %s is told apart from a short one', async (_, body, message) => {
  const error = await buffer(wholeBody(body, 3, 's3://raw/x')).catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(BrokenReadError);
  expect((error as Error).message).toBe(message);
});

test('what the lake gives too little of is an error and not the whole object', async () => {
  s3.put('lake', KEY, '{"a":1}\n{"a":2}\n');
  s3.bodyOf = (content) => Readable.from([content.subarray(0, 8)]);
  const content = await s3Store(client, 'lake', new AbortController().signal).get(KEY);
  await expect(buffer(content!)).rejects.toThrow('ended after 8 of 16 bytes');
});
