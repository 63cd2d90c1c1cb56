import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { MetricUnit } from '@aws-lambda-powertools/metrics/types';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import type { FunctionName } from '../config.ts';

/** Where all metrics are, each with the dimensions `service`, which is the function's name, and `stage`. */
export const METRIC_NAMESPACE = 'FlowLogs';

/** A function's log and metrics: JSON lines on standard output, metrics in CloudWatch's embedded format. */
export interface Observability {
  readonly logger: Logger;
  /** Adds to a metric; zero adds nothing. */
  count(metric: string, value: number, unit?: MetricUnit): void;
  /** Adds one to a metric, and to the same metric with the reason as a further dimension. Reasons are few. */
  countReason(metric: string, reason: string): void;
  /** Makes a Lambda handler that logs with the invocation's context and publishes metrics at its end. */
  handler<Event, Result>(
    handle: (event: Event, context: Context) => Promise<Result>,
  ): (event: Event, context: Context) => Promise<Result>;
}

/** To be called once, when the function starts. */
export function observe(functionName: FunctionName, stage: string): Observability {
  const logger = new Logger({ serviceName: functionName });
  const metrics = new Metrics({
    namespace: METRIC_NAMESPACE,
    serviceName: functionName,
    defaultDimensions: { stage },
  });
  /** How often each reason was met in this invocation, by metric. */
  const reasons = new Map<string, Map<string, number>>();
  const count: Observability['count'] = (metric, value, unit = 'Count') => {
    if (value !== 0) metrics.addMetric(metric, unit, value);
  };
  const publish = () => {
    // Publishing nothing would warn.
    if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    for (const [metric, counts] of reasons) {
      for (const [reason, value] of counts) {
        metrics.singleMetric().addDimension('reason', reason).addMetric(metric, 'Count', value);
      }
    }
    reasons.clear();
  };
  return {
    logger,
    count,
    countReason(metric, reason) {
      count(metric, 1);
      const counts = reasons.get(metric) ?? new Map<string, number>();
      counts.set(reason, (counts.get(reason) ?? 0) + 1);
      reasons.set(metric, counts);
    },
    handler: (handle) =>
      middy(handle).use(injectLambdaContext(logger)).use({ after: publish, onError: publish }) as never,
  };
}
