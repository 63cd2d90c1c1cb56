import { TABLES, type TableName } from '../athena/tables.ts';
import { VIEWS } from '../athena/views.ts';
import { WAITING_INDEX } from '../shared/aws/situation-table.ts';
import type { FunctionName } from '../shared/config.ts';
import { KEPT_FORMATS } from '../shared/lake/headerless-format.ts';
import { RECORD_TABLES } from '../shared/lake/layout.ts';
import { FIRST_SEEN } from '../shared/lake/object-time.ts';
import { QUEUES } from './metrics.ts';
import {
  ATHENA_RESULTS,
  bucketArn,
  databaseName,
  functionName,
  lakeBucketName,
  type QueueName,
  queueIds,
  rawBucketName,
  stackName,
  workgroupName,
} from './names.ts';
import type { StackParameters } from './parameters.ts';
import {
  arnText,
  getAtt,
  policy,
  type Resource,
  type Resources,
  ref,
  type Statement,
  sub,
} from './template.ts';

/** One role per function, and two policies for people. Every action and resource is named. */
export function roleResources(parameters: StackParameters): Resources {
  return {
    IngestRole: functionRole(parameters, 'ingest', ingest(parameters)),
    RegisterPartitionsRole: functionRole(parameters, 'register-partitions', registerPartitions(parameters)),
    AlertRole: functionRole(parameters, 'alert', alert(parameters)),
    AlertScheduleRole: functionRole(parameters, 'alert-schedule', alertSchedule(parameters)),
    NoteDeliveriesRole: functionRole(parameters, 'note-deliveries', noteDeliveries()),
    ReconcileRole: functionRole(parameters, 'reconcile', reconcile(parameters)),
    ReaderPolicy: {
      Type: 'AWS::IAM::ManagedPolicy',
      Properties: {
        Description: 'Query the flow log lake',
        PolicyDocument: policy(reader(parameters)),
      },
    },
    OperatorPolicy: {
      Type: 'AWS::IAM::ManagedPolicy',
      Properties: {
        Description: 'Redrive, replay and reconcile flow logs',
        PolicyDocument: policy(operator(parameters)),
      },
    },
  };
}

/** The tables of records, whose partitions are registered. */
const RECORD_TABLE_NAMES: readonly TableName[] = Object.values(RECORD_TABLES);

/** The tables that ingest writes. */
const INGESTED_TABLE_NAMES: readonly TableName[] = TABLES.map(({ name }) => name).filter(
  (name) => name !== 'alerts',
);

function ingest(parameters: StackParameters): Statement[] {
  const { raw, lake, region } = parameters;
  return [
    ...consume('ingest'),
    allow('ReadRaw', ['s3:GetObject', 's3:GetObjectVersion'], rawObjects(parameters)),
    allow(
      'WriteLake',
      ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'],
      [...tableObjects(parameters, INGESTED_TABLE_NAMES), firstSeenTimes(parameters)],
    ),
    // Without it a missing object would look like a forbidden one.
    allow('TellMissingObjects', 's3:ListBucket', [rawBucket(parameters), lakeBucket(parameters)]),
    ...useKey('DecryptRaw', 'kms:Decrypt', raw.kmsKeyArn, `s3.${raw.region ?? region}`),
    // Decrypt, too: S3 needs it to join the parts of a multipart upload.
    ...useKey('EncryptLake', ['kms:GenerateDataKey', 'kms:Decrypt'], lake.kmsKeyArn, `s3.${region}`),
  ];
}

function registerPartitions(parameters: StackParameters): Statement[] {
  return [
    ...consume('partition'),
    ...runQueries(parameters),
    allow(
      'RegisterPartitions',
      [
        'glue:GetDatabase',
        'glue:GetTable',
        'glue:GetPartition',
        'glue:GetPartitions',
        'glue:CreatePartition',
        'glue:BatchCreatePartition',
      ],
      catalogue(parameters, RECORD_TABLE_NAMES),
    ),
    ...defaultDatabase(),
    // Athena looks at a location before it registers it.
    allow('LookAtLocations', 's3:GetObject', tableObjects(parameters, RECORD_TABLE_NAMES)),
  ];
}

