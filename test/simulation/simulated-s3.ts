import { createHash } from 'node:crypto';
import { S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { meetFate, type Weather } from './fate.ts';
import type { Scheduler } from './scheduler.ts';

export interface StoredObject {
  readonly content: Buffer;
  /** Without quotes. */
  readonly etag: string;
  /** Milliseconds since 1970. */
  readonly lastModified: number;
}

/** What a bucket holds, by key. */
export type Bucket = Map<string, StoredObject>;

/** S3 as its clients see it: create-only writes, conditional reads, listings, and whatever goes wrong on the way. */
export interface SimulatedS3 {
  readonly client: S3Client;
  bucket(name: string): Bucket;
  /** Stores an object without a request; its notification goes out all the same. */
  put(bucket: string, key: string, content: Buffer): StoredObject;
}

export interface S3World {
  readonly scheduler: Scheduler;
  readonly weather: () => Weather;
  /** Is told of every object that is created. */
  readonly created: (bucket: string, key: string, object: StoredObject) => void;
}

// biome-ignore lint/suspicious/noExplicitAny: the input of any command
type Input = any;

const PAGE_SIZE = 7;
/** Writes of one key so shortly after each other meet: S3 may want the second one again. */
const MEETS_MS = 50;
const CONFLICTS = 0.5;

export function simulatedS3({ scheduler, weather, created }: S3World): SimulatedS3 {
  const { random } = scheduler;
  const buckets = new Map<string, Bucket>();
  /** When a write of each key was last asked for. */
  const asked = new Map<string, number>();

  function bucket(name: string): Bucket {
    const found = buckets.get(name) ?? new Map();
    buckets.set(name, found);
    return found;
  }

  function put(bucketName: string, key: string, content: Buffer): StoredObject {
    const etag = createHash('md5').update(content).digest('hex');
    const object = { content: Buffer.from(content), etag, lastModified: scheduler.now() };
    bucket(bucketName).set(key, object);
    created(bucketName, key, object);
    return object;
  }

  function find({ Bucket, Key, IfMatch }: Input): StoredObject {
    const object = bucket(Bucket).get(Key);
    if (object === undefined) throw s3Error('NoSuchKey', 404);
    if (IfMatch !== undefined && IfMatch !== `"${object.etag}"`) throw s3Error('PreconditionFailed', 412);
    return object;
  }

  const describe = ({ content, etag, lastModified }: StoredObject) => ({
    ContentLength: content.length,
    ETag: `"${etag}"`,
    LastModified: new Date(lastModified),
  });

  const answers: Readonly<Record<string, (input: Input) => object>> = {
    GetObjectCommand(input) {
      const object = find(input);
      return { ...describe(object), Body: bodyOf(object.content) };
    },
    HeadObjectCommand: (input) => describe(find(input)),
    PutObjectCommand({ Bucket, Key, IfNoneMatch, Body }) {
      const isTaken = IfNoneMatch === '*' && bucket(Bucket).has(Key);
      if (isTaken) throw s3Error('PreconditionFailed', 412);
      return { ETag: `"${put(Bucket, Key, Body).etag}"` };
    },
    ListObjectsV2Command({ Bucket, Prefix = '', Delimiter, ContinuationToken }) {
      const entries = new Set<string>();
      for (const key of [...bucket(Bucket).keys()].sort()) {
        if (!key.startsWith(Prefix)) continue;
        const end = Delimiter === undefined ? -1 : key.indexOf(Delimiter, Prefix.length);
        const entry = end < 0 ? key : key.slice(0, end + 1);
        if (ContinuationToken === undefined || entry > ContinuationToken) entries.add(entry);
      }
      const page = [...entries].slice(0, PAGE_SIZE);
      const isFolder = (entry: string) => Delimiter !== undefined && entry.endsWith(Delimiter);
      return {
        Contents: page
          .filter((entry) => !isFolder(entry))
          .map((Key) => {
            const { ContentLength, ...rest } = describe(bucket(Bucket).get(Key)!);
            return { Key, Size: ContentLength, ...rest };
          }),
        CommonPrefixes: page.filter(isFolder).map((folder) => ({ Prefix: folder })),
        ...(entries.size > page.length ? { IsTruncated: true, NextContinuationToken: page.at(-1) } : {}),
      };
    },
  };

  /** In chunks of some size; it may break anywhere, with or without a word. */
  function bodyOf(content: Buffer): AsyncIterable<Uint8Array> {
    const size = random.pick([content.length, 4096, 700, 64]);
    const isBroken = random.chance(weather().broken / 1000);
    const end = isBroken ? random.integer(0, Math.max(0, content.length - 1)) : content.length;
    const isSilent = random.chance(0.3);
    if (isBroken) scheduler.tell(`the body breaks after ${end} of ${content.length} bytes`);
    return (async function* () {
      const step = Math.max(size, Math.ceil(content.length / 200), 1);
      for (let at = 0; at < end; at += step)
        yield Buffer.from(content.subarray(at, Math.min(at + step, end)));
      if (isBroken && !isSilent) throw new Error('aborted');
    })();
  }

  /** What S3 says when it does nothing. */
  function refusal(command: string, input: Input): S3ServiceException {
    const conditional = command === 'PutObjectCommand' && input.IfNoneMatch !== undefined;
    if (conditional && random.chance(0.4)) return s3Error('ConditionalRequestConflict', 409);
    return random.pick([
      s3Error('SlowDown', 503),
      s3Error('InternalError', 500),
      s3Error('AccessDenied', 403),
    ]);
  }

  /** What the SDK tells if the answer got lost: nothing, or the answer to its own second attempt. */
  function silence(command: string, input: Input): Error {
    const isRepeated = command === 'PutObjectCommand' && random.chance(0.5);
    if (isRepeated && bucket(input.Bucket).has(input.Key)) return s3Error('PreconditionFailed', 412, 2);
    return random.chance(0.5)
      ? Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
      : s3Error('InternalError', 500, 4);
  }

  const client: S3Client = Object.create(S3Client.prototype);
  client.send = ((command: { input: Input }, { abortSignal }: { abortSignal?: AbortSignal } = {}) => {
    const name = command.constructor.name;
    const { input } = command;
    const target = `${input.Bucket}/${input.Key ?? input.Prefix ?? ''}`;
    const answer = answers[name];
    if (answer === undefined) throw new Error(`The simulated S3 does not know ${name}.`);
    const what = `${name.replace('Command', '')} ${target}`;
    return scheduler.effect(`${what} ${input.ContinuationToken ?? ''}`, (ending) => {
      const isWrite = name === 'PutObjectCommand';
      const meets = isWrite && scheduler.now() - (asked.get(target) ?? 0) < MEETS_MS;
      if (isWrite) asked.set(target, scheduler.now());
      const apply = () => {
        if (meets && random.chance(CONFLICTS)) throw s3Error('ConditionalRequestConflict', 409);
        return answer(input);
      };
      const request = {
        ...{ what, apply, signal: abortSignal, outlivesAsker: true },
        refusal: () => refusal(name, input),
        silence: () => silence(name, input),
      };
      meetFate<object>(scheduler, weather(), request, ending);
    });
  }) as S3Client['send'];

  return { client, bucket, put };
}

/** S3's error of a code and HTTP status, as the SDK throws it after so many attempts. */
function s3Error(name: string, httpStatusCode: number, attempts = 1): S3ServiceException {
  return new S3ServiceException({
    name,
    message: name,
    $fault: 'client',
    $metadata: { httpStatusCode, attempts },
  });
}
