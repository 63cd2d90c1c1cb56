/**
 * Why everyone may do what he may: a reason for each statement of each role and policy. A test compares this with the
 * template both ways, so that nobody gains a permission without a reason, and no reason outlives its permission.
 */

/** Why a statement is there, and the actions that this is the reason for. */
export interface Reason {
  readonly actions: readonly string[];
  readonly why: string;
}

const LOG: Record<string, Reason> = {
  Log: {
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    why: 'Its own log group, which the stack creates; metrics are log lines, too.',
  },
};

const CONSUME: Record<string, Reason> = {
  Consume: {
    actions: [
      'sqs:ReceiveMessage',
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      'sqs:ChangeMessageVisibility',
    ],
    why: 'Lambda takes the messages in its name; it gives back with a delay what may pass.',
  },
  Reject: {
    actions: ['sqs:SendMessage'],
    why: 'What can never be done goes to the dead-letter queue at once, with the reason.',
  },
};

const QUERY_PLACES: Record<string, Reason> = {
  ListLake: {
    actions: ['s3:GetBucketLocation', 's3:ListBucket', 's3:ListBucketMultipartUploads'],
    why: 'Athena looks for the data and for a place for results in the name of who asks.',
  },
  QueryResults: {
    actions: ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
    why: 'Athena writes results in the name of who asks. They expire after a week.',
  },
  EncryptResults: {
    actions: ['kms:GenerateDataKey', 'kms:Decrypt'],
    why: 'The key of the lake, if it has one, through S3 only.',
  },
  DefaultDatabase: {
    actions: ['glue:GetDatabase', 'glue:CreateDatabase'],
    why: 'Athena looks at the database `default` whatever it is asked for, and creates it if there is none.',
  },
};

