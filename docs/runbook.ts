import type { QueueName } from '../infrastructure/names.ts';
import type { FunctionName } from '../shared/config.ts';

/** What someone looks at and does when an alarm goes off. What it means, its description says. */
export interface RunbookEntry {
  /** Commands, with what they show; to be run from the top. */
  readonly look: readonly (readonly [command: string, shows: string])[];
  /** Steps, in their order. */
  readonly do: readonly string[];
}

const STATUS = [
  'flowlogs status --stage prod',
  'what waits, for how long, and which other alarms are on',
] as const;
const DOCTOR = [
  'flowlogs doctor --stage prod',
  'what is not set up as it was deployed, and what to do about it',
] as const;

const query = (name: string, shows: string, since = '1d') =>
  [`flowlogs query ${name} --athena --stage prod --since ${since}`, shows] as const;

const log = (name: FunctionName, pattern: string) =>
  [
    `aws logs tail /aws/lambda/flowlogs-prod-${name} --since 1h --filter-pattern '${pattern}'`,
    'what the function says, in its own words',
  ] as const;

function deadLetters(
  queue: QueueName,
  name: FunctionName,
  more: Pick<RunbookEntry, 'look' | 'do'>,
): RunbookEntry {
  return {
    look: [
      [`flowlogs dlq list --stage prod --queue ${queue}`, 'the messages, with their reasons'],
      [
        'flowlogs dlq show ID --stage prod',
        'one of them: what is wrong, what to do, which log to search for which id',
      ],
      log(name, 'ERROR'),
      ...more.look,
    ],
    do: [
      ...more.do,
      `Mend the cause, then send back what it concerns: \`flowlogs dlq redrive --stage prod --queue ${queue} --reason REASON\`, ` +
        'with `none` for messages that failed five times. Add `--dry-run` first. Nothing is done twice.',
      'What can never be processed, such as an object that is damaged at its source, keeps the alarm on until it is ' +
        'gone. First send everything back (`redrive --all`) and wait: what returns is what can never be processed. When you have noted what it was, empty the queue (`aws sqs purge-queue`), or let it go after 14 days.',
    ],
  };
}

function waiting(name: FunctionName): RunbookEntry {
  return {
    look: [
      STATUS,
      log(name, 'ERROR'),
      query('ingest-lag', 'since when objects take longer, and whether they wait or are worked on'),
    ],
    do: [
      `Errors in the log: go on at [${name}-errors](#${name}-errors). Throttles: go on at [${name}-throttles](#${name}-throttles).`,
      'Neither, and the queue gets shorter: a backfill, or AWS delivered late. Wait.',
      "Neither, and it gets longer day by day: raise the function's `maximumConcurrency` in `serverless.yml` and deploy.",
    ],
  };
}

function errors(name: FunctionName, more: Partial<RunbookEntry> = {}): RunbookEntry {
  return {
    look: [log(name, '?ERROR ?"Task timed out"'), STATUS, DOCTOR, ...(more.look ?? [])],
    do: [
      'A setting is named in the message: mend the stage file and deploy.',
      'Access denied: `flowlogs doctor` names the policy or the key. Out of memory or of time: report it with the object.',
      'It began with a deployment: deploy the release before (`git checkout` and `npm run deploy`).',
      ...(more.do ?? [
        'What went to the dead-letter queue meanwhile: `flowlogs dlq redrive --stage prod --reason none`.',
      ]),
    ],
  };
}

function throttles(name: FunctionName): RunbookEntry {
  return {
    look: [
      STATUS,
      [
        `aws lambda get-function-concurrency --function-name flowlogs-prod-${name}`,
        'whether someone has limited the function; nothing is printed if not',
      ],
      ['aws lambda get-account-settings', 'what the account may run at the same time in this Region'],
    ],
    do: [
      'The function is limited: `aws lambda delete-function-concurrency` lifts it.',
      'The account is at its quota: limit what uses it (CloudWatch, AWS/Lambda, ConcurrentExecutions by function), or have ' +
        'the quota "Concurrent executions" raised.',
      name === 'reconcile' || name === 'alert-schedule'
        ? 'Nothing is lost: the next run does what this one did not.'
        : 'Nothing is lost: the messages wait in their queue.',
    ],
  };
}

function unrecorded(name: FunctionName): RunbookEntry {
  return {
    look: [
      log(name, '"not recorded in the lake"'),
      query('alerts-sent', 'what was recorded of what was told'),
      DOCTOR,
    ],
    do: [
      'Access denied: deploy again, so that the role may write to `alerts/` of the lake bucket and use its key.',
      'Nothing to repeat: people were told. Keep in mind that `alerts-sent` and `findings-not-told` are off for that time.',
    ],
  };
}

