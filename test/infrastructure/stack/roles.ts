import { describe, expect, test } from 'vitest';
import { TABLES } from '../../../athena/tables.ts';
import { PERMISSIONS } from '../../../docs/permissions.ts';
import {
  filledIn,
  identityStatements,
  listOf,
  resourcesOf as resourcesOfType,
  stage,
  stages,
} from '../packaged-stages.ts';

describe('each role may do this and nothing else:', () => {
  const consume = [
    'sqs:ChangeMessageVisibility',
    'sqs:DeleteMessage',
    'sqs:GetQueueAttributes',
    'sqs:ReceiveMessage',
    'sqs:SendMessage',
  ];
  const query = [
    'athena:GetQueryExecution',
    'athena:StartQueryExecution',
    's3:AbortMultipartUpload',
    's3:GetBucketLocation',
    's3:GetObject',
    's3:ListBucket',
    's3:ListBucketMultipartUploads',
    's3:ListMultipartUploadParts',
    's3:PutObject',
  ];
  const useKey = ['kms:Decrypt', 'kms:GenerateDataKey'];
  const tellPeople = [
    ...['dynamodb:BatchGetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    ...['s3:PutObject', 'sns:Publish', ...useKey],
  ];
  const log = ['logs:CreateLogStream', 'logs:PutLogEvents'];
  test.each([
    [
      'IngestRole',
      [
        ...[...consume, ...log, ...useKey, 's3:AbortMultipartUpload', 's3:GetObject', 's3:GetObjectVersion'],
        ...['s3:ListBucket', 's3:PutObject'],
      ],
    ],
    [
      'RegisterPartitionsRole',
      [
        ...[...consume, ...log, ...query, ...useKey],
        ...['glue:BatchCreatePartition', 'glue:CreatePartition', 'glue:GetDatabase', 'glue:GetPartition'],
        ...['glue:GetPartitions', 'glue:GetTable', 'glue:CreateDatabase'],
      ],
    ],
    ['AlertRole', [...consume, ...log, ...tellPeople, 's3:GetObject', 's3:ListBucket']],
    ['AlertScheduleRole', [...log, ...tellPeople, 'dynamodb:Query']],
    ['NoteDeliveriesRole', [...consume, ...log, 'dynamodb:UpdateItem']],
    [
      'ReconcileRole',
      [...log, 'glue:GetPartitions', 'kms:Decrypt', 's3:GetObject', 's3:ListBucket', 'sqs:SendMessage'],
    ],
    [
      'OperatorPolicy',
      [
        ...['cloudformation:DescribeStacks', 'cloudwatch:DescribeAlarms', 'cloudwatch:GetMetricData'],
        ...['dynamodb:Query', 'glue:GetPartitions', 'kms:Decrypt', 'lambda:InvokeFunction'],
        ...['s3:DeleteObject', 's3:GetObject', 's3:ListBucket'],
        ...['sqs:CancelMessageMoveTask', 'sqs:ChangeMessageVisibility', 'sqs:DeleteMessage'],
        ...['sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:ListMessageMoveTasks', 'sqs:ReceiveMessage'],
        ...['sqs:SendMessage', 'sqs:StartMessageMoveTask'],
      ],
    ],
  ])('%s', (id, actions) => {
    const allowed = identityStatements(stage('everything')).filter(([owner]) => owner === id);
    expect([...new Set(allowed.flatMap(([, { Action }]) => listOf(Action)))].sort()).toEqual(
      [...actions].sort(),
    );
  });

  test.each(['RegisterPartitionsRole', 'ReaderPolicy'])(
    '%s may look at the database that Athena looks at',
    (id) => {
      const [statement] = identityStatements(stage('minimal'))
        .filter(([owner, { Sid }]) => owner === id && Sid === 'DefaultDatabase')
        .map(([, { Resource }]) => listOf(Resource).map(filledIn));
      expect(statement).toEqual([
        'arn:aws:glue:eu-west-1:111111111111:catalog',
        'arn:aws:glue:eu-west-1:111111111111:database/default',
      ]);
    },
  );

  test('a reader reads the lake and its tables, and writes results of queries only', () => {
    const reader = identityStatements(stage('everything'))
      .filter(([owner]) => owner === 'ReaderPolicy')
      .map(([, statement]) => statement);
    const resourcesFor = (action: string) =>
      reader
        .filter(({ Action }) => listOf(Action).includes(action))
        .flatMap(({ Resource }) => listOf(Resource))
        .map(filledIn);
    const lake = 'arn:aws:s3:::flowlogs-everything-lake-111111111111-eu-west-1';
    expect(resourcesFor('s3:PutObject')).toEqual([`${lake}/athena-results/*`]);
    expect(resourcesFor('s3:GetObject').sort()).toEqual(
      ['athena-results/', ...TABLES.map(({ prefix }) => prefix)].map((folder) => `${lake}/${folder}*`).sort(),
    );
    for (const name of ['flow_logs', 'flows']) {
      expect(resourcesFor('glue:GetTable')).toContain(
        `arn:aws:glue:eu-west-1:111111111111:table/flowlogs_everything/${name}`,
      );
    }
  });

  /** What a role's statements about an action name. */
  const resourcesOf = (role: string, action: string) =>
    identityStatements(stage('everything'))
      .filter(([owner, { Action }]) => owner === role && listOf(Action).includes(action))
      .flatMap(([, { Resource }]) => listOf(Resource))
      .map(filledIn);

  test.each(['AlertRole', 'AlertScheduleRole'])(
    '%s writes what it told to its own table, and situations',
    (role) => {
      expect(resourcesOf(role, 's3:PutObject')).toEqual([
        'arn:aws:s3:::flowlogs-everything-lake-111111111111-eu-west-1/alerts/*',
      ]);
      expect(resourcesOf(role, 'dynamodb:PutItem')).toEqual(['<SituationTable.Arn>']);
      expect(resourcesOf(role, 'sns:Publish')).toEqual(['<AlertsTopic>', '<AlertsChatTopic>']);
    },
  );

  test('what is due is looked for in the index, which holds nothing else', () => {
    expect(resourcesOf('AlertScheduleRole', 'dynamodb:Query')).toEqual([
      '<SituationTable.Arn>/index/waiting',
    ]);
  });

  test('an operator reads receipts only, and removes what ingest makes only', () => {
    const lake = 'arn:aws:s3:::flowlogs-everything-lake-111111111111-eu-west-1';
    expect(resourcesOf('OperatorPolicy', 's3:GetObject')).toEqual([
      `${lake}/receipts/*`,
      `${lake}/first-seen/*`,
    ]);
    expect(resourcesOf('OperatorPolicy', 's3:DeleteObject')).toEqual([
      ...['flow_logs', 'transit_gateway_flow_logs', 'quarantine', 'findings', 'receipts'].map(
        (table) => `${lake}/${table}/*`,
      ),
      `${lake}/first-seen/formats/*`,
    ]);
  });

  test('ingest writes no alerts', () => {
    expect(resourcesOf('IngestRole', 's3:PutObject').filter((arn) => arn.includes('alerts'))).toEqual([]);
  });

  test('keys are used through the service that encrypts with them only', () => {
    const uses = identityStatements(stage('everything')).filter(([, { Action }]) =>
      listOf(Action).some((action) => action.startsWith('kms:')),
    );
    expect(uses.length).toBeGreaterThan(4);
    for (const [id, { Condition }] of uses) {
      expect(filledIn(Condition?.StringEquals?.['kms:ViaService']), id).toMatch(
        /^(s3|sns)\.eu-west-1\.amazonaws\.com$/,
      );
    }
  });
});

test.each([...stages])(
  'the framework adds no role and no policy for people, and docs/security.md tells of all: %s',
  (_, template) => {
    for (const type of ['AWS::IAM::Role', 'AWS::IAM::ManagedPolicy', 'AWS::IAM::Policy']) {
      for (const { id } of resourcesOfType(template, type)) expect(Object.keys(PERMISSIONS)).toContain(id);
    }
  },
);
