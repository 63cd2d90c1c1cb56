import type { FunctionName } from '../shared/config.ts';
import { logicalId } from './logical-id.ts';
import {
  CONSUMERS,
  deadLetters,
  FUNCTIONS,
  lambdaMetric,
  type Metric,
  ownMetric,
  QUEUES,
  queueMetric,
} from './metrics.ts';
import { databaseName, functionName, type QueueName, queueName, workgroupName } from './names.ts';
import type { StackParameters } from './parameters.ts';
import { type Resource, type Resources, ref } from './template.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;

/** When an alarm goes off, and what it tells the person whom it wakes. */
interface Alarm {
  readonly name: string;
  /** What it means and what to do, at most 1,024 characters. */
  readonly description: string;
  readonly metric: Metric;
  readonly statistic?: 'Sum' | 'Maximum';
  /** Seconds. Periods below an hour may add up to a day, longer ones to a week. */
  readonly period: number;
  /** Periods that are looked at, and how many of them must be bad: all of them if it isn't given. */
  readonly periods?: number;
  readonly badPeriods?: number;
  /** What makes a period a bad one. */
  readonly bad: { readonly above: number } | { readonly below: number };
}

/**
 * Alarms to the operations topic. An alarm tells once when it goes off and stays on while the cause lasts, so long
 * periods mean few messages. Lost or late data shows within minutes; what is only worth knowing is looked at by the hour.
 *
 * Source: "AWS::CloudWatch::Alarm" (CloudFormation Template Reference), "Configuring how CloudWatch alarms treat missing
 * data" (Amazon CloudWatch User Guide).
 */
export function alarmResources(parameters: StackParameters): Resources {
  const alarms = [
    ...QUEUES.map((queue) => deadLettersAlarm(parameters, queue)),
    ...(['ingest', 'finding', 'delivery'] as const).map((queue) => waitingAlarm(parameters, queue)),
    ...FUNCTIONS.flatMap((name) => [errorsAlarm(parameters, name), throttlesAlarm(parameters, name)]),
    scheduleAlarm(parameters),
    ...(['alert', 'alert-schedule'] as const).map((name) => unrecordedAlarm(parameters, name)),
    quarantineAlarm(parameters),
    ...ignoredAlarm(parameters),
    mixedBuildAlarm(parameters),
    ...silenceAlarm(parameters),
  ];
  return Object.fromEntries(
    alarms.map((alarm) => [`${logicalId(alarm.name)}Alarm`, alarmResource(parameters, alarm)]),
  );
}

function alarmResource({ stage }: StackParameters, alarm: Alarm): Resource {
  const {
    name,
    description,
    metric,
    statistic = 'Sum',
    period,
    periods = 1,
    badPeriods = periods,
    bad,
  } = alarm;
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: `flowlogs-${stage}-${name}`,
      AlarmDescription: description,
      AlarmActions: [ref('OperationsTopic')],
      Namespace: metric.namespace,
      MetricName: metric.name,
      Dimensions: Object.entries(metric.dimensions).map(([Name, Value]) => ({ Name, Value })),
      Statistic: statistic,
      Period: period,
      EvaluationPeriods: periods,
      DatapointsToAlarm: badPeriods,
      // The metrics exist only while something happens: no data is never too much, and always too little.
      ...('above' in bad
        ? {
            ComparisonOperator: 'GreaterThanThreshold',
            Threshold: bad.above,
            TreatMissingData: 'notBreaching',
          }
        : { ComparisonOperator: 'LessThanThreshold', Threshold: bad.below, TreatMissingData: 'breaching' }),
    },
  };
}

const UNPROCESSED: Readonly<Record<QueueName, string>> = {
  ingest: 'Flow log objects are missing from the lake.',
  partition: 'Records are in the lake that queries do not see.',
  finding: 'Alerts were not sent.',
  delivery: 'It was not noted that accounts delivered, so that some may be told to have fallen silent.',
};

function deadLettersAlarm(parameters: StackParameters, queue: QueueName): Alarm {
  const name = queueName(parameters, queue);
  const consumer = functionName(parameters, CONSUMERS[queue]);
  return {
    name: `${queue}-dead-letters`,
    description:
      `${UNPROCESSED[queue]} Messages that ${consumer} could not process wait in ${name}-dlq, for 14 days; what they ` +
      'announce is safe in S3. Look at the messages (they stay in the queue): the attributes "reason" and "error" say ' +
      'what is wrong and what to do. A message without them failed five times: search the log ' +
      `/aws/lambda/${consumer} for errors. When the cause is mended, move them back: flowlogs dlq redrive ` +
      `--stage ${parameters.stage} --queue ${queue}.`,
    metric: deadLetters(queue),
    statistic: 'Maximum',
    period: 5 * MINUTE,
    bad: { above: 0 },
  };
}

