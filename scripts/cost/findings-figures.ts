/** The counted figures of findings, which are kept in findings-load.json. Speed and sizes are in bench/measured.json. */
import { readFile } from 'node:fs/promises';
import * as z from 'zod/mini';

const findingsLoad = z.object({
  /** Simulated. */
  hours: z.number(),
  objects: z.number(),
  objectsWithFindings: z.number(),
  findings: z.number(),
  /** Of all findings as they are stored. */
  findingBytes: z.number(),
  /** DynamoDB's request units of counting and telling them, indexes included. */
  writeUnits: z.number(),
  readUnits: z.number(),
  messages: z.number(),
});

/** What a simulated day of one account makes of findings: `npm run cost -- --count-findings`. */
export type FindingsLoad = z.infer<typeof findingsLoad>;

export const FINDINGS_FILE = new URL('findings-load.json', import.meta.url);

export async function readFindingsLoad(): Promise<FindingsLoad> {
  return z.parse(findingsLoad, JSON.parse(await readFile(FINDINGS_FILE, 'utf8')));
}
