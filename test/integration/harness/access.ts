import type { IncomingMessage } from 'node:http';

/** What a request wants to do: an action on resources, all of which it needs, and what conditions may ask about it. */
export interface Access {
  readonly action: string;
  readonly resources: readonly string[];
  readonly context: Readonly<Record<string, string>>;
}

/**
 * What IAM sees in a request of an AWS SDK.
 *
 * Source: "Actions, resources, and condition keys for AWS services" (Service Authorization Reference).
 *
 * @param place Region and account, as in ARNs: `eu-west-1:123456789012`.
 * @param body of requests to other services than S3, and of those that remove objects.
 * @throws Error for a request that the functions are not known to make.
 */
export function accessOf(request: IncomingMessage, body: string, place: string): Access {
  const service = serviceOf(request);
  if (service === 's3') return s3Access(request, body);
  // moto listens without TLS; policies that ask for it are tested on the template.
  const context = { 'aws:SecureTransport': 'true' };
  if (service === 'sns') {
    const form = new URLSearchParams(body);
    return { action: `sns:${singular(form.get('Action')!)}`, resources: [form.get('TopicArn')!], context };
  }
  if (service === 'cloudformation') {
    const form = new URLSearchParams(body);
    const resources = [`arn:aws:cloudformation:${place}:stack/${form.get('StackName')}/id`];
    return { action: `cloudformation:${form.get('Action')}`, resources, context };
  }
  const operation = String(request.headers['x-amz-target']).split('.').at(-1)!;
  const input = JSON.parse(body);
  switch (service) {
    case 'sqs': {
      const queue = input.QueueUrl.split('/').at(-1);
      return { action: `sqs:${singular(operation)}`, resources: [`arn:aws:sqs:${place}:${queue}`], context };
    }
    case 'athena': {
      // Executions are asked for by an id that does not tell their workgroup.
      const resources = [`arn:aws:athena:${place}:workgroup/${input.WorkGroup ?? '*'}`];
      return { action: `athena:${operation}`, resources, context };
    }
    case 'glue': {
      const { DatabaseName: database, TableName: table } = input;
      const names = ['catalog', `database/${database}`, `table/${database}/${table}`];
      const resources = names.map((name) => `arn:aws:glue:${place}:${name}`);
      return { action: `glue:${operation}`, resources, context };
    }
    case 'monitoring':
      // It knows no resources for what is asked of it here.
      return { action: `cloudwatch:${operation}`, resources: ['everything'], context };
    case 'dynamodb':
      return { ...dynamoDbAccess(operation, input, `arn:aws:dynamodb:${place}:table`), context };
    default:
      throw unknown(request);
  }
}

/** The parts of a request to DynamoDB that say what it is about. */
interface DynamoDbInput {
  readonly TableName?: string;
  readonly IndexName?: string;
  readonly RequestItems?: Readonly<Record<string, unknown>>;
  readonly TransactItems?: readonly Readonly<Record<string, { readonly TableName: string }>>[];
}

/** A transaction needs the permissions for what it is made of. Source: "Using IAM with DynamoDB transactions". */
function dynamoDbAccess(operation: string, input: DynamoDbInput, tables: string): Omit<Access, 'context'> {
  const { TableName, IndexName, RequestItems = {}, TransactItems = [] } = input;
  const index = IndexName === undefined ? '' : `/index/${IndexName}`;
  const parts = TransactItems.flatMap((item) => Object.entries(item));
  const kinds = [...new Set(parts.map(([kind]) => `${kind}Item`))];
  if (kinds.length > 1) throw new Error(`A transaction of ${kinds.join(' and ')}. Teach access.ts.`);
  const names = [
    ...(TableName === undefined ? [] : [TableName]),
    ...Object.keys(RequestItems),
    ...parts.map(([, part]) => part.TableName),
  ];
  return {
    action: `dynamodb:${kinds[0] ?? operation}`,
    resources: [...new Set(names)].map((name) => `${tables}/${name}${index}`),
  };
}

/** The service that a request is signed for. */
export function serviceOf(request: IncomingMessage): string | undefined {
  return scopeOf(request)[3];
}

/** The access key that a request is signed with. */
export function accessKeyOf(request: IncomingMessage): string | undefined {
  return scopeOf(request)[0];
}

/** Of `AWS4-HMAC-SHA256 Credential=KEY/20261120/eu-west-1/s3/aws4_request, …` the parts between the slashes. */
function scopeOf({ headers }: IncomingMessage): string[] {
  return /Credential=([^,]*)/.exec(headers.authorization ?? '')?.[1]?.split('/') ?? [];
}

function s3Access(request: IncomingMessage, body: string): Access {
  // Not parsed as a URL, in which `..` would mean something.
  const [path = '', search] = request.url!.split('?');
  const [, bucket, ...folders] = path.split('/').map(decodeURIComponent);
  const key = folders.join('/');
  const query = new URLSearchParams(search);
  const ifNoneMatch = request.headers['if-none-match'];
  const access = (action: string, createsObject = false): Access => ({
    action: `s3:${action}`,
    resources: [`arn:aws:s3:::${bucket}${key === '' ? '' : `/${key}`}`],
    context: {
      'aws:SecureTransport': 'true',
      's3:ObjectCreationOperation': String(createsObject),
      ...(ifNoneMatch === undefined ? {} : { 's3:if-none-match': ifNoneMatch }),
    },
  });
  if (isRemoval(request)) {
    const keys = [...body.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, name]) => name!);
    return { ...access('DeleteObject'), resources: keys.map((name) => `arn:aws:s3:::${bucket}/${name}`) };
  }
  if (key === '') {
    if (request.method !== 'GET' || !query.has('list-type')) throw unknown(request);
    return access('ListBucket');
  }
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      return access(query.has('versionId') ? 'GetObjectVersion' : 'GetObject');
    case 'PUT':
      return access('PutObject', !query.has('partNumber'));
    case 'POST':
      return access('PutObject', query.has('uploadId'));
    case 'DELETE':
      if (query.has('uploadId')) return access('AbortMultipartUpload');
  }
  throw unknown(request);
}

/** Whether a request to S3 removes several objects, which its body names. */
export function isRemoval({ method, url }: IncomingMessage): boolean {
  return method === 'POST' && /\?(?:.*&)?delete(?:[=&]|$)/.test(url!);
}

/** Batches need the permission for one. */
function singular(operation: string): string {
  return operation.replace(/Batch$/, '');
}

function unknown({ method, url, headers }: IncomingMessage): Error {
  const what = headers['x-amz-target'] ?? `${method} ${url}`;
  return new Error(
    `Someone made a request that the tests don't know the permission for: ${what}. Teach access.ts.`,
  );
}