/** Queues in which nothing may wait for long: after how many seconds, what it means and what to do. */
const WAITING = {
  ingest: {
    // A crash hides its messages for the visibility timeout, half an hour. One crash mends itself.
    above: HOUR,
    means:
      'Flow log objects wait for more than an hour to be ingested; a minute is usual. Records and alerts are late, and ' +
      'after four days in the queue they are lost unless flowlogs reconcile --days 7 finds them.',
  },
  finding: {
    above: HOUR,
    means:
      'Findings wait for more than an hour to be looked at; a minute is usual. Alerts are late, and what is older than ' +
      'the alert policy takes for news is not told any more. While very much old data is ingested that is how it is ' +
      'until all is counted.',
  },
  delivery: {
    // Before accounts are taken to have fallen silent: that is after an hour.
    above: 30 * MINUTE,
    means:
      'Receipts wait for more than half an hour to be noted as deliveries; two minutes are usual. Soon accounts are ' +
      'told to have fallen silent that have not.',
  },
} as const satisfies Partial<Record<QueueName, { above: number; means: string }>>;

function waitingAlarm(parameters: StackParameters, queue: keyof typeof WAITING): Alarm {
  const consumer = functionName(parameters, CONSUMERS[queue]);
  const { above, means } = WAITING[queue];
  return {
    name: `${queue}-waiting`,
    description:
      `${means} Look at the dashboard. Errors: see the alarm about ${consumer}. Throttles: the account has too little ` +
      'Lambda concurrency. A long queue without either: more arrives than is read at the same time. It catches up when ' +
      "the rush is over; if that is every day, raise the function's maximumConcurrency in serverless.yml.",
    metric: queueMetric(queue, 'ApproximateAgeOfOldestMessage'),
    statistic: 'Maximum',
    period: 5 * MINUTE,
    bad: { above },
  };
}

/** What comes of it when a function fails. */
function afterFailure(name: FunctionName, lambda: string): string {
  switch (name) {
    case 'reconcile':
      return (
        'Lost notifications are not repaired until it succeeds; nothing else is affected. When the cause is mended, ' +
        `run it: aws lambda invoke --cli-read-timeout 0 --function-name ${lambda} out.json. `
      );
    case 'alert-schedule':
      return (
        'It is run again every five minutes. Until it succeeds there are no digests, and nobody is told of accounts that ' +
        'fell silent; messages about single warnings go out all the same. '
      );
    default:
      return 'Its messages come back four times, then they go to the dead-letter queue. ';
  }
}

/** One failure of what is called anew mends itself. Nothing brings back a day's reconcile. */
const whenItLasts = (name: FunctionName) =>
  name === 'reconcile' ? { period: 5 * MINUTE } : { period: 5 * MINUTE, periods: 6, badPeriods: 3 };

function errorsAlarm(parameters: StackParameters, name: FunctionName): Alarm {
  const lambda = functionName(parameters, name);
  return {
    name: `${name}-errors`,
    description:
      `${lambda} fails: it can't start, runs out of memory or time, or breaks. ` +
      afterFailure(name, lambda) +
      `Search the log /aws/lambda/${lambda} for ERROR and "Task timed out". If it began with a deployment, deploy the ` +
      'release before.',
    metric: lambdaMetric(parameters, name, 'Errors'),
    ...whenItLasts(name),
    bad: { above: 0 },
  };
}

function throttlesAlarm(parameters: StackParameters, name: FunctionName): Alarm {
  const lambda = functionName(parameters, name);
  return {
    name: `${name}-throttles`,
    description:
      `Lambda refuses to run ${lambda}: the concurrency of the account in this Region is used up, or someone has limited ` +
      'the function. Its work waits and nothing is lost. Find out which function uses the concurrency (CloudWatch, ' +
      'AWS/Lambda, ConcurrentExecutions), limit it, or have the quota raised.',
    metric: lambdaMetric(parameters, name, 'Throttles'),
    ...whenItLasts(name),
    bad: { above: 0 },
  };
}

/** What does not run has no errors: digests and silence would end unnoticed. */
function scheduleAlarm(parameters: StackParameters): Alarm {
  const lambda = functionName(parameters, 'alert-schedule');
  return {
    name: 'alert-schedule-stopped',
    description:
      `${lambda} has not run for half an hour; every five minutes are usual. There are no digests, and nobody is told of ` +
      'accounts that fell silent; messages about single warnings go out all the same. Look whether its rule in EventBridge ' +
      `is there and enabled: aws events list-rule-names-by-target --target-arn, with the ARN of ${lambda}, then aws events ` +
      'enable-rule. A rule that was deleted does not come back with a deployment: make one, every five minutes. ' +
      'Throttles: see the alarm about them. What waits is told when it runs again. After a first deployment the alarm can be on for some minutes.',
    metric: lambdaMetric(parameters, 'alert-schedule', 'Invocations'),
    // Short periods, as for silence below.
    period: 5 * MINUTE,
    periods: 6,
    bad: { below: 1 },
  };
}

