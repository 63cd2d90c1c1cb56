import type { FunctionName } from '../shared/config.ts';
import { alarmResources } from './alarms.ts';
import {
  deadLetters,
  FUNCTIONS,
  lambdaMetric,
  type Metric,
  ownMetric,
  QUEUES,
  queueMetric,
} from './metrics.ts';
import { functionName, queueName, workgroupName } from './names.ts';
import type { StackParameters } from './parameters.ts';
import { getAtt, jsonText, type Resources, ref } from './template.ts';

/** Memory of the functions in MB, as in serverless.yml: with the duration it is what Lambda bills. */
export const MEMORY_MB: Readonly<Record<FunctionName, number>> = {
  ingest: 1_769,
  'register-partitions': 512,
  alert: 1_024,
  'alert-schedule': 512,
  'note-deliveries': 512,
  reconcile: 1_769,
};

const FIVE_MINUTES = 300;
const HOUR = 3_600;
const DAY = 86_400;

/** The grid's columns. */
const COLUMNS = 24;

interface Widget {
  readonly type: 'metric' | 'alarm' | 'text';
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Widgets side by side, all as wide. */
interface Row {
  /** Grid units of about 40 pixels. */
  readonly height: number;
  readonly widgets: readonly Widget[];
}

/**
 * One page for the person on call, to be read from the top: is something wrong, does it keep up, is something stuck,
 * what do the logs say, what are people told, do the functions run well, and what does it cost.
 *
 * Source: "Dashboard body structure and syntax" (Amazon CloudWatch API Reference).
 */
export function dashboardResources(parameters: StackParameters): Resources {
  const rows = [
    introduction(parameters),
    heading('Does it keep up?'),
    throughput(parameters),
    heading('Is anything stuck or lost?'),
    queues(parameters),
    heading('What do the logs say?'),
    content(parameters),
    heading('What are people told?'),
    alerting(parameters),
    heading('Do the functions run well?'),
    functions(parameters),
    heading('What does it cost?'),
    ...costs(parameters),
  ];
  return {
    Dashboard: {
      Type: 'AWS::CloudWatch::Dashboard',
      Properties: {
        DashboardName: `flowlogs-${parameters.stage}`,
        DashboardBody: jsonText({ start: '-PT24H', periodOverride: 'inherit', widgets: placed(rows) }),
      },
    },
  };
}

/** Puts the rows below each other. */
function placed(rows: readonly Row[]) {
  let y = 0;
  return rows.flatMap(({ height, widgets }) => {
    const width = COLUMNS / widgets.length;
    const row = widgets.map((widget, index) => ({ ...widget, x: index * width, y, width, height }));
    y += height;
    return row;
  });
}

function introduction(parameters: StackParameters): Row {
  const lambda = functionName(parameters, 'ingest');
  const markdown = [
    `# Flow logs, stage ${parameters.stage}`,
    'Read from the top. AWS delivers 10 to 25 minutes after the packets.',
    '',
    '1. **An alarm is red:** its description says what it means and what to do.',
    '2. **Does it keep up?** Objects come every five minutes. The lag is from the time that an object is for until it ' +
      'is ingested, so 10 to 15 minutes of it are AWS.',
    '3. **Is anything stuck or lost?** Queues empty by themselves, dead-letter queues do not.',
    '4. **What do the logs say?** Rejected flows are about the traffic, SKIPDATA is what AWS lost, quarantined lines ' +
      'are what could not be read.',
    '5. **What are people told?** Warnings at once, the rest in digests every few hours.',
    `6. **One object is missing:** search the log \`/aws/lambda/${lambda}\` for its key.`,
  ].join('\n');
  const alarms = Object.keys(alarmResources(parameters)).map((id) => getAtt(id, 'Arn'));
  return {
    height: 7,
    widgets: [
      { type: 'text', properties: { markdown } },
      { type: 'alarm', properties: { title: 'Alarms', sortBy: 'stateUpdatedTimestamp', alarms } },
    ],
  };
}

const heading = (text: string): Row => ({
  height: 1,
  widgets: [{ type: 'text', properties: { markdown: `## ${text}` } }],
});

function throughput(parameters: StackParameters): Row {
  const ingest = (name: string, label: string) => line(ownMetric(parameters, 'ingest', name), label);
  const lag = (stat: string, label: string) =>
    line(ownMetric(parameters, 'ingest', 'IngestLag'), label, { stat });
  return graphs([
    graph('Objects', [
      ingest('ObjectsIngested', 'ingested'),
      ingest('ObjectsSkipped', 'skipped: done before'),
      ingest('ObjectsIgnored', 'ignored: no flow log'),
      ingest('ObjectsFailed', 'failed'),
    ]),
    graph('Records', [ingest('RecordsIngested', 'records')]),
    graph('Lag, seconds', [lag('p50', 'median'), lag('p90', '90 of 100'), lag('Maximum', 'longest')]),
  ]);
}

function queues(parameters: StackParameters): Row {
  const name = (queue: (typeof QUEUES)[number]) => queueName(parameters, queue);
  const waiting = 'ApproximateNumberOfMessagesVisible';
  const age = 'ApproximateAgeOfOldestMessage';
  const stat = 'Maximum';
  return graphs([
    graph(
      'Messages that wait',
      QUEUES.map((queue) => line(queueMetric(queue, waiting), name(queue))),
      { stat },
    ),
    graph(
      'Oldest message, seconds',
      QUEUES.map((queue) => line(queueMetric(queue, age), name(queue))),
      { stat },
    ),
    graph(
      'Dead letters',
      QUEUES.map((queue) => line(deadLetters(queue), `${name(queue)}-dlq`)),
      { stat },
    ),
    graph('Repaired by reconcile', [
      line(ownMetric(parameters, 'reconcile', 'ObjectsRequeued'), 'objects without a receipt'),
      line(ownMetric(parameters, 'reconcile', 'PartitionsRequeued'), 'partitions not registered'),
    ]),
  ]);
}

function content(parameters: StackParameters): Row {
  const ingest = (name: string, label: string) => line(ownMetric(parameters, 'ingest', name), label);
  return graphs([
    graph('Rejected flows', [ingest('RejectedFlows', 'REJECT')]),
    graph('Intervals without flows', [
      ingest('SkipDataRecords', 'SKIPDATA: AWS lost records'),
      ingest('NoDataRecords', 'NODATA: no traffic'),
    ]),
    graph('Not as it should be', [
      ingest('QuarantinedLines', 'quarantined lines'),
      ingest('MixedBuild', 'outputs of two builds'),
    ]),
    graph('What follows', [
      line(ownMetric(parameters, 'register-partitions', 'PartitionsRegistered'), 'partitions registered'),
      line(ownMetric(parameters, 'register-partitions', 'PartitionsFailed'), 'partitions failed'),
    ]),
  ]);
}

function alerting(parameters: StackParameters): Row {
  const alert = (name: string, label: string) => line(ownMetric(parameters, 'alert', name), label);
  const told = (name: string, label: string) => [
    alert(name, `${label} at once`),
    line(ownMetric(parameters, 'alert-schedule', name), `${label} on schedule`),
  ];
  return graphs([
    graph('Findings', [
      alert('FindingsCounted', 'counted'),
      alert('FindingsTooOld', 'too old to be news: not told'),
    ]),
    graph('Situations', told('SituationsOpened', 'opened')),
    graph('Alerts published', told('AlertsPublished', 'published')),
    graph('Alerts that are not in the lake', told('AlertsUnrecorded', 'published, not recorded')),
  ]);
}

function functions(parameters: StackParameters): Row {
  const lines = (metric: string) =>
    FUNCTIONS.map((name) => line(lambdaMetric(parameters, name, metric), name));
  return graphs([
    graph('Errors', lines('Errors')),
    graph('Throttles', lines('Throttles')),
    graph('Longest run, milliseconds', lines('Duration'), { stat: 'Maximum' }),
    graph('Runs at the same time', lines('ConcurrentExecutions'), { stat: 'Maximum' }),
  ]);
}

/** What AWS bills, by the hour. S3 requests have no free metrics; they follow the objects. */
function costs(parameters: StackParameters): readonly Row[] {
  const period = HOUR;
  const gigabyteSeconds = FUNCTIONS.flatMap((name, index) => [
    line(lambdaMetric(parameters, name, 'Duration'), name, { id: `duration${index}`, visible: false }),
    // Duration is in milliseconds.
    expression(`duration${index} / 1000 * ${MEMORY_MB[name]} / 1024`, name),
  ]);
  const scanned =
    "SEARCH('{AWS/Athena,QueryState,QueryType,WorkGroup} " +
    `MetricName="ProcessedBytes" WorkGroup="${workgroupName(parameters)}"', 'Sum', ${period})`;
  const consumed = (name: string, label: string) =>
    line({ namespace: 'AWS/DynamoDB', name, dimensions: { TableName: ref('SituationTable') } }, label);
  const stored = (bucket: string, label: string) =>
    line(
      {
        namespace: 'AWS/S3',
        name: 'BucketSizeBytes',
        dimensions: { BucketName: ref(bucket), StorageType: 'StandardStorage' },
      },
      label,
    );
  return [
    graphs([
      graph('Lambda, GB-seconds an hour', gigabyteSeconds, { period }),
      graph(
        'Lambda, requests an hour',
        FUNCTIONS.map((name) => line(lambdaMetric(parameters, name, 'Invocations'), name)),
        { period },
      ),
      graph(
        'SQS, messages an hour',
        QUEUES.map((queue) => line(queueMetric(queue, 'NumberOfMessagesSent'), queueName(parameters, queue))),
        { period },
      ),
      graph(
        'DynamoDB, units an hour',
        [consumed('ConsumedWriteCapacityUnits', 'written'), consumed('ConsumedReadCapacityUnits', 'read')],
        { period },
      ),
    ]),
    graphs([
      graph(
        'S3, bytes an hour',
        [
          line(ownMetric(parameters, 'ingest', 'BytesRead'), 'read from raw'),
          line(ownMetric(parameters, 'ingest', 'BytesWritten'), 'written to the lake'),
        ],
        { period },
      ),
      graph(
        'S3, bytes stored (Standard)',
        [
          stored('LakeBucket', 'lake'),
          ...(parameters.raw.bucket === undefined ? [stored('RawBucket', 'raw')] : []),
        ],
        // S3 reports once a day, for the day before.
        { stat: 'Average', period: DAY, start: '-P14D' },
      ),
      graph('Athena, bytes scanned an hour', [expression(`SUM(${scanned})`, 'scanned')], { period }),
    ]),
  ];
}

/** A metric in the notation of dashboards: `[namespace, name, dimension, value, options]`. */
function line(
  { namespace, name, dimensions }: Metric,
  label: string,
  options: object = {},
): readonly unknown[] {
  return [namespace, name, ...Object.entries(dimensions).flat(), { label, ...options }];
}

function expression(formula: string, label: string): readonly unknown[] {
  return [{ expression: formula, label }];
}

/** Sums of five minutes, unless told otherwise. */
function graph(title: string, metrics: readonly unknown[], options: object = {}): Widget {
  return {
    type: 'metric',
    properties: {
      title,
      region: ref('AWS::Region'),
      view: 'timeSeries',
      stat: 'Sum',
      period: FIVE_MINUTES,
      yAxis: { left: { min: 0, showUnits: false } },
      metrics,
      ...options,
    },
  };
}

const graphs = (widgets: readonly Widget[]): Row => ({ height: 6, widgets });
