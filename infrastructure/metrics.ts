import { type FunctionName, VARIABLES_OF } from '../shared/config.ts';
import { METRIC_NAMESPACE } from '../shared/lambda/observability.ts';
import { functionName, type QueueName, queueIds } from './names.ts';
import type { StackParameters } from './parameters.ts';
import { getAtt } from './template.ts';

/** A metric in CloudWatch. Dimension values may be intrinsic functions. */
export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, unknown>>;
}

export const FUNCTIONS = Object.keys(VARIABLES_OF) as FunctionName[];

/** The function behind each queue. */
export const CONSUMERS: Readonly<Record<QueueName, FunctionName>> = {
  ingest: 'ingest',
  partition: 'register-partitions',
  finding: 'alert',
  delivery: 'note-deliveries',
};

export const QUEUES = Object.keys(CONSUMERS) as QueueName[];

/** What a function counts itself. Zero isn't reported, so no data means none. */
export function ownMetric(
  { stage }: Pick<StackParameters, 'stage'>,
  service: FunctionName,
  name: string,
): Metric {
  return { namespace: METRIC_NAMESPACE, name, dimensions: { service, stage } };
}

/** Source: "Types of metrics for Lambda functions" (AWS Lambda Developer Guide). */
export function lambdaMetric(parameters: StackParameters, name: FunctionName, metric: string): Metric {
  return {
    namespace: 'AWS/Lambda',
    name: metric,
    dimensions: { FunctionName: functionName(parameters, name) },
  };
}

/** Source: "Available CloudWatch metrics for Amazon SQS" (Amazon SQS Developer Guide). */
export function queueMetric(queue: QueueName, metric: string): Metric {
  return sqsMetric(queueIds(queue).queue, metric);
}

/** Messages that wait in a dead-letter queue. */
export function deadLetters(queue: QueueName): Metric {
  return sqsMetric(queueIds(queue).deadLetterQueue, 'ApproximateNumberOfMessagesVisible');
}

function sqsMetric(queueId: string, name: string): Metric {
  return { namespace: 'AWS/SQS', name, dimensions: { QueueName: getAtt(queueId, 'QueueName') } };
}
