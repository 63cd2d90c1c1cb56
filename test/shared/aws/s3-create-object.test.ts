import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createObject, PART_BYTES } from '../../../shared/aws/s3-create-object.ts';
import type { ObjectBody } from '../../../shared/lake/object-store.ts';
import { TEMP_FOLDER } from '../lake/ingest-text.ts';
import { type FakeS3, fakeS3, s3Error } from './fake-s3.ts';

let s3: FakeS3;
const client = new S3Client({ region: 'eu-west-1' });
const signal = new AbortController().signal;

beforeEach(() => {
  s3 = fakeS3();
});
afterEach(() => s3.restore());

const small: ObjectBody = { size: 6, chunks: [Buffer.from('abc'), Buffer.from('def')] };

/** Two and a half parts, each byte telling where it belongs. */
const largeContent = Buffer.alloc(PART_BYTES * 2.5).map((_, index) => index % 251);
function large(kind: 'file' | 'chunks'): ObjectBody {
  if (kind === 'chunks') {
    return {
      size: largeContent.length,
      chunks: [largeContent.subarray(0, 1000), largeContent.subarray(1000)],
    };
  }
  const file = join(TEMP_FOLDER, 'large');
  writeFileSync(file, largeContent);
  return { size: largeContent.length, file };
}

const commands = () => s3.requests.map(({ command }) => command);
const failOnce = (command: string, error: Error) => {
  let failed = false;
  s3.before = (request) => {
    if (request.command !== command || failed) return;
    failed = true;
    throw error;
  };
};

describe('a small object', () => {
  test('goes up in one create-only request', async () => {
    expect(await createObject(client, 'lake', 'a.json', small, signal)).toBe('created');
    expect(s3.requests).toMatchObject([{ command: 'PutObject', input: { Key: 'a.json', IfNoneMatch: '*' } }]);
    expect(s3.contents('lake').get('a.json')!.toString()).toBe('abcdef');
  });

  test('in a file goes up in one request, too', async () => {
    const file = join(TEMP_FOLDER, 'small');
    writeFileSync(file, 'abcdef');
    await createObject(client, 'lake', 'a.json', { size: 6, file }, signal);
    expect(commands()).toEqual(['PutObject']);
    expect(s3.contents('lake').get('a.json')!.toString()).toBe('abcdef');
  });

  test('that exists stays as it is', async () => {
    s3.put('lake', 'a.json', 'first');
    expect(await createObject(client, 'lake', 'a.json', small, signal)).toBe('exists');
    expect(s3.contents('lake').get('a.json')!.toString()).toBe('first');
  });
});

describe('a large object', () => {
  test.each(['file', 'chunks'] as const)('of a %s goes up in parts, create-only at the end', async (kind) => {
    expect(await createObject(client, 'lake', 'b.json', large(kind), signal)).toBe('created');
    expect(commands()).toEqual([
      'CreateMultipartUpload',
      'UploadPart',
      'UploadPart',
      'UploadPart',
      'CompleteMultipartUpload',
    ]);
    expect(s3.requests.at(-1)!.input.IfNoneMatch).toBe('*');
    expect(s3.contents('lake').get('b.json')!.equals(Buffer.from(largeContent))).toBe(true);
  });

  test('that exists stays as it is, and the upload is given up', async () => {
    s3.put('lake', 'b.json', 'first');
    expect(await createObject(client, 'lake', 'b.json', large('file'), signal)).toBe('exists');
    expect(s3.contents('lake').get('b.json')!.toString()).toBe('first');
    expect(s3.openUploads.size).toBe(0);
  });

  test('that meets another writer (409) is uploaded again from its beginning', async () => {
    failOnce('CompleteMultipartUpload', s3Error('ConditionalRequestConflict', 409));
    expect(await createObject(client, 'lake', 'b.json', large('file'), signal)).toBe('created');
    expect(commands().filter((command) => command === 'CreateMultipartUpload')).toHaveLength(2);
    expect(s3.contents('lake').get('b.json')!.equals(Buffer.from(largeContent))).toBe(true);
    expect(s3.openUploads.size).toBe(0);
  });

  test.each(['CreateMultipartUpload', 'UploadPart', 'CompleteMultipartUpload'])(
    'leaves no upload behind when %s fails',
    async (command) => {
      failOnce(command, s3Error('InternalError', 500));
      await expect(createObject(client, 'lake', 'b.json', large('file'), signal)).rejects.toThrow(
        'InternalError',
      );
      expect(s3.openUploads.size).toBe(0);
      expect(s3.contents('lake').size).toBe(0);
    },
  );

  test('whose last answer is lost is found by asking', async () => {
    s3.after = ({ command }) => {
      if (command === 'CompleteMultipartUpload') throw new Error('socket hang up');
    };
    expect(await createObject(client, 'lake', 'b.json', large('file'), signal)).toBe('unsure');
    expect(commands().at(-1)).toBe('HeadObject');
  });

  test('is stopped by the signal and leaves no upload behind', async () => {
    const controller = new AbortController();
    s3.after = ({ command }) => {
      if (command === 'CreateMultipartUpload') controller.abort(new Error('out of time'));
    };
    await expect(createObject(client, 'lake', 'b.json', large('file'), controller.signal)).rejects.toThrow(
      'out of time',
    );
    expect(s3.openUploads.size).toBe(0);
    expect(s3.contents('lake').size).toBe(0);
  });
});

test('a part whose answer never comes is stopped by the signal, and the upload is given up', async () => {
  const controller = new AbortController();
  const { signal: stop } = controller;
  s3.before = ({ command }) => {
    if (command !== 'UploadPart') return;
    setTimeout(() => controller.abort(new Error('out of time')), 10);
    // The SDK rejects a request when the signal that it was given aborts; without one it would wait for ever.
    return new Promise((_, reject) => stop.addEventListener('abort', () => reject(new Error('aborted'))));
  };
  await expect(createObject(client, 'lake', 'b.json', large('file'), stop)).rejects.toThrow('out of time');
  const signals = s3.signals.map(({ command, abortSignal }) => [command, abortSignal === stop]);
  expect(new Map(signals as [string, boolean][])).toEqual(
    new Map([
      ['CreateMultipartUpload', true],
      ['UploadPart', true],
      ['AbortMultipartUpload', false],
    ]),
  );
  expect(s3.openUploads.size).toBe(0);
});

test('a create that the SDK had to repeat does not tell whose the object is', async () => {
  s3.put('lake', 'a.json', 'abcdef');
  s3.before = () => {
    const error = s3Error('PreconditionFailed', 412);
    error.$metadata.attempts = 2;
    throw error;
  };
  expect(await createObject(client, 'lake', 'a.json', small, signal)).toBe('unsure');
});

test('conflicts that do not end are handed on after five attempts', async () => {
  s3.before = () => {
    throw s3Error('ConditionalRequestConflict', 409);
  };
  await expect(createObject(client, 'lake', 'a.json', small, signal)).rejects.toThrow(
    'ConditionalRequestConflict',
  );
  expect(commands()).toEqual(Array(5).fill('PutObject'));
});

test('a denied write says what is needed', async () => {
  s3.before = () => {
    throw s3Error('AccessDenied', 403, 'not authorized to perform: kms:GenerateDataKey');
  };
  await expect(createObject(client, 'lake', 'a.json', small, signal)).rejects.toThrow(
    /s3:\/\/lake\/a\.json may not be written: not authorized to perform: kms:GenerateDataKey\. .*s3:PutObject/,
  );
});