function alert(parameters: StackParameters): Statement[] {
  return [
    ...consume('finding'),
    allow('ReadFindings', 's3:GetObject', tableObjects(parameters, ['findings'])),
    // Without it a missing object would look like a forbidden one.
    allow('TellMissingObjects', 's3:ListBucket', lakeBucket(parameters)),
    ...tellPeople(parameters),
  ];
}

function alertSchedule(parameters: StackParameters): Statement[] {
  return [
    // What is due, and what accounts delivered.
    allow('FindWaiting', 'dynamodb:Query', waitingIndex),
    ...tellPeople(parameters),
  ];
}

function noteDeliveries(): Statement[] {
  return [...consume('delivery'), allow('NoteDeliveries', 'dynamodb:UpdateItem', situationTable)];
}

/** Situations, messages about them, and the table `alerts` in which they are kept. */
function tellPeople(parameters: StackParameters): Statement[] {
  const { lake, alerts, region } = parameters;
  return [
    // A transaction of puts needs the permission for one.
    allow('Situations', ['dynamodb:BatchGetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'], situationTable),
    allow(
      'Publish',
      'sns:Publish',
      ['AlertsTopic', ...(alerts.chat ? ['AlertsChatTopic'] : [])].map((topic) => ref(topic)),
    ),
    ...useKey(
      'EncryptAlerts',
      ['kms:GenerateDataKey', 'kms:Decrypt'],
      getAtt('TopicKey', 'Arn'),
      `sns.${region}`,
    ),
    allow('KeepAlerts', 's3:PutObject', tableObjects(parameters, ['alerts'])),
    ...useKey('UseLakeKey', ['kms:GenerateDataKey', 'kms:Decrypt'], lake.kmsKeyArn, `s3.${region}`),
  ];
}

function reconcile(parameters: StackParameters): Statement[] {
  return [
    allow('ListObjects', 's3:ListBucket', [rawBucket(parameters), lakeBucket(parameters)]),
    allow('ReadFirstSeenTimes', 's3:GetObject', firstSeenTimes(parameters)),
    ...useKey('DecryptLake', 'kms:Decrypt', parameters.lake.kmsKeyArn, `s3.${parameters.region}`),
    allow('ListPartitions', 'glue:GetPartitions', catalogue(parameters, RECORD_TABLE_NAMES)),
    allow('Requeue', 'sqs:SendMessage', [queueArn('ingest'), queueArn('partition')]),
  ];
}

/** What a person needs to query the lake, from the console or by API. */
function reader(parameters: StackParameters): Statement[] {
  return [
    ...runQueries(parameters, [
      'athena:StopQueryExecution',
      'athena:BatchGetQueryExecution',
      'athena:ListQueryExecutions',
      'athena:GetQueryResults',
      'athena:GetQueryResultsStream',
      'athena:GetWorkGroup',
      'athena:ListNamedQueries',
      'athena:GetNamedQuery',
      'athena:BatchGetNamedQuery',
    ]),
    // The console asks what there is before it shows anything; both lists are of names.
    allow('ChooseInConsole', ['athena:ListWorkGroups', 'athena:ListDataCatalogs'], '*'),
    allow(
      'BrowseInConsole',
      [
        'athena:GetDataCatalog',
        'athena:GetDatabase',
        'athena:ListDatabases',
        'athena:GetTableMetadata',
        'athena:ListTableMetadata',
      ],
      sub(arnText('athena', 'datacatalog/AwsDataCatalog')),
    ),
    allow(
      'ReadCatalogue',
      [
        'glue:GetDatabase',
        'glue:GetTable',
        'glue:GetPartition',
        'glue:GetPartitions',
        'glue:BatchGetPartition',
      ],
      catalogue(parameters),
    ),
    // The console lists names before anything is chosen.
    allow(
      'ListCatalogue',
      ['glue:GetDatabases', 'glue:GetTables'],
      [...[glueArn('catalog'), glueArn('database/*')], glueArn(`table/${databaseName(parameters)}/*`)],
    ),
    ...defaultDatabase(),
    allow('ReadLake', 's3:GetObject', tableObjects(parameters)),
  ];
}

