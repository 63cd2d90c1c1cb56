import * as z from 'zod/mini';
import { PermanentError } from '../errors.ts';
import type { Finding } from './finding.ts';

const source = z.looseObject({
  address: z.string(),
  flows: z.number(),
  error: z.number(),
  server_ports: z.string(),
  destinations: z.string(),
});

const destination = z.looseObject({ address: z.string(), flows: z.number(), error: z.number() });

const serverPort = z.looseObject({
  protocol: z.number(),
  port: z.number(),
  side: z.string(),
  accepted_flows: z.number(),
  refused_requests: z.number(),
  refused_replies: z.number(),
  clients: z.string(),
});

/** What every reader of a finding relies on. */
const finding = z.looseObject({
  kind: z.enum(['REJECT', 'SKIPDATA', 'PACKET_LOSS']),
  aws_account_id: z.string(),
  aws_region: z.string(),
  flows: z.number(),
  first_time: z.optional(z.number()),
  last_time: z.optional(z.number()),
  reject_reasons: z.optional(z.array(z.looseObject({ reason: z.string(), flows: z.number() }))),
  top_sources: z.optional(z.array(source)),
  top_destinations: z.optional(z.array(destination)),
  top_server_ports: z.optional(z.array(serverPort)),
  source: z.string(),
});

/** A finding and where it lies in the lake, which tells it from all others. */
export interface FindingWithId {
  readonly id: string;
  readonly finding: Finding;
}

/** The findings of an object of the lake, by its key and its content. Throws as `parseFindings`. */
export async function* findingsOfObject(
  key: string,
  content: AsyncIterable<Uint8Array>,
): AsyncGenerator<FindingWithId> {
  let number = 0;
  for await (const finding of parseFindings(content)) yield { id: `${key} ${++number}`, finding };
}

/**
 * The findings in an object of the lake's `findings/` folder, one JSON object a line.
 *
 * @throws PermanentError `not-a-finding` for anything else. Errors of the source pass through.
 */
export async function* parseFindings(content: AsyncIterable<Uint8Array>): AsyncGenerator<Finding> {
  let number = 0;
  for await (const line of linesOf(content)) {
    number++;
    if (line !== '') yield parseLine(line, number);
  }
}

/** Lines end with a line feed and nothing else: Node's readline also cuts at U+2028, which JSON may hold. */
async function* linesOf(content: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of content) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop()!;
    yield* lines;
  }
  yield rest + decoder.decode();
}

function parseLine(line: string, number: number): Finding {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw notAFinding(number, 'is not JSON', cause);
  }
  if (!finding.safeParse(value).success) throw notAFinding(number, 'lacks what every finding has');
  return value as Finding;
}

function notAFinding(line: number, what: string, cause?: unknown): PermanentError {
  return new PermanentError(
    'not-a-finding',
    `Line ${line} of the object ${what}. Only the ingest function should write to findings/: look for what else does.`,
    { cause },
  );
}
