import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { vi } from 'vitest';
import { TEMP_FOLDER } from '../shared/lake/ingest-text.ts';

/** A message as Lambda gets it from SQS. */
export function sqsRecord(body: string, messageId: string, receiveCount = 1): SQSRecord {
  return {
    messageId,
    receiptHandle: `handle of ${messageId}`,
    body,
    attributes: {
      ApproximateReceiveCount: String(receiveCount),
      SentTimestamp: '1763700000000',
      SenderId: 'AIDAEXAMPLE',
      ApproximateFirstReceiveTimestamp: '1763700000000',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-west-1:123456789012:queue',
    awsRegion: 'eu-west-1',
  };
}

/** A batch; messages are named `message-1`, `message-2` and so on. */
export function sqsEvent(bodies: readonly string[]): SQSEvent {
  return { Records: bodies.map((body, index) => sqsRecord(body, `message-${index + 1}`)) };
}

export function lambdaContext(remainingMilliseconds = 300_000): Context {
  return {
    awsRequestId: 'request-1',
    functionName: 'flowlogs-test',
    functionVersion: '$LATEST',
    invokedFunctionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:flowlogs-test',
    memoryLimitInMB: '1769',
    logGroupName: '',
    logStreamName: '',
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => remainingMilliseconds,
    done: () => {},
    fail: () => {},
    succeed: () => {},
  };
}

/** The messages that stay in the queue. */
export function failedIds({ batchItemFailures }: SQSBatchResponse): string[] {
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
}

export interface CapturedOutput {
  /** Log lines, parsed. */
  // biome-ignore lint/suspicious/noExplicitAny: lines are of any shape
  readonly lines: any[];
  /** Sum of a metric over everything that was published without a reason, or with this one. */
  metric(name: string, reason?: string): number | undefined;
}

/** Catches what functions print. The environment has to have POWERTOOLS_DEV, for Powertools to use the console. */
export function captureOutput(): CapturedOutput {
  // biome-ignore lint/suspicious/noExplicitAny: lines are of any shape
  const printed: any[] = [];
  for (const method of ['debug', 'info', 'warn', 'error', 'log'] as const) {
    vi.spyOn(console, method).mockImplementation((text: string) => {
      printed.push(JSON.parse(text));
    });
  }
  return {
    get lines() {
      return printed.filter((line) => line._aws === undefined);
    },
    metric(name, reason) {
      const values = printed
        .filter((line) => line._aws !== undefined && name in line && line.reason === reason)
        .flatMap((line) => line[name]);
      return values.length === 0 ? undefined : values.reduce((sum: number, value: number) => sum + value, 0);
    },
  };
}

/** What every function's environment has. */
export const ENVIRONMENT = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  POWERTOOLS_DEV: 'true',
  POWERTOOLS_METRICS_DISABLED: 'false',
  STAGE: 'test',
  LAKE_BUCKET: 'lake',
  QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/123456789012/queue',
  DEAD_LETTER_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/123456789012/queue-dlq',
} as const;

export function stubEnvironment(more: Readonly<Record<string, string>> = {}): void {
  // Of this process alone: other runs of the tests may go on beside it.
  const all = { ...ENVIRONMENT, TMPDIR: TEMP_FOLDER, ...more };
  for (const [name, value] of Object.entries(all)) vi.stubEnv(name, value);
}
