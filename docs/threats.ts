/** What each could do who was taken over, and what is tried with hostile input: the prose of `docs/security.md`. */

export interface Threat {
  readonly who: string;
  readonly could: string;
  readonly cannot: string;
  readonly helps: string;
}

export const THREATS: readonly Threat[] = [
  {
    who: '**Anyone who sends packets** to a logged address',
    could:
      'Cause REJECT records, and with many of them findings, alerts and costs of storage. Choose addresses and ports that are logged.',
    cannot:
      'Choose texts: of a packet, numbers are logged. Make findings or messages grow without end: evidence is counted in bounded memory, and alerts come when a situation opens or grows by an order of magnitude.',
    helps: 'Digests for `info`; rules of `ignore` in the alert policy, see [alerts.md](alerts.md).',
  },
  {
    who: '**Writer to the raw bucket** (an account that delivers, or somebody with `s3:PutObject`)',
    could:
      'Forge records of any account, Region and hour: account and Region come from the key. Cause false findings and alerts. Add objects of 256 partitions each, and so partitions to the catalogue. Cost compute time with objects that inflate to the limit, hold nothing but bad lines, or name a field with 60,000 characters: at most five runs of `ingest` each. Write an object anew: its ETag is another one, so both are in the lake.',
    cannot:
      'Change or remove what is in the lake. Have SQL run: partitions are made of checked parts of keys, and values are data. Make a table unreadable: bad lines are quarantined, bad objects dead letters. Read anything.',
    helps:
      'Let only log delivery write (the stack does); `raw.objectLockDays` keeps what was delivered; `receipts` tell the source of each record; `raw.maxInflatedBytes`.',
  },
  {
    who: '**Lake reader** (`ReaderPolicy`)',
    could:
      "See all traffic of all accounts in the lake, and the results of other readers' queries: they share a folder, in which each may also replace results. Scan up to the limit of the workgroup, once for each query.",
    cannot:
      'Write, replace or remove records, findings, receipts or alerts. Read the raw bucket. Change tables or views. Use another workgroup or another place for results.',
    helps:
      '`athena.scanLimitGb`; CloudTrail tells who asked what; a role without the policy and views in another database for people who may see one account only.',
  },
  {
    who: '**Alert subscriber**',
    could:
      'See what messages say: accounts, resources, addresses, ports, sample lines. Who gets a forwarded e-mail can end the subscription with its link.',
    cannot:
      'Publish: the topics admit nobody but the alert functions. Read the lake. Put something into a message: texts of logs are one visible line each, and mark up, mention and link nothing.',
    helps:
      'SNS confirms each e-mail address; subscribe HTTPS endpoints that check the signature of SNS; `doctor` tells of subscriptions that wait or are gone.',
  },
  {
    who: '**Operator** (`OperatorPolicy`)',
    could:
      'Remove records, findings, quarantine and receipts. Read and remove dead letters. Send any message to any queue of the stack, and so cause work, and alerts of findings that are in the lake. Run reconciliation.',
    cannot:
      'Read records or raw objects. Write to a bucket. Remove alerts, or anything in the raw bucket. Change the stack, its roles or subscriptions.',
    helps:
      '`flowlogs reprocess` and `replay` make the lake again from the raw bucket; CloudTrail data events of the lake bucket, which the stack does not switch on, tell who removed what.',
  },
  {
    who: '**`ingest`** (its code or its role)',
    could:
      'Read all objects of the raw bucket below `raw.prefix`, without one all that is in a shared bucket. Add made-up records, findings and receipts, also under names that queries fail on.',
    cannot:
      'Replace or remove anything in the lake: objects with the names of tables can only be created. Write alerts, publish, query, or touch the catalogue.',
    helps: 'What it made has receipts with the build; the raw bucket makes the lake again.',
  },
  {
    who: '**`register-partitions`**',
    could:
      'Read records, list the lake, and run queries that read records. Add partitions, also with a location elsewhere, which readers then fail to read.',
    cannot: 'Change or remove partitions, tables or objects. Read findings, receipts or raw objects.',
    helps: '`flowlogs reconcile --dry-run` and `SHOW PARTITIONS` show what there is.',
  },
  {
    who: '**`alert`** and **`alert-schedule`**',
    could:
      'Publish any message to the topics of alerts. Change what was counted and told, and so keep silent. `alert` reads findings.',
    cannot:
      'Read records or raw objects. Publish to the topic of operations. Replace or remove what is in the lake; `alerts` can only be added to.',
    helps:
      'Findings stay in the lake whatever becomes of alerts: `flowlogs query findings-not-told` lists what nobody was told.',
  },
  {
    who: '**`note-deliveries`**',
    could: 'Change items of the table of situations, and so keep silence, and situations, from being told.',
    cannot: 'Read an object, publish, or write to a bucket.',
    helps:
      'The same query; `operations.silenceAlarmMinutes` is an alarm of CloudWatch that does not need the table.',
  },
  {
    who: '**`reconcile`**',
    could: 'Learn the names of objects and partitions. Send messages to the queues of ingest and partitions.',
    cannot: 'Read or write raw objects, records, findings or receipts.',
    helps: 'Messages for objects that are done do nothing.',
  },
  {
    who: '**Who deploys**',
    could:
      'Everything that the stack can, and change it. This software asks for no rights to deploy of its own.',
    cannot: 'Remove the two buckets with the stack: they are kept.',
    helps: 'Deploy from CI with a role of its own; the object lock of the raw bucket binds the account, too.',
  },
];

export interface Store {
  readonly place: string;
  readonly key: string;
  readonly readers: string;
  readonly kept: string;
}

