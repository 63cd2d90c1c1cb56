import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';

interface StoredObject {
  readonly content: Buffer;
  readonly etag: string;
  readonly lastModified: Date;
}

/** A request as it reached S3. */
export interface S3Request {
  readonly command: string;
  // biome-ignore lint/suspicious/noExplicitAny: any command's input
  readonly input: any;
}

/** S3 in memory behind the SDK's client: conditional writes, versions, multipart uploads. Can be made to fail. */
export interface FakeS3 {
  readonly requests: S3Request[];
  /** The signal that each request was sent with. */
  readonly signals: { readonly command: string; readonly abortSignal: unknown }[];
  /** Uploads that were neither completed nor aborted. */
  readonly openUploads: Map<string, Buffer[]>;
  /** Called before a request has its effect; what it throws is S3's answer. */
  before: (request: S3Request) => void | Promise<void>;
  /** Called after it; what it throws the caller sees in place of the answer. */
  after: (request: S3Request) => void;
  /** Entries in an answer to a listing. */
  pageSize: number;
  /** Turns an object's content into the body of an answer. */
  bodyOf: (content: Buffer) => Readable;
  /** Stores an object and returns what a notification says of it. */
  put(bucket: string, key: string, content: Uint8Array | string): { key: string; etag: string; size: number };
  /** The contents of a bucket, by key. */
  contents(bucket: string): Map<string, Buffer>;
  restore(): void;
}

/** S3's error of a code and HTTP status. */
export function s3Error(name: string, status: number, message = name): S3ServiceException {
  return new S3ServiceException({ name, message, $fault: 'client', $metadata: { httpStatusCode: status } });
}

export function fakeS3(): FakeS3 {
  const mock = mockClient(S3Client);
  const objects = new Map<string, StoredObject>();
  const openUploads = new Map<string, Buffer[]>();
  const targetOf = (input: { Bucket?: string; Key?: string }) => `${input.Bucket}/${input.Key}`;
  let uploads = 0;

  function find(input: {
    Bucket?: string;
    Key?: string;
    IfMatch?: string;
    VersionId?: string;
  }): StoredObject {
    const stored = objects.get(targetOf(input));
    if (stored === undefined) throw s3Error('NoSuchKey', 404);
    if (input.IfMatch !== undefined && input.IfMatch !== stored.etag)
      throw s3Error('PreconditionFailed', 412);
    return stored;
  }

  function store(input: { Bucket?: string; Key?: string; IfNoneMatch?: string }, content: Buffer) {
    if (input.IfNoneMatch === '*' && objects.has(targetOf(input))) throw s3Error('PreconditionFailed', 412);
    const etag = `"${createHash('md5').update(content).digest('hex')}"`;
    objects.set(targetOf(input), { content, etag, lastModified: new Date() });
    return { ETag: etag };
  }

  const fake: FakeS3 = {
    requests: [],
    get signals() {
      return mock.send.getCalls().map(({ args }) => ({
        command: args[0].constructor.name.replace('Command', ''),
        // The stub's types know the command only.
        abortSignal: (args as unknown as [unknown, { abortSignal?: unknown }?])[1]?.abortSignal,
      }));
    },
    openUploads,
    before: () => {},
    after: () => {},
    pageSize: 1000,
    bodyOf: (content) => Readable.from([content]),
    put(bucket, key, content) {
      const bytes = Buffer.from(content);
      const { ETag } = store({ Bucket: bucket, Key: key }, bytes);
      return { key, etag: ETag.replaceAll('"', ''), size: bytes.length };
    },
    contents(bucket) {
      const ofBucket = [...objects].filter(([target]) => target.startsWith(`${bucket}/`));
      return new Map(ofBucket.map(([target, { content }]) => [target.slice(bucket.length + 1), content]));
    },
    restore: () => mock.restore(),
  };

  // biome-ignore lint/suspicious/noExplicitAny: the mock's types differ for each command
  function on(command: any, answer: (input: any) => unknown): void {
    mock.on(command).callsFake(async (input) => {
      const request = { command: command.name.replace('Command', ''), input };
      fake.requests.push(request);
      await fake.before(request);
      const result = await answer(input);
      fake.after(request);
      return result;
    });
  }

  on(GetObjectCommand, (input) => {
    const { content, etag, lastModified } = find(input);
    return {
      Body: fake.bodyOf(content),
      ContentLength: content.length,
      ETag: etag,
      LastModified: lastModified,
    };
  });
  on(HeadObjectCommand, (input) => {
    const { content, etag, lastModified } = find(input);
    return { ContentLength: content.length, ETag: etag, LastModified: lastModified };
  });
  on(PutObjectCommand, (input) => store(input, Buffer.from(input.Body)));
  on(CreateMultipartUploadCommand, () => {
    const id = `upload-${++uploads}`;
    openUploads.set(id, []);
    return { UploadId: id };
  });
  on(UploadPartCommand, async ({ UploadId, PartNumber, Body }) => {
    const content = Body instanceof Readable ? await buffer(Body) : Buffer.from(Body);
    openUploads.get(UploadId)![PartNumber - 1] = content;
    return { ETag: `"${PartNumber}"` };
  });
  on(CompleteMultipartUploadCommand, (input) => {
    const result = store(input, Buffer.concat(openUploads.get(input.UploadId)!));
    openUploads.delete(input.UploadId);
    return result;
  });
  on(AbortMultipartUploadCommand, ({ UploadId }) => {
    if (!openUploads.delete(UploadId)) throw s3Error('NoSuchUpload', 404);
    return {};
  });
  on(ListObjectsV2Command, ({ Bucket, Prefix = '', Delimiter, ContinuationToken }) => {
    const entries = new Set<string>();
    for (const key of [...fake.contents(Bucket).keys()].sort()) {
      if (!key.startsWith(Prefix) || (ContinuationToken !== undefined && key <= ContinuationToken)) continue;
      const end = Delimiter === undefined ? -1 : key.indexOf(Delimiter, Prefix.length);
      const entry = end < 0 ? key : key.slice(0, end + 1);
      // A token is the last entry of a page; a folder's objects are behind it, and belong to it.
      if (entry !== ContinuationToken) entries.add(entry);
    }
    const page = [...entries].slice(0, fake.pageSize);
    const isFolder = (entry: string) =>
      Delimiter !== undefined && entry.endsWith(Delimiter) && entry.length > Prefix.length;
    return {
      Contents: page
        .filter((entry) => !isFolder(entry))
        .map((Key) => {
          const { content, etag, lastModified } = objects.get(`${Bucket}/${Key}`)!;
          return { Key, ETag: etag, Size: content.length, LastModified: lastModified };
        }),
      CommonPrefixes: page.filter(isFolder).map((folder) => ({ Prefix: folder })),
      ...(entries.size > page.length ? { IsTruncated: true, NextContinuationToken: page.at(-1) } : {}),
    };
  });
  return fake;
}
