import { describe, expect, test } from 'vitest';
import { alarmResources } from '../../infrastructure/alarms.ts';
import { DEFAULT_POLICY } from '../../shared/alerts/policy.ts';
import { stackParameters } from './stack-parameters.ts';

interface Alarm {
  readonly AlarmName: string;
  readonly AlarmDescription: string;
  readonly AlarmActions: unknown;
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions: readonly { Name: string; Value: unknown }[];
  readonly Period: number;
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm: number;
  readonly Threshold: number;
  readonly TreatMissingData: string;
}

const alarmsOf = (stageFile: object = {}) =>
  Object.fromEntries(
    Object.entries(alarmResources(stackParameters(stageFile))).map(([id, { Properties }]) => [
      id,
      Properties as unknown as Alarm,
    ]),
  );
const all = alarmsOf({ operations: { silenceAlarmMinutes: 60 } });

test('what is watched', () => {
  expect(
    Object.values(all).map(({ Namespace, MetricName, Dimensions }) =>
      [Namespace, MetricName, ...Dimensions.map(({ Value }) => JSON.stringify(Value))].join(' '),
    ),
  ).toMatchInlineSnapshot(`
    [
      "AWS/SQS ApproximateNumberOfMessagesVisible {"Fn::GetAtt":["IngestDeadLetterQueue","QueueName"]}",
      "AWS/SQS ApproximateNumberOfMessagesVisible {"Fn::GetAtt":["PartitionDeadLetterQueue","QueueName"]}",
      "AWS/SQS ApproximateNumberOfMessagesVisible {"Fn::GetAtt":["FindingDeadLetterQueue","QueueName"]}",
      "AWS/SQS ApproximateNumberOfMessagesVisible {"Fn::GetAtt":["DeliveryDeadLetterQueue","QueueName"]}",
      "AWS/SQS ApproximateAgeOfOldestMessage {"Fn::GetAtt":["IngestQueue","QueueName"]}",
      "AWS/SQS ApproximateAgeOfOldestMessage {"Fn::GetAtt":["FindingQueue","QueueName"]}",
      "AWS/SQS ApproximateAgeOfOldestMessage {"Fn::GetAtt":["DeliveryQueue","QueueName"]}",
      "AWS/Lambda Errors "flowlogs-test-ingest"",
      "AWS/Lambda Throttles "flowlogs-test-ingest"",
      "AWS/Lambda Errors "flowlogs-test-register-partitions"",
      "AWS/Lambda Throttles "flowlogs-test-register-partitions"",
      "AWS/Lambda Errors "flowlogs-test-alert"",
      "AWS/Lambda Throttles "flowlogs-test-alert"",
      "AWS/Lambda Errors "flowlogs-test-alert-schedule"",
      "AWS/Lambda Throttles "flowlogs-test-alert-schedule"",
      "AWS/Lambda Errors "flowlogs-test-note-deliveries"",
      "AWS/Lambda Throttles "flowlogs-test-note-deliveries"",
      "AWS/Lambda Errors "flowlogs-test-reconcile"",
      "AWS/Lambda Throttles "flowlogs-test-reconcile"",
      "AWS/Lambda Invocations "flowlogs-test-alert-schedule"",
      "FlowLogs AlertsUnrecorded "alert" "test"",
      "FlowLogs AlertsUnrecorded "alert-schedule" "test"",
      "FlowLogs QuarantinedLines "ingest" "test"",
      "FlowLogs ObjectsIgnored "ingest" "test"",
      "FlowLogs MixedBuild "ingest" "test"",
      "FlowLogs ObjectsIngested "ingest" "test"",
    ]
  `);
});

test('all alarms tell the operations topic', () => {
  for (const { AlarmActions } of Object.values(all))
    expect(AlarmActions).toEqual([{ Ref: 'OperationsTopic' }]);
});

test('CloudWatch takes every alarm: its text, and the time that it looks back on', () => {
  const longest = alarmsOf({ operations: { silenceAlarmMinutes: 1_440 } });
  for (const alarm of Object.values({ ...all, ...longest })) {
    expect(alarm.AlarmDescription.length).toBeLessThanOrEqual(1_024);
    expect(alarm.Period * alarm.EvaluationPeriods).toBeLessThanOrEqual(86_400);
    expect(alarm.DatapointsToAlarm).toBeLessThanOrEqual(alarm.EvaluationPeriods);
  }
});