export const STORES: readonly Store[] = [
  {
    place: 'Raw bucket',
    key: "S3's key, or `raw.kmsKeyArn`",
    readers: '`ingest`',
    kept: '`raw.expireAfterDays`, else for ever; locked for `raw.objectLockDays`',
  },
  {
    place: 'Lake bucket: records, quarantine, findings, receipts, alerts',
    key: "S3's key, or `lake.kmsKeyArn`",
    readers: 'readers; functions what they need, see below',
    kept: '`lake.expireAfterDays`, else for ever',
  },
  { place: 'Lake bucket: `athena-results/`', key: 'as the lake', readers: 'readers', kept: '7 days' },
  {
    place: 'Queues (names of objects, no records)',
    key: "SQS's key",
    readers: 'their function; dead letters: operators',
    kept: '4 days; dead letters 14',
  },
  {
    place: 'Topics (messages)',
    key: 'the key of the stack',
    readers: 'subscribers',
    kept: 'until delivered',
  },
  {
    place: 'Table of situations',
    key: "DynamoDB's key",
    readers: '`alert`, `alert-schedule`; its index: operators',
    kept: 'items expire; backups 35 days',
  },
  {
    place: 'Log groups (no records)',
    key: "CloudWatch's key",
    readers: 'IAM of the account',
    kept: '`operations.logRetentionDays`',
  },
];

export interface HostileInput {
  readonly input: string;
  readonly outcome: string;
  /** Files that try it. */
  readonly tests: readonly string[];
}

export const HOSTILE_INPUTS: readonly HostileInput[] = [
  {
    input: 'SQL in keys of objects',
    outcome:
      'Partitions are made of checked parts (12 digits, a Region, a day, an hour). A key of another shape is a dead letter, alone.',
    tests: [
      'test/functions/register-partitions.test.ts',
      'test/integration/intruders.test.ts',
      'test/fuzz/message-case.ts',
    ],
  },
  {
    input: 'SQL in values of fields',
    outcome: 'Values are data of tables. In queries that are made from answers they are quoted literals.',
    tests: ['test/hostile/hostile-log.test.ts', 'test/shared/alerts/message/message.test.ts'],
  },
  {
    input: 'SQL in parameters of queries',
    outcome:
      'Each has a type that decides what it takes; texts are quoted literals. DuckDB is opened to read only.',
    tests: ['test/athena/query-parameters.test.ts', 'test/local/duckdb.test.ts'],
  },
  {
    input: 'Paths in names of files and in values (`../`)',
    outcome:
      'Names of outputs are made of letters, digits and hyphens. A key that leads out of the lake is refused.',
    tests: [
      'test/hostile/hostile-log.test.ts',
      'test/local/folder-store.test.ts',
      'test/shared/lake/layout.test.ts',
    ],
  },
  {
    input: '`__proto__`, `constructor` as names of fields and keys of JSON',
    outcome:
      '`__proto__` is no name of a field. `constructor` is an unknown field, `x_constructor`. Nothing else changes.',
    tests: ['test/hostile/prototype-names.test.ts', 'test/shared/flow-log/fields.test.ts'],
  },
  {
    input: 'Names of fields that look like known ones (homoglyphs)',
    outcome: 'Names of fields are ASCII. Such a line is no header: the object fails with what to do.',
    tests: ['test/shared/flow-log/transform.test.ts'],
  },
  {
    input: '100,000 columns in a header',
    outcome: 'No header: at least half of the names have to be known.',
    tests: ['test/shared/flow-log/transform.test.ts'],
  },
  {
    input: 'Escape sequences for terminals, text direction, zero width',
    outcome: 'Shown as `\\u001b` in tables, CSV, JSON and errors of every command.',
    tests: ['test/cli/output.test.ts', 'test/cli/explain.test.ts', 'test/hostile/hostile-log.test.ts'],
  },
  {
    input: 'Line ends and headers of mails, mentions, links and markup in messages',
    outcome:
      'Subjects are one line of ASCII; in texts everything invisible is replaced; chats get no markup.',
    tests: ['test/shared/alerts/message/message.test.ts', 'test/hostile/hostile-log.test.ts'],
  },
  {
    input: 'Formulas in CSV',
    outcome: 'An apostrophe in front, see below.',
    tests: ['test/cli/output.test.ts', 'test/hostile/hostile-log.test.ts'],
  },
  {
    input: 'Decompression bombs, gzip in gzip',
    outcome: 'Inflated bytes and layers are limited; nothing of such an object is written.',
    tests: ['test/shared/lake/ingest.test.ts', 'test/hostile/bombs.test.ts'],
  },
  {
    input: 'Endless different sources, interfaces, ports, hours',
    outcome:
      'Evidence is counted in bounded memory; 256 partitions of an object are written, further lines quarantined.',
    tests: ['test/shared/findings/bounds.test.ts', 'test/shared/lake/ingest.test.ts'],
  },
  {
    input: 'JSON nested 400,000 deep, thousands of records in a notification',
    outcome: 'Permanent error `not-a-notification`, or each record is read.',
    tests: ['test/hostile/deep-json.test.ts'],
  },
  {
    input: 'Receipts that list what was not made of their object',
    outcome: '`flowlogs reprocess` removes nothing, and says what to look for.',
    tests: ['test/integration/reprocess.test.ts'],
  },
  {
    input: 'Anything else: damaged bytes, tokens, gzip, keys, messages',
    outcome: '`npm run fuzz` and the inputs that it once found.',
    tests: ['test/fuzz/run.ts', 'test/fuzz/fixtures.test.ts'],
  },
];