/** By the alarm's name without `flowlogs-<stage>-`. A test compares them with the alarms of the template. */
export const RUNBOOK: Readonly<Record<string, RunbookEntry>> = {
  'ingest-dead-letters': deadLetters('ingest', 'ingest', {
    look: [query('coverage', 'which hours of which flow logs are missing', '3d')],
    do: ['The reasons, and what each asks for, are in [deploy.md](deploy.md#when-an-alarm-goes-off).'],
  }),
  'partition-dead-letters': deadLetters('partition', 'register-partitions', {
    look: [['flowlogs reconcile --stage prod --dry-run', 'the folders of the lake without a partition']],
    do: [
      '`not-a-partition`: something else than ingest writes into the lake. Find out what, and stop it.',
      'Without a reason it is mostly Athena: the workgroup, the table, or Lake Formation that governs the catalogue.',
    ],
  }),
  'finding-dead-letters': deadLetters('finding', 'alert', {
    look: [query('findings-not-told', 'what was found and not told')],
    do: [
      '`refused-alert`: the message says what SNS refused. The other alerts of that time were published.',
      'What is sent back later than six hours after the traffic is counted, and not told any more.',
    ],
  }),
  'delivery-dead-letters': deadLetters('delivery', 'note-deliveries', {
    look: [query('coverage', 'who really fell silent')],
    do: ['`not-a-receipt`: something else than ingest writes into the lake. Find out what, and stop it.'],
  }),
  'ingest-waiting': waiting('ingest'),
  'finding-waiting': waiting('alert'),
  'delivery-waiting': waiting('note-deliveries'),
  'ingest-errors': errors('ingest'),
  'register-partitions-errors': errors('register-partitions'),
  'alert-errors': errors('alert'),
  'alert-schedule-errors': errors('alert-schedule', { do: ['What is due is told with the next run.'] }),
  'note-deliveries-errors': errors('note-deliveries'),
  'reconcile-errors': errors('reconcile', {
    do: [
      'Then do what the night did not: `flowlogs reconcile --stage prod`. It has no limit of time, and does the same with ' +
        'your rights: if it works, the role is what is wrong.',
    ],
  }),
  'ingest-throttles': throttles('ingest'),
  'register-partitions-throttles': throttles('register-partitions'),
  'alert-throttles': throttles('alert'),
  'alert-schedule-throttles': throttles('alert-schedule'),
  'note-deliveries-throttles': throttles('note-deliveries'),
  'reconcile-throttles': throttles('reconcile'),
  'alert-schedule-stopped': {
    look: [
      STATUS,
      [
        'aws events list-rule-names-by-target --target-arn ARN-OF-flowlogs-prod-alert-schedule',
        'the rule that runs it; nothing if it was deleted',
      ],
      ['aws events describe-rule --name RULE', 'whether it is enabled'],
    ],
    do: [
      'Disabled: `aws events enable-rule --name RULE`.',
      'Deleted: a deployment does not bring it back. Make a rule that runs the function every five minutes.',
      'Enabled: [alert-schedule-errors](#alert-schedule-errors) and [alert-schedule-throttles](#alert-schedule-throttles).',
    ],
  },
  'alert-unrecorded': unrecorded('alert'),
  'alert-schedule-unrecorded': unrecorded('alert-schedule'),
  'quarantined-lines': {
    look: [
      query('quarantine-overview', 'the reasons, the flow logs, and how such a line looks'),
      query('conservation', 'that every other line became a record'),
    ],
    do: [
      'A line or two: a broken export. Nothing to do; the lines are kept.',
      'All lines of objects without a header line: set `headerlessFormat` in the stage file and deploy, then have the ' +
        'objects ingested again: `flowlogs reprocess`.',
      'A new kind of value from AWS: deploy the release that knows it, then `flowlogs reprocess` what the query names. Until ' +
        'there is one, report it with a line.',
    ],
  },
  'ignored-objects': {
    look: [
      log('ingest', '"object ignored"'),
      ['flowlogs doctor --stage prod', 'flow logs that deliver Parquet'],
    ],
    do: [
      '`parquet`: create the flow log anew in plain text, then delete the old one.',
      '`other-service`: give the other service another bucket, or set `raw.prefix` to the folder of the flow logs.',
      '`folder-marker`, `empty`: someone copies by hand. Nothing to do.',
    ],
  },
  'mixed-build': {
    look: [
      log('ingest', '"another build"'),
      query('conservation', 'how many objects there are of it, day by day'),
    ],
    do: [
      'Once, with a deployment: nothing to do. The first result of each object stands. If `flowLogs` or `raw.headerlessFormat` was changed as well, look with `conservation` whether records are there twice.',
      'To have such objects as one build makes them: `flowlogs reprocess` them.',
      'Again and again: find the second writer, such as another stack or a laptop with this bucket, and stop it.',
    ],
  },
  silence: {
    look: [STATUS, DOCTOR, query('coverage', 'which flow logs fell silent, and when')],
    do: [
      'AWS does not deliver: `flowlogs doctor` shows the error of each flow log, and the policy or key that is wrong.',
      'Objects are in the raw bucket, and no queue fills: the bucket does not announce them. When that is mended, `flowlogs ' +
        'reconcile --stage prod` has read what came meanwhile.',
      'A long queue: go on at [ingest-errors](#ingest-errors).',
    ],
  },
};
