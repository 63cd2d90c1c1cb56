/** What has an end, what happens there, and which test or figure says so: the content of `docs/limits.md`. */

/** A constant of the code: the file that defines it, and its name. */
export type Constant = readonly [file: string, name: string];

export interface Limit {
  readonly what: string;
  /** The number, in the code; `unit` says what it counts. */
  readonly constant?: Constant;
  /** The limit in words, where no constant has it. */
  readonly value?: string;
  readonly unit?: string;
  readonly outcome: string;
  /** A file that shows it, and a text in it: the name of a test, or what AWS says. */
  readonly shown: readonly [file: string, text: string];
}

export interface Section {
  readonly title: string;
  readonly about: string;
  readonly limits: readonly Limit[];
}

const INGEST_TEST = 'test/shared/lake/ingest.test.ts';
const TRANSFORM_TEST = 'test/shared/flow-log/transform.test.ts';
const BOUNDS_TEST = 'test/shared/findings/bounds.test.ts';
const HOSTILE_TEST = 'test/hostile/limits.test.ts';
const MESSAGE_TEST = 'test/shared/alerts/message/message.test.ts';
const WRITER = 'shared/lake/object-writer.ts';
const STATEMENTS = 'athena/explain/statements.ts';

export const SECTIONS: readonly Section[] = [
  {
    title: 'A source object',
    about: 'Whatever an object holds, it spoils nothing but itself, and memory stays bounded.',
    limits: [
      {
        what: 'Size as stored',
        value: 'none of its own; S3 has 5 TB',
        outcome:
          'It is read as a stream. What it takes of the memory of an invocation is bounded, and so is what runs beside it.',
        shown: ['test/integration/large-object.test.ts', 'every record of a large object is in the lake'],
      },
      {
        what: 'Size inflated',
        constant: ['shared/lake/ingest.ts', 'DEFAULT_MAX_INFLATED_BYTES'],
        unit: 'bytes',
        outcome:
          'Permanent error `too-large`: nothing of it is written. `raw.maxInflatedBytes`, or `--max-inflated-bytes`, changes it.',
        shown: [INGEST_TEST, 'a gzip bomb'],
      },
      {
        what: 'Time of an object',
        value: 'what the function has left, less 10 seconds',
        outcome:
          'It goes back to the queue, and after five times to the dead-letter queue, without a reason. Good lines of the largest size above take a minute or two; lines that are quarantined cost some 20 times as much, so that a bomb of those gets here first.',
        shown: ['test/functions/ingest.test.ts', 'with ten seconds left what runs is stopped and reported'],
      },
      {
        what: 'Layers of gzip',
        constant: ['shared/lake/inflate.ts', 'MAX_LAYERS'],
        outcome: 'Permanent error `corrupt-gzip`.',
        shown: [INGEST_TEST, 'gzip in gzip in gzip'],
      },
      {
        what: 'Partitions of an object',
        constant: [WRITER, 'MAX_PARTITIONS'],
        outcome: 'Lines that would open another one are quarantined.',
        shown: [INGEST_TEST, '10,000 hours in one object: 256 partitions'],
      },
      {
        what: 'Quarantined lines that are listed',
        constant: [WRITER, 'MAX_QUARANTINE_LISTED'],
        unit: 'lines',
        outcome: 'Further ones are counted in the receipt, by reason, and not listed.',
        shown: [HOSTILE_TEST, 'of more quarantined lines than are listed, all are counted'],
      },
      {
        what: 'Bytes of that list',
        constant: [WRITER, 'MAX_QUARANTINE_BYTES'],
        unit: 'bytes',
        outcome: 'The same.',
        shown: [HOSTILE_TEST, 'of more bytes of quarantined lines than are listed, all are counted'],
      },
      {
        what: 'Formats that a receipt lists',
        constant: [WRITER, 'MAX_FORMATS_LISTED'],
        outcome: 'Further ones are read as well, and not listed.',
        shown: [HOSTILE_TEST, 'with more formats than a receipt lists is read whole'],
      },
      {
        what: 'Name of the file in names of outputs',
        constant: ['shared/lake/layout.ts', 'MAX_STEM'],
        unit: 'characters',
        outcome:
          'It is cut; 128 bits of a hash tell objects apart. Keys of S3 (1,024 bytes) are never reached.',
        shown: [
          'test/shared/lake/layout.test.ts',
          'no key can give a name that leaves its folder, is hidden or is too long',
        ],
      },
      {
        what: 'Size of an output',
        value: '10,000 parts of 8 MiB, 84 GB',
        outcome: 'Not reached: the inflated size ends before.',
        shown: [
          'test/integration/large-object.test.ts',
          'what is too large for one request goes up in parts',
        ],
      },
    ],
  },
  {
    title: 'A line and its header',
    about: 'A line that is refused is quarantined with its reason; the lines beside it are records.',
    limits: [
      {
        what: 'Length of a line',
        constant: ['shared/line-loop/layout.ts', 'MAX_LINE_BYTES'],
        unit: 'bytes',
        outcome: 'Quarantined as `line-too-long`, however long it is.',
        shown: [INGEST_TEST, 'a line of 1 GB behind a header is one quarantined line'],
      },
      {
        what: 'What quarantine shows of a line',
        constant: ['shared/flow-log/quarantine.ts', 'QUARANTINED_LINE_BYTES'],
        unit: 'bytes',
        outcome: 'The rest is left out; `offset` and `line_bytes` tell where it is.',
        shown: [HOSTILE_TEST, 'of more bytes of quarantined lines than are listed, all are counted'],
      },
      {
        what: 'Length of a header',
        value: 'as a line',
        outcome: 'It is no header: the object fails with `no-header`.',
        shown: [TRANSFORM_TEST, 'a first line longer than 64 KiB'],
      },
      {
        what: 'Columns',
        value: 'twice as many as AWS has fields: at least half of the names have to be known',
        outcome: 'With more unknown names it is no header.',
        shown: [TRANSFORM_TEST, '100,000 columns'],
      },
      {
        what: 'Length of the name of an unknown field',
        value: '128 bytes',
        outcome: 'With a longer name it is no header: every record repeats its names.',
        shown: ['test/hostile/bombs.test.ts', 'a long name in the header does not make a large object'],
      },
      {
        what: 'Numbers',
        value: '32 and 64 bits, as the columns of AWS',
        outcome: 'Quarantined as `number-too-large`: it would fail every query of the table.',
        shown: [TRANSFORM_TEST, 'a bigint above 9223372036854775807'],
      },
    ],
  },
  {
    title: 'Findings of an object',
    about:
      'Evidence is bounded by named algorithms. Records are all in the lake, whatever findings leave out.',
    limits: [
      {
        what: 'Resources with findings of their own',
        constant: ['shared/findings/summaries.ts', 'MOST_DETAILED'],
        outcome: 'The others are in one finding for each path, with their number.',
        shown: [BOUNDS_TEST, 'different sources, destinations, ports and interfaces at once'],
      },
      {
        what: 'Exact distinct counts',
        constant: ['shared/findings/distinct.ts', 'MOST_DISTINCT'],
        outcome: 'Beyond it: `64+`.',
        shown: [
          'test/shared/findings/distinct.test.ts',
          'distinct values are counted exactly up to 64, then as 64+',
        ],
      },
      {
        what: 'Top sources, destinations and ports',
        constant: ['shared/findings/judged-flow.ts', 'TOP'],
        outcome: 'Those with the most flows, each with how far its count may be off (space-saving).',
        shown: [
          'test/shared/findings/space-saving.test.ts',
          'have counts that are never too low and at most their error too high',
        ],
      },
      {
        what: 'Counters behind each of these',
        constant: ['shared/findings/judged-flow.ts', 'COUNTED'],
        outcome: 'What is rarer than one in so many may be missing from the top.',
        shown: [
          'test/shared/findings/space-saving.test.ts',
          'include every key that occurs more often than that',
        ],
      },
      {
        what: 'Sample lines',
        constant: ['shared/findings/flow-summary.ts', 'MOST_SAMPLES'],
        outcome: 'The first ones, 512 bytes of each.',
        shown: [BOUNDS_TEST, 'different sources, destinations, ports and interfaces at once'],
      },
      {
        what: 'Length of an id or address in a finding',
        constant: ['shared/findings/token.ts', 'LONGEST_TEXT'],
        unit: 'bytes',
        outcome: 'It is cut. Ids and addresses of AWS are far shorter.',
        shown: [HOSTILE_TEST, 'with long ids has them cut in its findings, and whole in its records'],
      },
      {
        what: 'Memory of what is different',
        value: '50 MB for 100,000 different interfaces, sources and ports',
        outcome: 'It does not grow further.',
        shown: [BOUNDS_TEST, 'memory stays bounded'],
      },
    ],
  },
  {
    title: 'Alerts and messages',
    about: 'What is not told at once is told together, later; nothing is left out of the lake.',
    limits: [
      {
        what: 'Evidence that a situation keeps',
        value: '5 of each list, 2 sample lines of 512 characters',
        outcome: 'The rest is in the findings. An item of DynamoDB takes 400 KB, and is never near it.',
        shown: ['test/shared/alerts/subjects.test.ts', 'the evidence of a situation stays small'],
      },
      {
        what: 'Messages of an account and Region in an hour',
        constant: ['shared/alerts/policy.ts', 'messagesPerHour'],
        outcome:
          'The others come together at the end of the hour. Critical ones do not wait. `alerts.policy.messagesPerHour` changes it.',
        shown: [
          'test/shared/alerts/alerting.test.ts',
          'the hour’s messages are used up for warnings, and not for what is critical',
        ],
      },
      {
        what: 'Situations that open in a VPC in an hour',
        constant: ['shared/alerts/policy.ts', 'openingsPerHour'],
        outcome: 'One of the VPC, then one of the account, takes the others.',
        shown: ['test/shared/alerts/placing.test.ts', 'beyond so many openings of a VPC in an hour'],
      },
      {
        what: 'Services of a scope with situations of their own',
        constant: ['shared/alerts/placing.ts', 'MOST_PORTS'],
        outcome: 'The others are one situation.',
        shown: [
          'test/shared/alerts/placing.test.ts',
          'beyond 32 services of a scope the others are one situation',
        ],
      },
      {
        what: 'Openings of a situation with a message of their own in a day',
        constant: ['shared/alerts/decision.ts', 'OPENINGS_A_DAY'],
        outcome: 'Further ones come in digests, and at once if they are worse.',
        shown: [
          'test/shared/alerts/alerting.test.ts',
          'what comes and goes is told three times a day, then in digests',
        ],
      },
      {
        what: 'Age of what is told',
        value: '6 hours (`alerts.policy.newsHours`)',
        outcome: 'Older findings are counted and not told.',
        shown: ['test/functions/alert.test.ts', 'findings older than six hours are counted and not told'],
      },
      {
        what: 'Size of a message',
        constant: ['shared/alerts/message/message.ts', 'MAX_BYTES'],
        unit: 'bytes',
        outcome:
          'A digest says of fewer alerts everything, and how many it leaves out. SNS takes 262,144 with attributes.',
        shown: [MESSAGE_TEST, 'every form of the message is what its readers expect'],
      },
      {
        what: 'Alerts of a digest',
        constant: ['shared/alerts/message/message.ts', 'MOST_ALERTS'],
        outcome: 'It says how many it leaves out; all are in the table `alerts`.',
        shown: [MESSAGE_TEST, 'say how much they leave out'],
      },
      {
        what: 'Subject',
        constant: ['shared/alerts/message/subject.ts', 'MAX_SUBJECT'],
        unit: 'characters',
        outcome: 'Shorter ids, then fewer facts. SNS takes fewer than 100, of ASCII.',
        shown: [MESSAGE_TEST, 'every form of the message is what its readers expect'],
      },
      {
        what: 'Values of an attribute to filter by',
        constant: ['shared/alerts/message/attributes.ts', 'MOST_VALUES'],
        outcome: 'Those of the most severe alerts.',
        shown: [MESSAGE_TEST, 'of a storm have a hundred values'],
      },
      {
        what: 'Messages a second to a subscription',
        value: '8',
        outcome: 'The functions wait. SNS suspends e-mail subscriptions that get more than 10.',
        shown: [
          'test/shared/aws/sns-alert-publisher.test.ts',
          'a subscription gets less than ten messages a second',
        ],
      },
    ],
  },
  {
    title: 'Functions and queues',
    about: '',
    limits: [
      {
        what: 'Memory of objects that `ingest` reads at a time',
        constant: ['functions/ingest/memory.ts', 'MEMORY_BUDGET'],
        unit: 'bytes',
        outcome: 'Further objects of the batch wait. One that costs more than all of it runs alone.',
        shown: ['test/shared/lambda/budget.test.ts', 'what runs at a time never costs more than the budget'],
      },
      {
        what: 'Deliveries of a message',
        constant: ['infrastructure/queues.ts', 'MAX_RECEIVE_COUNT'],
        outcome:
          'Then it goes to the dead-letter queue. What no retry can help goes there at once, with its reason.',
        shown: [
          'test/infrastructure/stack/every-stage.ts',
          'what fails five times in %s goes to its dead-letter queue',
        ],
      },
      {
        what: 'Delay of a message that failed',
        constant: ['shared/lambda/sqs-batch.ts', 'LONGEST_DELAY'],
        unit: 'seconds',
        outcome: 'It grows with each delivery up to this.',
        shown: [
          'test/shared/lambda/sqs-batch.test.ts',
          'the delay grows with each delivery up to fifteen minutes',
        ],
      },
      {
        what: 'Age of a message',
        value: '4 days, as a dead letter 14',
        outcome: 'SQS removes it. `flowlogs reconcile` and `replay` find what it announced.',
        shown: ['test/infrastructure/stack/every-stage.ts', 'which keeps it longer'],
      },
      {
        what: 'Error text of a dead letter',
        constant: ['shared/aws/failed-messages.ts', 'MAX_ERROR_CHARACTERS'],
        unit: 'characters',
        outcome: 'It is cut; the message is kept whole.',
        shown: [
          'test/shared/aws/failed-messages.test.ts',
          'a long error is cut, and the message is kept whole',
        ],
      },
      {
        what: 'Partitions of one statement',
        constant: ['athena/partition-statements.ts', 'MAX_PARTITIONS_OF_STATEMENT'],
        outcome: 'Another statement. Glue takes 100 at once, Athena 262,144 bytes.',
        shown: [
          'test/athena/partition-statements.test.ts',
          'the longest keys that S3 has make a statement that Athena takes',
        ],
      },
      {
        what: 'Partitions that a container remembers',
        constant: ['functions/register-partitions/recent-partitions.ts', 'MAX_ENTRIES'],
        outcome: 'The oldest is forgotten, and registered again, which changes nothing.',
        shown: ['test/functions/recent-partitions.test.ts', 'what is remembered has an end'],
      },
      {
        what: 'Days that reconciliation looks at',
        constant: ['functions/reconcile/bounds.ts', 'MAX_DAYS'],
        outcome: 'A payload with more is refused.',
        shown: ['test/functions/reconcile.test.ts', 'days: 100_000'],
      },
      {
        what: 'Reconciliation of a run',
        value: '20,000 messages, 2,000,000 names listed, 15 minutes',
        outcome: 'It says where it stopped; the next run goes on, because what was sent is done by then.',
        shown: ['test/functions/reconcile.test.ts', 'for lack of time says so, and sends what it found'],
      },
    ],
  },
  {
    title: 'Queries and commands',
    about: '',
    limits: [
      {
        what: 'What a query on Athena may scan',
        value: '100 GB (`athena.scanLimitGb`)',
        outcome: 'Athena cancels the query. The command says so, and what to do.',
        shown: ['test/shared/aws/athena-query-engine.test.ts', 'Bytes scanned limit was exceeded'],
      },
      {
        what: 'A text as parameter',
        constant: ['athena/query-parameters.ts', 'MAX_TEXT'],
        unit: 'characters',
        outcome: 'It is refused, with what the parameter takes.',
        shown: ['test/athena/query-parameters.test.ts', "'x'.repeat(1001)"],
      },
      {
        what: 'Records that `explain` reads of each part',
        constant: [STATEMENTS, 'MOST_ROWS'],
        outcome: 'The newest time is told whole, and that is said.',
        shown: [
          'test/athena/explain/investigate.test.ts',
          'of too many records the newest time is told whole, and that is said',
        ],
      },
      {
        what: 'Interfaces that `explain` surveys',
        constant: [STATEMENTS, 'MOST_INTERFACES'],
        outcome: 'The question is refused, with how to narrow it.',
        shown: [
          'test/athena/explain/observed-time.test.ts',
          'too many interfaces are refused, each counted for every flow log',
        ],
      },
      {
        what: 'Receipts of a day that `status` lists',
        constant: ['operate/status.ts', 'MAX_LISTED'],
        outcome: 'It says that there are more.',
        shown: ['test/operate/status.test.ts', 'of a day with more receipts than are listed says so'],
      },
      {
        what: 'Failed objects that `ingest` names',
        constant: ['cli/commands/ingest.ts', 'FAILURES_SHOWN'],
        outcome: 'The others are counted. Exit status 1.',
        shown: [
          'test/hostile/limits.test.ts',
          'of many files that fail, the first are named and all are counted',
        ],
      },
    ],
  },
  {
    title: 'A stack',
    about: '',
    limits: [
      {
        what: 'Flow logs of a stage file',
        value: '350',
        outcome: 'The stage file is refused. Log whole VPCs, or use the template for member accounts.',
        shown: ['test/infrastructure/flow-logs.test.ts', '350 flow logs'],
      },
      {
        what: 'Accounts that deliver, by number',
        value: '100',
        outcome: 'The stage file is refused: a bucket policy holds no more. Use `delivery.organizationId`.',
        shown: ['test/infrastructure/parameters.test.ts', 'accountIds: Array(101)'],
      },
      {
        what: 'Alert policy as JSON',
        constant: ['infrastructure/parameters.ts', 'MAX_POLICY_BYTES'],
        unit: 'bytes',
        outcome: 'The stage file is refused: all variables of a function have 4 KB.',
        shown: ['test/infrastructure/parameters.test.ts', 'fits into the environment of a function'],
      },
    ],
  },
  {
    title: 'Quotas of AWS that a stack meets',
    about: 'Numbers are those that accounts have at first. Where one is kept, the code says why.',
    limits: [
      {
        what: 'Concurrent executions of an account',
        value: '1,000',
        outcome: 'All functions together take 30 at most: queues hold them back, nothing is throttled.',
        shown: ['serverless.yml', 'their share of 1,000 concurrent executions'],
      },
      {
        what: 'DDL statements that run on Athena at once',
        value: '20',
        outcome: 'Two are run at most. What cannot start goes back to the queue.',
        shown: [
          'test/functions/register-partitions.test.ts',
          'to start because there are too many goes back to the queue',
        ],
      },
      {
        what: 'Length of a statement on Athena',
        constant: [STATEMENTS, 'LONGEST_STATEMENT'],
        unit: 'bytes',
        outcome: 'The largest question of `explain` fits.',
        shown: ['test/athena/explain/observed-time.test.ts', 'the largest ones fit into a statement'],
      },
      {
        what: 'Items of a transaction of DynamoDB',
        value: '100',
        outcome: 'A finding changes 90 situations at most, and one item marks it.',
        shown: ['shared/alerts/parts.ts', 'const MOST_PARTS = 90'],
      },
      {
        what: 'Resources of a template',
        value: '500',
        outcome: 'A stack has fewer, whatever is switched on.',
        shown: ['test/infrastructure/stack/every-stage.ts', 'fits into a stack'],
      },
      {
        what: 'A managed policy',
        value: '6,144 characters',
        outcome: '`ReaderPolicy` and `OperatorPolicy` fit.',
        shown: ['test/infrastructure/stack/every-stage.ts', 'fit into managed policies'],
      },
    ],
  },
];
