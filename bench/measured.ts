/** The figures that are kept: what `bench/measured.json` holds, and where bench/README.md shows them. */
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import type { FormatName } from './objects.ts';

export const CONTENDERS = ['flowlogs', 'codec-floor', 'duckdb', 'plain'] as const;
export type ContenderName = (typeof CONTENDERS)[number];

/** One large object of a format. */
export interface LargeObject {
  readonly records: number;
  readonly textBytes: number;
  readonly gzipBytes: number;
  /** As NDJSON. */
  readonly recordBytes: number;
  /** As this project stores the records. */
  readonly zstdBytes: number;
  /** User and system, on one core. */
  readonly cpuSeconds: Readonly<Record<ContenderName, number>>;
  /** As the plain way stores the records. */
  readonly plainBytes: number;
}

/** Small objects through the ingest function. Bytes, CPU and requests are those of one object on average. */
export interface SmallObjectFigures {
  readonly recordsPerObject: number;
  readonly textBytes: number;
  readonly gzipBytes: number;
  /** Of all that an object leaves in the lake. */
  readonly outputBytes: number;
  readonly cpuMs: number;
  /** Of one instance, at a latency of 20 ms of every request. */
  readonly objectsPerSecond: number;
  readonly requests: Readonly<Record<RequestKind, number>>;
}

export const REQUEST_KINDS = ['GET', 'HEAD', 'PUT', 'LIST'] as const;
export type RequestKind = (typeof REQUEST_KINDS)[number];

/** Where and when a run was. */
export interface Occasion {
  /** The day, `2026-11-20`. */
  readonly measured: string;
  readonly machine: string;
  readonly node: string;
}

/** What `bench/measured.json` holds. */
export interface Measured extends Occasion {
  readonly formats: Readonly<Record<FormatName, LargeObject>>;
  readonly smallObjects: SmallObjectFigures;
}

const FILE = join(import.meta.dirname, 'measured.json');
const PAGE = join(import.meta.dirname, 'README.md');

/** Here and now. */
export function occasion(): Occasion {
  return {
    measured: new Date().toISOString().slice(0, 10),
    machine: `${cpus()[0]?.model.trim()}, ${availableParallelism()} cores`,
    node: process.version,
  };
}

export function linesOfOccasion({ measured, machine, node }: Occasion): string[] {
  return [`${machine}, Node ${node}, ${measured}`];
}

export async function readMeasured(): Promise<Measured> {
  return JSON.parse(await readFile(FILE, 'utf8'));
}

/** Keeps the figures of a run, and shows what it printed in bench/README.md, by the names of the page's blocks. */
export async function saveRun(
  measured: Measured,
  printed: ReadonlyMap<string, readonly string[]>,
): Promise<void> {
  let page = await readFile(PAGE, 'utf8');
  for (const [block, lines] of printed) page = withBlock(page, block, lines);
  await writeFile(FILE, `${JSON.stringify(measured, undefined, 2)}\n`);
  await writeFile(PAGE, page);
}

/**
 * The page with other lines in one of its blocks of figures.
 *
 * @throws Error if the page has no such block.
 */
export function withBlock(page: string, block: string, lines: readonly string[]): string {
  const { from, to } = placeOf(page, block);
  return `${page.slice(0, from)}${lines.join('\n')}${page.slice(to)}`;
}

/** The lines of one of the page's blocks of figures. */
export function blockOf(page: string, block: string): string[] {
  const { from, to } = placeOf(page, block);
  return page.slice(from, to).split('\n');
}

function placeOf(page: string, block: string): { from: number; to: number } {
  const start = `<!-- figures: ${block} -->\n\`\`\`\n`;
  const at = page.indexOf(start);
  const to = page.indexOf('\n```', at + start.length);
  if (at < 0 || to < 0) {
    throw new Error(`bench/README.md has no block for the figures of ${block}. It starts with: ${start}`);
  }
  return { from: at + start.length, to };
}