function unrecordedAlarm(parameters: StackParameters, name: 'alert' | 'alert-schedule'): Alarm {
  const lambda = functionName(parameters, name);
  return {
    name: `${name}-unrecorded`,
    description:
      `${lambda} published alerts in the last hour that it could not write into the lake. People were told of them; but ` +
      'the table alerts lacks them, so that "alerts-sent" counts too few and "findings-not-told" too many. Nothing makes ' +
      `up for it. The log /aws/lambda/${lambda} says why: search for "not recorded in the lake". Mostly the function's ` +
      'role may not write to alerts/ of the lake bucket any more, or not use its key.',
    metric: ownMetric(parameters, name, 'AlertsUnrecorded'),
    period: HOUR,
    bad: { above: 0 },
  };
}

function quarantineAlarm(parameters: StackParameters): Alarm {
  return {
    name: 'quarantined-lines',
    description:
      'Lines of flow logs could not be read as records in the last hour. All others were. It can wait for the morning: ' +
      'the lines are kept, with their reasons. Ask Athena, in the workgroup ' +
      `${workgroupName(parameters)} and the database ${databaseName(parameters)}: SELECT reason, count(*) AS lines, ` +
      "max(source) AS example FROM quarantine WHERE day = 'YYYY-MM-DD' GROUP BY reason. Usual causes: a broken export, " +
      'objects without a header line that headerlessFormat of the stage file does not describe, or a new kind of value ' +
      'from AWS, which needs a new release of flowlogs.',
    metric: ownMetric(parameters, 'ingest', 'QuarantinedLines'),
    period: HOUR,
    bad: { above: 0 },
  };
}

/**
 * Objects that aren't flow logs in plain text. In a bucket that only flow logs come from, they mean that something is
 * configured wrongly. Where S3 or a topic announces all objects of a shared bucket, they are the daily business of
 * CloudTrail and others, and there is no alarm.
 */
function ignoredAlarm(parameters: StackParameters): readonly Alarm[] {
  const { raw } = parameters;
  if (raw.bucket !== undefined && raw.events !== 'eventbridge') return [];
  return [
    {
      name: 'ignored-objects',
      description:
        'Objects arrive that are passed over, more than five in the last hour. Mostly someone has set a flow log to ' +
        'Parquet, which is not read: recreate it with plain text. Or another service delivers to the same bucket: give it ' +
        `another one. The log /aws/lambda/${functionName(parameters, 'ingest')} says which and why: search for "object ignored". ` +
        'Nothing else is affected.',
      metric: ownMetric(parameters, 'ingest', 'ObjectsIgnored'),
      period: HOUR,
      // A flow log brings a dozen objects an hour. Folder markers and S3's test message come singly.
      bad: { above: 5 },
    },
  ];
}

function mixedBuildAlarm(parameters: StackParameters): Alarm {
  return {
    name: 'mixed-build',
    description:
      'Objects were ingested by two builds with different results: the first result stands. ' +
      'That happens once when a deployment meets objects that were half done, and needs no action then. If it goes on, ' +
      'two versions write to this lake: look for a second ingest function or a local one with this bucket. The log ' +
      `/aws/lambda/${functionName(parameters, 'ingest')} names the objects: search for "another build".`,
    metric: ownMetric(parameters, 'ingest', 'MixedBuild'),
    period: HOUR,
    bad: { above: 0 },
  };
}

function silenceAlarm(parameters: StackParameters): readonly Alarm[] {
  const { silenceAlarmMinutes } = parameters.operations;
  if (silenceAlarmMinutes === undefined) return [];
  return [
    {
      name: 'silence',
      description:
        `No flow log object was ingested for ${silenceAlarmMinutes} minutes. Where there is traffic, AWS delivers every ` +
        'five minutes. First look into the raw bucket. No new objects: aws ec2 describe-flow-logs shows whether the flow ' +
        'logs exist and why they fail (DeliverLogsErrorMessage); mostly the bucket policy or the key policy is wrong. New ' +
        `objects, and the queue ${queueName(parameters, 'ingest')} is empty: the bucket does not announce them; see the outputs of ` +
        'the stack for what its owner must apply. New objects and a long queue: ingest fails, see its alarm. After a ' +
        'first deployment the alarm is on until the first object comes.',
      metric: ownMetric(parameters, 'ingest', 'ObjectsIngested'),
      // Short periods: an alarm looks some periods further back than told before it takes missing data into account.
      period: 5 * MINUTE,
      periods: Math.ceil(silenceAlarmMinutes / 5),
      bad: { below: 1 },
    },
  ];
}