/**
 * What a person needs for `flowlogs dlq`, `replay`, `reprocess`, `reconcile` and `status`. Raw objects they find and don't
 * read; of the lake they read receipts, and remove what one of these lists.
 */
function operator(parameters: StackParameters): Statement[] {
  const stackArn = sub(arnText('cloudformation', `stack/${stackName(parameters)}/*`));
  return [
    allow('FindStack', 'cloudformation:DescribeStacks', stackArn),
    allow(
      'Redrive',
      [
        'sqs:StartMessageMoveTask',
        'sqs:CancelMessageMoveTask',
        'sqs:ListMessageMoveTasks',
        'sqs:ReceiveMessage',
        'sqs:ChangeMessageVisibility',
        'sqs:DeleteMessage',
      ],
      QUEUES.map(deadLetterQueueArn),
    ),
    allow('Replay', 'sqs:SendMessage', QUEUES.map(queueArn)),
    allow(
      'SeeQueues',
      ['sqs:GetQueueUrl', 'sqs:GetQueueAttributes'],
      QUEUES.flatMap((queue) => [queueArn(queue), deadLetterQueueArn(queue)]),
    ),
    allow('FindObjects', 's3:ListBucket', [rawBucket(parameters), lakeBucket(parameters)]),
    allow('ReadReceipts', 's3:GetObject', [
      ...tableObjects(parameters, ['receipts']),
      firstSeenTimes(parameters),
    ]),
    allow('RemoveOutputs', 's3:DeleteObject', [
      ...tableObjects(parameters, INGESTED_TABLE_NAMES),
      keptFormats(parameters),
    ]),
    ...useKey('DecryptLake', 'kms:Decrypt', parameters.lake.kmsKeyArn, `s3.${parameters.region}`),
    allow('ListPartitions', 'glue:GetPartitions', catalogue(parameters, RECORD_TABLE_NAMES)),
    allow('SeeDeliveries', 'dynamodb:Query', waitingIndex),
    // CloudWatch knows no resource for them.
    allow('SeeMetrics', ['cloudwatch:GetMetricData', 'cloudwatch:DescribeAlarms'], '*'),
    allow('Reconcile', 'lambda:InvokeFunction', functionArn(parameters, 'reconcile')),
  ];
}

function functionRole(parameters: StackParameters, name: FunctionName, statements: Statement[]): Resource {
  const logGroup = `log-group:/aws/lambda/${functionName(parameters, name)}:*`;
  const log = allow('Log', ['logs:CreateLogStream', 'logs:PutLogEvents'], sub(arnText('logs', logGroup)));
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      Description: `What the function ${functionName(parameters, name)} may do`,
      AssumeRolePolicyDocument: policy([
        {
          Sid: 'Lambda',
          Effect: 'Allow',
          Principal: { Service: 'lambda.amazonaws.com' },
          Action: 'sts:AssumeRole',
        },
      ]),
      Policies: [{ PolicyName: name, PolicyDocument: policy([log, ...statements]) }],
    },
  };
}

function allow(sid: string, action: string | readonly string[], resource: unknown): Statement {
  return { Sid: sid, Effect: 'Allow', Action: action, Resource: resource };
}

/** Taking messages from a queue, and putting those that can't be helped into its dead-letter queue. */
function consume(queue: QueueName): Statement[] {
  return [
    allow(
      'Consume',
      ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility'],
      queueArn(queue),
    ),
    allow('Reject', 'sqs:SendMessage', deadLetterQueueArn(queue)),
  ];
}

/**
 * Running queries in the workgroup; Athena reads and writes in the name of who asks.
 *
 * Source: "Access to Amazon S3 from Athena" (Amazon Athena User Guide).
 */
