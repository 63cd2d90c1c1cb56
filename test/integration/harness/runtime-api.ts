import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { listen } from './listen.ts';

/** What a function made of an invocation: the text of its response, or the error that it reported. */
export type Outcome = { readonly response: string } | { readonly error: FunctionError };

export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** The Lambda Runtime API of one execution environment, which serves one invocation at a time. */
export interface RuntimeApi {
  /** For `AWS_LAMBDA_RUNTIME_API`: host and port. */
  readonly address: string;
  /**
   * Hands an event to the function. Settles when the function, having answered, asks for the next one.
   *
   * @param timeOut called when the function has had the event for longer than it may.
   */
  invoke(event: unknown, timeoutSeconds: number, timeOut: () => void): Promise<Outcome>;
  /** Ends: the function's process is gone. An invocation that it has not answered ends with this error. */
  abort(error: FunctionError): void;
}

interface Invocation {
  readonly id: string;
  readonly event: unknown;
  readonly timeoutSeconds: number;
  readonly timeOut: () => void;
  timer?: NodeJS.Timeout;
  outcome?: Outcome;
  settle(outcome: Outcome): void;
}

/**
 * Serves the Lambda Runtime API on a free port of this machine.
 * Source: "Using the Lambda runtime API for custom runtimes" (AWS Lambda Developer Guide).
 *
 * @param clockAhead how much the function's clock is ahead of this process's, in milliseconds.
 */
export async function startRuntimeApi(functionArn: string, clockAhead: number): Promise<RuntimeApi> {
  let invocation: Invocation | undefined;
  /** The request of a function that is idle. */
  let idle: ServerResponse | undefined;

  function dispatch(): void {
    if (invocation === undefined || idle === undefined) return;
    const response = idle;
    idle = undefined;
    response.writeHead(200, {
      'Content-Type': 'application/json',
      'Lambda-Runtime-Aws-Request-Id': invocation.id,
      'Lambda-Runtime-Deadline-Ms': String(Date.now() + clockAhead + invocation.timeoutSeconds * 1000),
      'Lambda-Runtime-Invoked-Function-Arn': functionArn,
      'Lambda-Runtime-Trace-Id': 'Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0',
    });
    response.end(JSON.stringify(invocation.event));
    invocation.timer = setTimeout(invocation.timeOut, invocation.timeoutSeconds * 1000);
  }

  function finish(outcome: Outcome): void {
    const finished = invocation;
    invocation = undefined;
    clearTimeout(finished?.timer);
    finished?.settle(outcome);
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.replace('/2018-06-01/runtime/', '');
    if (path === 'invocation/next') {
      if (invocation?.outcome !== undefined) finish(invocation.outcome);
      idle = response;
      dispatch();
      return;
    }
    const body = await text(request);
    if (path === 'init/error') {
      // The process that could not start up ends by itself, which finishes the invocation that it was started for.
      if (invocation !== undefined) invocation.outcome = { error: JSON.parse(body) };
    } else if (path === `invocation/${invocation?.id}/response`) {
      invocation!.outcome = { response: body };
    } else if (path === `invocation/${invocation?.id}/error`) {
      invocation!.outcome = { error: JSON.parse(body) };
    } else {
      response.writeHead(400).end(`{"errorMessage":"${request.method} ${request.url} is not expected now"}`);
      return;
    }
    response.writeHead(202).end('{"status":"OK"}');
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  const address = `127.0.0.1:${await listen(server)}`;

  return {
    address,
    invoke(event, timeoutSeconds, timeOut) {
      if (invocation !== undefined) throw new Error('The function is busy: one invocation at a time.');
      return new Promise((resolve) => {
        invocation = { id: randomUUID(), event, timeoutSeconds, timeOut, settle: resolve };
        dispatch();
      });
    },
    abort(error) {
      finish(invocation?.outcome ?? { error });
      server.close();
      server.closeAllConnections();
    },
  };
}
