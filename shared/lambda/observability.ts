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
  const publish = () => {
    // Publishing nothing would warn.
    if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
  };
  return {
    logger,
    count(metric, value, unit = 'Count') {
      if (value !== 0) metrics.addMetric(metric, unit, value);
    },
    handler: (handle) =>
      middy(handle).use(injectLambdaContext(logger)).use({ after: publish, onError: publish }) as never,
  };
}
