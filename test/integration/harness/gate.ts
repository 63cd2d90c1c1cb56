import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { buffer as bodyOf } from 'node:stream/consumers';
import { type Access, accessKeyOf, accessOf, isRemoval, serviceOf } from './access.ts';
import { listen } from './listen.ts';
import { isAllowed, type Statement } from './policy.ts';

/** Stands between the functions, or people, and moto, which checks no permissions, and lets pass what the template's policies allow. */
export interface Gate {
  readonly url: string;
  close(): void;
}

/** The policies of a template. */
export interface Policies {
  /** By the logical id of a role or a managed policy, which is the access key of its function or of who has it. */
  readonly ofRole: Readonly<Record<string, readonly Statement[]>>;
  /** What buckets refuse to everybody. */
  readonly ofBuckets: readonly Statement[];
}

/**
 * Starts a gate in front of a server.
 *
 * @param place Region and account, as in ARNs: `eu-west-1:123456789012`.
 */
export async function startGate(server: string, policies: Policies, place: string): Promise<Gate> {
  const { hostname, port } = new URL(server);

  function mayPass(role: string, access: Access): boolean {
    return isAllowed([...(policies.ofRole[role] ?? []), ...policies.ofBuckets], access);
  }

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const role = accessKeyOf(incoming) ?? '';
    const isS3 = serviceOf(incoming) === 's3';
    // Only S3's bodies are large, and only theirs tell nothing, but for one.
    const body = isS3 && !isRemoval(incoming) ? undefined : await bodyOf(incoming);
    const access = accessOf(incoming, body?.toString() ?? '', place);
    if (!mayPass(role, access)) {
      incoming.resume();
      refuse(incoming, response, `${role} may not ${access.action} on ${access.resources.join(', ')}`);
      return;
    }
    const mayTellMissing = !isS3 || mayPass(role, listing(access));
    const { method, url, headers } = incoming;
    const outgoing = request({ hostname, port, method, path: url, headers }, (answer) => {
      if (answer.statusCode === 404 && !mayTellMissing) {
        answer.resume();
        refuse(incoming, response, `${role} may not know whether ${access.resources.join(', ')} exists`);
        return;
      }
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    outgoing.on('error', () => response.destroy());
    if (body === undefined) incoming.pipe(outgoing);
    else outgoing.end(body);
  }

  const gate = createServer((incoming, response) => {
    serve(incoming, response).catch((error: Error) => {
      // The function logs what it was told.
      refuse(incoming, response, error.message);
    });
  });
  return {
    url: `http://127.0.0.1:${await listen(gate)}`,
    close() {
      gate.close();
      gate.closeAllConnections();
    },
  };
}

/** To learn that an object is missing one has to be allowed to list its bucket. */
function listing({ resources, context }: Access): Access {
  const buckets = resources.map((resource) => resource.replace(/\/.*$/s, ''));
  return { action: 's3:ListBucket', resources: buckets, context };
}

/** Answers as AWS does, in the form of the service. */
function refuse(incoming: IncomingMessage, response: ServerResponse, message: string): void {
  const escaped = message.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  switch (serviceOf(incoming)) {
    case 's3':
      response.writeHead(403, { 'Content-Type': 'application/xml' });
      response.end(`<Error><Code>AccessDenied</Code><Message>${escaped}</Message></Error>`);
      return;
    case 'sns':
    case 'cloudformation':
      response.writeHead(403, { 'Content-Type': 'text/xml' });
      response.end(
        `<ErrorResponse><Error><Type>Sender</Type><Code>AuthorizationError</Code><Message>${escaped}</Message></Error></ErrorResponse>`,
      );
      return;
    default:
      response.writeHead(400, { 'Content-Type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify({ __type: 'AccessDeniedException', message }));
  }
}
