import { isDeepStrictEqual } from 'node:util';
import { STAGE } from './stack-package.ts';

/** What a function printed, taken apart: its log lines and its metrics. */

/** A line of a structured log. */
export type LogLine = Readonly<Record<string, unknown>>;

/** The log lines of a function's output; what is no JSON object, such as a stack trace, is left out. */
export function logLines(output: string): LogLine[] {
  return jsonLines(output).filter((line) => !('_aws' in line));
}

/** Metrics by name, each with all values that the output has of it. */
export type Metrics = Readonly<Record<string, readonly number[]>>;

/**
 * The metrics of a function's output that have just these dimensions.
 * Source: "Specification: Embedded metric format" (Amazon CloudWatch User Guide).
 */
export function metricsOf(output: string, dimensions: Readonly<Record<string, string>>): Metrics {
  const metrics: Record<string, number[]> = {};
  for (const line of jsonLines(output)) {
    const { CloudWatchMetrics = [] } = (line._aws ?? {}) as { CloudWatchMetrics?: Directive[] };
    for (const { Namespace, Dimensions, Metrics } of CloudWatchMetrics) {
      if (Namespace !== 'FlowLogs') continue;
      const sets = Dimensions.map((names) => Object.fromEntries(names.map((name) => [name, line[name]])));
      if (!sets.some((set) => isDeepStrictEqual(set, dimensions))) continue;
      for (const { Name } of Metrics) {
        metrics[Name] = [...(metrics[Name] ?? []), ...[line[Name] as number | number[]].flat()];
      }
    }
  }
  return metrics;
}

/** The dimensions of a function's metrics. */
export function dimensionsOf(service: string): Readonly<Record<string, string>> {
  return { service, stage: STAGE };
}

/** Adds up the values of each metric. */
export function totals(metrics: Metrics): Record<string, number> {
  return Object.fromEntries(
    Object.entries(metrics).map(([name, values]) => [name, values.reduce((sum, value) => sum + value, 0)]),
  );
}

interface Directive {
  readonly Namespace: string;
  readonly Dimensions: readonly (readonly string[])[];
  readonly Metrics: readonly { readonly Name: string }[];
}

function jsonLines(output: string): LogLine[] {
  return output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as LogLine);
}
