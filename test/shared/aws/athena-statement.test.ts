import { Readable } from 'node:stream';
import { AthenaClient } from '@aws-sdk/client-athena';
import { HttpResponse } from '@smithy/core/protocols';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runStatement } from '../../../shared/aws/athena-statement.ts';

// What is tested here is what the SDK does below `send`; test/functions/register-partitions.test.ts tests the rest.

vi.mock('node:timers/promises', () => import('../../virtual-sleep.ts'));

beforeEach(() => {
  vi.useFakeTimers();
  vi.setTimerTickMode('nextTimerAsync');
});
afterEach(() => void vi.useRealTimers());

interface Request {
  readonly operation: string;
  // biome-ignore lint/suspicious/noExplicitAny: any operation's input
  readonly input: any;
}

/** A client whose requests are answered here: with an exception's name, or an answer. */
function client(answer: (request: Request) => string | object) {
  const requests: Request[] = [];
  const athena = new AthenaClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 8,
    requestHandler: {
      async handle({ headers, body }: { headers: Record<string, string>; body: Uint8Array }) {
        const target = Object.entries(headers).find(([name]) => name.toLowerCase() === 'x-amz-target')![1];
        const request = { operation: target.split('.')[1]!, input: JSON.parse(Buffer.from(body).toString()) };
        requests.push(request);
        const result = answer(request);
        const [statusCode, content] =
          typeof result === 'string' ? [400, { __type: result, Message: 'Rate exceeded' }] : [200, result];
        const response = new HttpResponse({
          statusCode,
          headers: { 'content-type': 'application/x-amz-json-1.1' },
          body: Readable.from([Buffer.from(JSON.stringify(content))]),
        });
        return { response };
      },
    } as never,
  });
  return { athena, requests };
}

const TARGET = { database: 'flowlogs_test', workgroup: 'flowlogs-test' };
const SUCCEEDED = { QueryExecution: { Status: { State: 'SUCCEEDED' } } };
const run = (athena: AthenaClient) => runStatement(athena, 'SQL', TARGET, new AbortController().signal);
const tokens = (requests: readonly Request[]) =>
  requests
    .filter(({ operation }) => operation === 'StartQueryExecution')
    .map(({ input }) => input.ClientRequestToken);

test.each(['TooManyRequestsException', 'ThrottlingException'])(
  'a statement that %s keeps from starting is started when there is room, under one token',
  async (exception) => {
    let refusals = 6;
    const { athena, requests } = client(({ operation }) => {
      if (operation !== 'StartQueryExecution') return SUCCEEDED;
      return refusals-- > 0 ? exception : { QueryExecutionId: 'query-1' };
    });
    expect(await run(athena)).toBe('query-1');
    expect(tokens(requests)).toHaveLength(7);
    expect(new Set(tokens(requests)).size).toBe(1);
  },
);

test('the same statement, run again, has another token: it must not get the old execution', async () => {
  const { athena, requests } = client(({ operation }) =>
    operation === 'StartQueryExecution' ? { QueryExecutionId: 'query-1' } : SUCCEEDED,
  );
  await run(athena);
  await run(athena);
  const [first, second] = tokens(requests);
  expect(first).toMatch(/^[0-9a-f-]{32,128}$/);
  expect(second).not.toBe(first);
});

test('asking for the state is not given up because it is throttled', async () => {
  let refusals = 6;
  const { athena } = client(({ operation }) => {
    if (operation === 'StartQueryExecution') return { QueryExecutionId: 'query-1' };
    return refusals-- > 0 ? 'ThrottlingException' : SUCCEEDED;
  });
  expect(await run(athena)).toBe('query-1');
});
