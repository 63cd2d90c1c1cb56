import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a client asked of Athena: `StartQueryExecution` with its input. */
export interface AthenaRequest {
  readonly operation: string;
  // biome-ignore lint/suspicious/noExplicitAny: any operation's input
  readonly input: any;
  /** The credential scope, `eu-west-1/athena`, and the access key. */
  readonly signedFor: string;
}

/** An answer, or an exception with its message. */
export type AthenaAnswer = object | { readonly exception: string; readonly message: string };

/**
 * Athena's API behind an address of this machine, for the command in a process of its own. What it answers to an operation
 * is the test's.
 */
export async function athenaStandIn(answer: (request: AthenaRequest) => AthenaAnswer) {
  const requests: AthenaRequest[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      const [, signedFor = ''] = /Credential=([^,]+)/.exec(request.headers.authorization ?? '') ?? [];
      const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
      const asked = { operation, input: JSON.parse(body), signedFor };
      requests.push(asked);
      const given = answer(asked);
      const isException = 'exception' in given;
      response.writeHead(isException ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(isException ? { __type: given.exception, Message: given.message } : given));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    requests,
    /** The environment in which the command finds it. */
    env: {
      AWS_ENDPOINT_URL_ATHENA: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: 'eu-west-1',
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