const TELL_PEOPLE: Record<string, Reason> = {
  Situations: {
    actions: ['dynamodb:BatchGetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    why: 'Counts findings, and keeps what was told. A transaction of puts needs the permission for one.',
  },
  Publish: { actions: ['sns:Publish'], why: 'The topics of alerts. Not the topic of operations.' },
  EncryptAlerts: {
    actions: ['kms:GenerateDataKey', 'kms:Decrypt'],
    why: 'The topics are encrypted with the key of the stack; through SNS only.',
  },
  KeepAlerts: { actions: ['s3:PutObject'], why: 'A row of the table `alerts` for each message.' },
  UseLakeKey: {
    actions: ['kms:GenerateDataKey', 'kms:Decrypt'],
    why: 'The key of the lake, if it has one, through S3 only: to read findings, and to keep alerts.',
  },
};

const DECRYPT_LAKE: Record<string, Reason> = {
  DecryptLake: { actions: ['kms:Decrypt'], why: 'The key of the lake, if it has one, through S3 only.' },
};

const TELL_MISSING = 'Without it S3 answers "forbidden" for an object that is missing, and the two differ.';

/** What each role and managed policy may do, by its logical id and the ids of its statements. */
export const PERMISSIONS: Readonly<Record<string, Readonly<Record<string, Reason>>>> = {
  IngestRole: {
    ...LOG,
    ...CONSUME,
    ReadRaw: {
      actions: ['s3:GetObject', 's3:GetObjectVersion'],
      why: 'The object that a notification names, in the version that it names.',
    },
    WriteLake: {
      actions: ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'],
      why: 'Creates records, quarantine, findings and receipts; looks whether they exist; gives up uploads that fail.',
    },
    TellMissingObjects: { actions: ['s3:ListBucket'], why: TELL_MISSING },
    DecryptRaw: {
      actions: ['kms:Decrypt'],
      why: 'The key of the raw bucket, if it has one, through S3 only.',
    },
    EncryptLake: {
      actions: ['kms:GenerateDataKey', 'kms:Decrypt'],
      why: 'The key of the lake, if it has one, through S3 only. S3 decrypts to join the parts of an upload.',
    },
  },
  RegisterPartitionsRole: {
    ...LOG,
    ...CONSUME,
    ...QUERY_PLACES,
    Query: {
      actions: ['athena:StartQueryExecution', 'athena:GetQueryExecution'],
      why: 'Runs `ALTER TABLE … ADD` in the workgroup of the stack, and waits for it.',
    },
    RegisterPartitions: {
      actions: [
        'glue:GetDatabase',
        'glue:GetTable',
        'glue:GetPartition',
        'glue:GetPartitions',
        'glue:CreatePartition',
        'glue:BatchCreatePartition',
      ],
      why: 'What that statement does in its name: look and add, in the two tables of records. Nothing is changed or removed.',
    },
    LookAtLocations: { actions: ['s3:GetObject'], why: 'Athena looks at a location before it registers it.' },
  },
  AlertRole: {
    ...LOG,
    ...CONSUME,
    ...TELL_PEOPLE,
    ReadFindings: { actions: ['s3:GetObject'], why: 'The findings that a notification names. No records.' },
    TellMissingObjects: { actions: ['s3:ListBucket'], why: TELL_MISSING },
  },
  AlertScheduleRole: {
    ...LOG,
    ...TELL_PEOPLE,
    FindWaiting: {
      actions: ['dynamodb:Query'],
      why: 'What is due, and what accounts delivered: the index holds nothing else.',
    },
  },
  NoteDeliveriesRole: {
    ...LOG,
    ...CONSUME,
    NoteDeliveries: {
      actions: ['dynamodb:UpdateItem'],
      why: 'Notes when an account and Region last delivered. It takes this from the names of receipts and reads no object.',
    },
  },
  ReconcileRole: {
    ...LOG,
    ListObjects: {
      actions: ['s3:ListBucket'],
      why: 'Compares names of raw objects with names of receipts. It reads neither.',
    },
    ReadFirstSeenTimes: {
      actions: ['s3:GetObject'],
      why: 'Where the receipt of an object without a time in its name is.',
    },
    ...DECRYPT_LAKE,
    ListPartitions: {
      actions: ['glue:GetPartitions'],
      why: 'Compares folders of the lake with the catalogue.',
    },
    Requeue: {
      actions: ['sqs:SendMessage'],
      why: 'Announces again what was lost; ingest skips what is done.',
    },
  },
  FlowLogDeliveryRole: {
    WriteToTheLogGroup: {
      actions: [
        'logs:CreateLogGroup',
        'logs:CreateLogStream',
        'logs:PutLogEvents',
        'logs:DescribeLogStreams',
      ],
      why: 'AWS delivers flow logs to the log group that the stage file asks for.',
    },
    FindTheLogGroup: {
      actions: ['logs:DescribeLogGroups'],
      why: 'AWS checks it against all groups of the account and Region. It gives names.',
    },
  },
  ReaderPolicy: {
    ...QUERY_PLACES,
    Query: {
      actions: [
        'athena:StartQueryExecution',
        'athena:GetQueryExecution',
        'athena:StopQueryExecution',
        'athena:BatchGetQueryExecution',
        'athena:ListQueryExecutions',
        'athena:GetQueryResults',
        'athena:GetQueryResultsStream',
        'athena:GetWorkGroup',
        'athena:ListNamedQueries',
        'athena:GetNamedQuery',
        'athena:BatchGetNamedQuery',
      ],
      why: 'Queries in the workgroup of the stack, which limits what one may scan and says where results go.',
    },
    ChooseInConsole: {
      actions: ['athena:ListWorkGroups', 'athena:ListDataCatalogs'],
      why: 'The console asks what there is before it shows anything. Both give names.',
    },
    BrowseInConsole: {
      actions: [
        'athena:GetDataCatalog',
        'athena:GetDatabase',
        'athena:ListDatabases',
        'athena:GetTableMetadata',
        'athena:ListTableMetadata',
      ],
      why: 'What the console shows beside the editor.',
    },
    ReadCatalogue: {
      actions: [
        'glue:GetDatabase',
        'glue:GetTable',
        'glue:GetPartition',
        'glue:GetPartitions',
        'glue:BatchGetPartition',
      ],
      why: 'Tables, views and partitions of the stack, by name.',
    },
    ListCatalogue: {
      actions: ['glue:GetDatabases', 'glue:GetTables'],
      why: 'The console lists names of databases before one is chosen.',
    },
    ReadLake: { actions: ['s3:GetObject'], why: 'Athena reads objects in the name of who asks.' },
  },
  OperatorPolicy: {
    FindStack: {
      actions: ['cloudformation:DescribeStacks'],
      why: 'Commands read the names of buckets and queues from the outputs of the stack.',
    },
    Redrive: {
      actions: [
        'sqs:StartMessageMoveTask',
        'sqs:CancelMessageMoveTask',
        'sqs:ListMessageMoveTasks',
        'sqs:ReceiveMessage',
        'sqs:ChangeMessageVisibility',
        'sqs:DeleteMessage',
      ],
      why: '`flowlogs dlq` shows dead letters and sends them back one by one. The move tasks are for who does it with the console or the AWS CLI.',
    },
    Replay: {
      actions: ['sqs:SendMessage'],
      why: '`flowlogs replay` announces objects again, and a redrive sends in the name of who asks.',
    },
    SeeQueues: {
      actions: ['sqs:GetQueueUrl', 'sqs:GetQueueAttributes'],
      why: '`flowlogs status` shows how much waits; the console and the AWS CLI ask for queues by name.',
    },
    FindObjects: {
      actions: ['s3:ListBucket'],
      why: '`replay` and `reprocess` find objects by name. No raw object is read.',
    },
    ReadReceipts: {
      actions: ['s3:GetObject'],
      why: '`reprocess` removes what a receipt lists. No records are read.',
    },
    RemoveOutputs: {
      actions: ['s3:DeleteObject'],
      why: '`reprocess`. What is in the raw bucket can be made again; `alerts` can not, and is not in it.',
    },
    ...DECRYPT_LAKE,
    ListPartitions: {
      actions: ['glue:GetPartitions'],
      why: '`flowlogs reconcile` looks for lost partitions.',
    },
    SeeDeliveries: { actions: ['dynamodb:Query'], why: '`status` shows accounts that fell silent.' },
    SeeMetrics: {
      actions: ['cloudwatch:GetMetricData', 'cloudwatch:DescribeAlarms'],
      why: '`status` shows lag and alarms. CloudWatch knows no resource for them.',
    },
    Reconcile: {
      actions: ['lambda:InvokeFunction'],
      why: 'Starts the nightly function by hand (`aws lambda invoke`).',
    },
  },
};

const TLS = 'Nobody sends or asks without TLS.';
const LAKE_ANNOUNCES = 'The lake bucket of this account announces its objects. Nobody else sends.';
const OWNER = 'What every key needs: IAM of the account decides who administers it.';
const DELIVERY_WRITES = 'AWS delivers, but only under AWSLogs/, and only for flow logs of these';
const DELIVERY_LOOKS =
  'AWS looks at the bucket before it delivers. It works without, but CloudTrail fills with denials.';
const PUBLISHES = 'The service, for something of this account only.';
const USES_KEY = 'Who publishes there has to encrypt.';

/** Why each statement of a policy of a resource is there, by the logical id of the policy. */
export const POLICIES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  RawBucketPolicy: {
    TlsOnly: TLS,
    AWSLogDeliveryWrite: `${DELIVERY_WRITES} accounts.`,
    AWSLogDeliveryAclCheck: DELIVERY_LOOKS,
    AWSLogDeliveryWriteOrganization: `${DELIVERY_WRITES} organizations.`,
    AWSLogDeliveryAclCheckOrganization: DELIVERY_LOOKS,
  },
  LakeBucketPolicy: {
    TlsOnly: TLS,
    CreateOnly:
      'Nobody replaces a record, finding, receipt or alert, not even who may write: objects are only created.',
  },
  IngestQueuePolicy: {
    TlsOnly: TLS,
    RawBucket: 'The raw bucket of this account announces its objects. Nobody else sends.',
    RawObjectsRule: 'The rule of this stack passes on what a raw bucket announces. Nobody else sends.',
  },
  PartitionQueuePolicy: { TlsOnly: TLS, LakeBucket: LAKE_ANNOUNCES },
  FindingQueuePolicy: { TlsOnly: TLS, LakeBucket: LAKE_ANNOUNCES },
  DeliveryQueuePolicy: { TlsOnly: TLS, LakeBucket: LAKE_ANNOUNCES },
  IngestDeadLetterQueuePolicy: { TlsOnly: TLS },
  PartitionDeadLetterQueuePolicy: { TlsOnly: TLS },
  FindingDeadLetterQueuePolicy: { TlsOnly: TLS },
  DeliveryDeadLetterQueuePolicy: { TlsOnly: TLS },
  AlertsTopicPolicy: { TlsOnly: TLS },
  AlertsChatTopicPolicy: { TlsOnly: TLS },
  OperationsTopicPolicy: { TlsOnly: TLS, Alarms: PUBLISHES, Buckets: PUBLISHES },
  TopicKey: { AccountAdministers: OWNER, Alarms: USES_KEY, Buckets: USES_KEY },
  RawEventBusPolicy: {
    'raw-bucket-account': 'The account of the raw bucket sends its events to a bus that holds nothing else.',
  },
};

const NO_RESOURCE = 'AWS knows no resource for it.';

/**
 * All that is allowed with a wildcard for an action, or on everything, by who has it and the action. Nothing else may be.
 * In the policy of a key `*` is the key.
 */
export const WILDCARDS: Readonly<Record<string, string>> = {
  'ReaderPolicy athena:ListWorkGroups': `${NO_RESOURCE} It gives names.`,
  'ReaderPolicy athena:ListDataCatalogs': `${NO_RESOURCE} It gives names.`,
  'OperatorPolicy cloudwatch:GetMetricData': NO_RESOURCE,
  'OperatorPolicy cloudwatch:DescribeAlarms': NO_RESOURCE,
  'TopicKey kms:*': OWNER,
  'TopicKey kms:GenerateDataKey*':
    'Services use it with and without the plaintext of the key, as AWS documents it.',
};