function runQueries(parameters: StackParameters, more: readonly string[] = []): Statement[] {
  const { lake, region } = parameters;
  return [
    allow(
      'Query',
      ['athena:StartQueryExecution', 'athena:GetQueryExecution', ...more],
      sub(arnText('athena', `workgroup/${workgroupName(parameters)}`)),
    ),
    allow(
      'ListLake',
      ['s3:GetBucketLocation', 's3:ListBucket', 's3:ListBucketMultipartUploads'],
      lakeBucket(parameters),
    ),
    allow(
      'QueryResults',
      ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
      sub(`${bucketArn(lakeBucketName(parameters))}/${ATHENA_RESULTS}*`),
    ),
    ...useKey('EncryptResults', ['kms:GenerateDataKey', 'kms:Decrypt'], lake.kmsKeyArn, `s3.${region}`),
  ];
}

/** Use of a customer managed key, but only through a service: `s3.eu-west-1`. */
function useKey(sid: string, action: string | readonly string[], key: unknown, via: string): Statement[] {
  if (key === undefined) return [];
  return [
    {
      ...allow(sid, action, key),
      Condition: { StringEquals: { 'kms:ViaService': sub(`${via}.\${AWS::URLSuffix}`) } },
    },
  ];
}

const rawBucket = (parameters: StackParameters) => sub(bucketArn(rawBucketName(parameters)));

const rawObjects = (parameters: StackParameters) =>
  sub(`${bucketArn(rawBucketName(parameters))}/${parameters.raw.prefix}*`);

const lakeBucket = (parameters: StackParameters) => sub(bucketArn(lakeBucketName(parameters)));

/** What ingest keeps of objects without a header. */
const keptFormats = (parameters: StackParameters) =>
  sub(`${bucketArn(lakeBucketName(parameters))}/${KEPT_FORMATS}*`);

/** What ingest keeps of objects without a time in their names. */
const firstSeenTimes = (parameters: StackParameters) =>
  sub(`${bucketArn(lakeBucketName(parameters))}/${FIRST_SEEN}*`);

/** The objects of these tables of the lake. */
function tableObjects(parameters: StackParameters, names?: readonly TableName[]) {
  return TABLES.filter(({ name }) => names === undefined || names.includes(name)).map(({ prefix }) =>
    sub(`${bucketArn(lakeBucketName(parameters))}/${prefix}*`),
  );
}

/**
 * These tables in the catalogue, or all of them with the views, and what they are in: Glue wants the permission on all
 * of it.
 *
 * Source: "Configure access to databases and tables in the AWS Glue Data Catalog" (Amazon Athena User Guide).
 */
function catalogue(
  parameters: StackParameters,
  names: readonly string[] = [...TABLES, ...VIEWS].map(({ name }) => name),
) {
  const database = databaseName(parameters);
  return [
    glueArn('catalog'),
    glueArn(`database/${database}`),
    ...names.map((name) => glueArn(`table/${database}/${name}`)),
  ];
}

/**
 * Athena looks at the database `default` of the Region whatever it is asked for, and creates it if there is none.
 *
 * Source: "Access to the default database and catalog per AWS Region" in the same page.
 */
function defaultDatabase(): Statement[] {
  return [
    allow(
      'DefaultDatabase',
      ['glue:GetDatabase', 'glue:CreateDatabase'],
      [glueArn('catalog'), glueArn('database/default')],
    ),
  ];
}

const situationTable = getAtt('SituationTable', 'Arn');

const waitingIndex = sub(`\${SituationTable.Arn}/index/${WAITING_INDEX}`);

const glueArn = (resource: string) => sub(arnText('glue', resource));

const queueArn = (queue: QueueName) => getAtt(queueIds(queue).queue, 'Arn');

const deadLetterQueueArn = (queue: QueueName) => getAtt(queueIds(queue).deadLetterQueue, 'Arn');

const functionArn = (parameters: StackParameters, name: FunctionName) =>
  sub(arnText('lambda', `function:${functionName(parameters, name)}`));
