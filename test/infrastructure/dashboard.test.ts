import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { alarmResources } from '../../infrastructure/alarms.ts';
import { dashboardResources, MEMORY_MB } from '../../infrastructure/dashboard.ts';
import { METRIC_NAMESPACE } from '../../shared/lambda/observability.ts';
import { stackParameters } from './stack-parameters.ts';

interface Widget {
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: {
    readonly markdown?: string;
    readonly title?: string;
    readonly alarms?: readonly string[];
    readonly metrics?: readonly (readonly unknown[])[];
  };
}

function widgetsOf(stageFile: object): readonly Widget[] {
  const { Dashboard } = dashboardResources(stackParameters(stageFile));
  const body = Dashboard?.Properties?.DashboardBody as { 'Fn::Sub': string };
  return JSON.parse(body['Fn::Sub']).widgets;
}

const widgets = widgetsOf({ operations: { silenceAlarmMinutes: 60 } });
/** Namespace and name of every metric, and every expression. */
const shown = (list = widgets) =>
  list.flatMap(({ properties }) =>
    (properties.metrics ?? []).map(([first, name]) =>
      typeof first === 'string' ? `${first} ${name}` : (first as { expression: string }).expression,
    ),
  );

test('it is read from the top: what to look at, then every alarm', () => {
  expect(widgets[0]?.properties.markdown).toContain('# Flow logs, stage test');
  const alarms = Object.keys(alarmResources(stackParameters({ operations: { silenceAlarmMinutes: 60 } })));
  expect(widgets[1]?.properties.alarms).toEqual(alarms.map((id) => `\${${id}.Arn}`));
});

test.each([
  ['objects', 'FlowLogs ObjectsIngested'],
  ['records', 'FlowLogs RecordsIngested'],
  ['lag', 'FlowLogs IngestLag'],
  ['rejects', 'FlowLogs RejectedFlows'],
  ['skipped data', 'FlowLogs SkipDataRecords'],
  ['quarantine', 'FlowLogs QuarantinedLines'],
  ['situations', 'FlowLogs SituationsOpened'],
  ['alerts', 'FlowLogs AlertsPublished'],
  ['alerts that are not in the lake', 'FlowLogs AlertsUnrecorded'],
  ['queue depths', 'AWS/SQS ApproximateNumberOfMessagesVisible'],
  ['errors', 'AWS/Lambda Errors'],
  ['duration', 'AWS/Lambda Duration'],
  ['bytes written', 'FlowLogs BytesWritten'],
  ['bytes stored', 'AWS/S3 BucketSizeBytes'],
  ['situations written', 'AWS/DynamoDB ConsumedWriteCapacityUnits'],
])('it shows %s', (_, metric) => {
  expect(shown()).toContain(metric);
});

test('it shows what Athena scanned for this stage', () => {
  expect(shown()).toContainEqual(
    expect.stringMatching(/AWS\/Athena.+MetricName="ProcessedBytes" WorkGroup="flowlogs-test"/),
  );
});

/** Functions that tell people, which shared/aws/alerting.ts counts for both. */
const TELLING: readonly unknown[] = ['alert', 'alert-schedule'];

async function codeOf(path: string): Promise<string> {
  const folder = new URL(`../../${path}`, import.meta.url);
  const files = await readdir(folder);
  return (await Promise.all(files.map((file) => readFile(new URL(file, folder), 'utf8')))).join('');
}

test('every metric of our own is one that its function counts', async () => {
  const own = widgets
    .flatMap(({ properties }) => properties.metrics ?? [])
    .filter(([namespace]) => namespace === METRIC_NAMESPACE);
  expect(own).not.toEqual([]);
  for (const [, metric, , service] of own) {
    const code = `${await codeOf(`functions/${service}/`)}${TELLING.includes(service) ? await codeOf('shared/aws/') : ''}`;
    expect([service, code.includes(`'${metric}'`) && metric]).toEqual([service, metric]);
  }
});

test('widgets fill the grid and do not overlap', () => {
  const taken = new Set<string>();
  for (const { x, y, width, height, properties } of widgets) {
    for (const place of [x, y, width, height])
      expect([properties.title, Number.isInteger(place)]).toEqual([properties.title, true]);
    for (let column = x; column < x + width; column++) {
      expect(column).toBeLessThan(24);
      for (let row = y; row < y + height; row++) {
        expect(taken.has(`${column} ${row}`)).toBe(false);
        taken.add(`${column} ${row}`);
      }
    }
  }
  expect(taken.size).toBe(24 * Math.max(...widgets.map(({ y, height }) => y + height)));
});

test('the storage of a bucket that the stack does not own is not shown', () => {
  expect(JSON.stringify(widgetsOf({}))).toContain('RawBucket');
  expect(JSON.stringify(widgetsOf({ raw: { bucket: 'log-archive' } }))).not.toContain('RawBucket');
});

describe('GB-seconds', () => {
  test.each(Object.entries(MEMORY_MB))(
    'of %s are reckoned with the memory of serverless.yml',
    async (name, memory) => {
      const yaml = await readFile(new URL('../../serverless.yml', import.meta.url), 'utf8');
      const [, block] = new RegExp(`^  ${name}:\\n((?:    .*\\n|\\n)+)`, 'm').exec(yaml) ?? [];
      expect(block).toContain(`    memorySize: ${memory}\n`);
    },
  );
});
