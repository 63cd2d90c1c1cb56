/**
 * Stands in for the native part of the runtime client, which is C++ and not compiled here: the same three functions over
 * node:http. Theirs block; these are kept in order by letting `next` wait for what was posted.
 */
import { Agent, type IncomingHttpHeaders, request } from 'node:http';

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API!.split(':');
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
let posted: Promise<unknown> = Promise.resolve();

interface Answer {
  readonly bodyJson: string;
  readonly headers: IncomingHttpHeaders;
}

/** Waits for the next invocation. */
export async function next(): Promise<Answer> {
  await posted;
  return call('GET', 'next');
}

/** Posts the response of an invocation. */
export function done(id: string, response: string): void {
  posted = call('POST', `${id}/response`, response);
}

/** Posts the error of an invocation; X-Ray's form of it is not used. */
export function error(id: string, response: string, _xray: string): void {
  posted = call('POST', `${id}/error`, response);
}

function call(method: string, path: string, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { agent, host, port, method, path: `/2018-06-01/runtime/invocation/${path}` };
    const sent = request(options, (response) => {
      let text = '';
      response
        .setEncoding('utf8')
        .on('data', (chunk: string) => {
          text += chunk;
        })
        .on('error', reject)
        .on('end', () => {
          const { statusCode = 0, headers } = response;
          if (statusCode < 300) resolve({ bodyJson: text, headers });
          else reject(new Error(`The Runtime API answered ${statusCode}: ${text}`));
        });
    });
    sent.on('error', reject).end(body);
  });
}