test('an alarm about a function or queue names the log or queue of its stage to look at', () => {
  expect(all.PartitionDeadLettersAlarm?.AlarmDescription).toContain('flowlogs-test-partition-dlq');
  expect(all.PartitionDeadLettersAlarm?.AlarmDescription).toContain(
    '/aws/lambda/flowlogs-test-register-partitions',
  );
  expect(all.AlertErrorsAlarm?.AlarmDescription).toContain('/aws/lambda/flowlogs-test-alert');
  expect(all.QuarantinedLinesAlarm?.AlarmDescription).toContain('flowlogs_test');
});

test('no data is good news, except of objects and of what runs by the clock', () => {
  const others = Object.entries(all).filter(
    ([, { TreatMissingData }]) => TreatMissingData !== 'notBreaching',
  );
  expect(others.map(([id, { TreatMissingData }]) => `${id} ${TreatMissingData}`)).toEqual([
    'AlertScheduleStoppedAlarm breaching',
    'SilenceAlarm breaching',
  ]);
});

test('a schedule that nobody runs any more is told of after half an hour', () => {
  expect(all.AlertScheduleStoppedAlarm).toMatchObject({
    ...{ Namespace: 'AWS/Lambda', MetricName: 'Invocations', ComparisonOperator: 'LessThanThreshold' },
    ...{ Threshold: 1, Period: 300, EvaluationPeriods: 6, DatapointsToAlarm: 6 },
  });
});

test('one alert that is not in the lake is told of, whichever function sent it', () => {
  for (const alarm of [all.AlertUnrecordedAlarm, all.AlertScheduleUnrecordedAlarm]) {
    expect(alarm).toMatchObject({ Threshold: 0, EvaluationPeriods: 1, Statistic: 'Sum' });
  }
});

test('an alarm about the schedule says what is not told, and does not tell of a queue that it has not', () => {
  const { AlarmDescription } = all.AlertScheduleErrorsAlarm!;
  expect(AlarmDescription).toContain('no digests');
  expect(AlarmDescription).not.toContain('dead-letter');
});

test('late receipts are told of before accounts are taken for silent', () => {
  expect(all.DeliveryWaitingAlarm?.Threshold).toBeLessThan(DEFAULT_POLICY.silenceSeconds);
});

test('a failure that SQS repeats must last, a failed reconcile tells at once', () => {
  expect(all.IngestErrorsAlarm).toMatchObject({ DatapointsToAlarm: 3, EvaluationPeriods: 6 });
  expect(all.ReconcileErrorsAlarm).toMatchObject({ DatapointsToAlarm: 1, EvaluationPeriods: 1 });
});

describe('silence', () => {
  test('is no alarm unless the stage file says after how long', () => {
    expect(alarmsOf()).not.toHaveProperty('SilenceAlarm');
  });

  test.each([
    [15, 3],
    [47, 10],
    [1_440, 288],
  ])('of %d minutes is %d times five minutes without an object', (silenceAlarmMinutes, periods) => {
    expect(alarmsOf({ operations: { silenceAlarmMinutes } }).SilenceAlarm).toMatchObject({
      MetricName: 'ObjectsIngested',
      Period: 300,
      EvaluationPeriods: periods,
      DatapointsToAlarm: periods,
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
    });
  });
});

describe('ignored objects are an alarm', () => {
  test.each([
    ['where the stack creates the bucket', {}, true],
    ['where EventBridge picks flow logs', { raw: { bucket: 'shared' } }, true],
    ['not where a shared bucket announces everything', { raw: { bucket: 'shared', events: 's3' } }, false],
  ])('%s', (_, stageFile, isThere) => {
    expect('IgnoredObjectsAlarm' in alarmsOf(stageFile)).toBe(isThere);
  });

  test('but not for a test message and a folder marker', () => {
    expect(all.IgnoredObjectsAlarm?.Threshold).toBeGreaterThan(2);
  });
});
