import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { closest } from 'fastest-levenshtein';
import {
  DEFAULT_FORMAT,
  DEFAULT_SEED,
  DEFAULT_START,
  type GenerateOptions,
  generateFlowLogs,
} from '../../generator/generate.ts';
import { SCENARIOS, type ScenarioName } from '../../generator/scenarios.ts';
import { FlowLogFormatError, parseVpcFormat } from '../../shared/flow-log/vpc-format.ts';
import { outputOption, parseCount } from '../options.ts';
import { visible } from '../output.ts';
import { startProgress } from '../progress.ts';

/** What was written. Sizes are in bytes, of the text and of the compressed objects. */
export interface WrittenFlowLogs {
  readonly objects: number;
  readonly records: number;
  readonly bytes: number;
  readonly compressedBytes: number;
  /** Names of the scenarios planted. */
  readonly scenarios: readonly ScenarioName[];
}

export interface WriteOptions extends GenerateOptions {
  /** Called with the number of records of each object once it is written. */
  readonly onProgress?: (records: number) => void;
}

/** As AWS compresses flow logs, judging by their size. */
const GZIP_LEVEL = 6;
const compress = promisify(gzip);

/**
 * Generates flow logs and writes them below a folder, gzip compressed, each under its key as in a bucket.
 *
 * Objects appear whole or not at all; one that exists is replaced, by equal content if the options are equal. Throws a
 * `FlowLogFormatError` for a format that cannot be used, and what the file system throws.
 */
export async function writeFlowLogs(folder: string, options: WriteOptions): Promise<WrittenFlowLogs> {
  let objects = 0;
  let records = 0;
  let bytes = 0;
  let compressedBytes = 0;
  for (const object of generateFlowLogs(options)) {
    const text = Buffer.concat(object.text);
    const compressed = await compress(text, { level: GZIP_LEVEL });
    await writeWhole(join(folder, object.key), compressed);
    objects++;
    records += object.records;
    bytes += text.length;
    compressedBytes += compressed.length;
    options.onProgress?.(object.records);
  }
  const scenarios = options.scenarios ?? SCENARIOS.map((scenario) => scenario.name);
  return { objects, records, bytes, compressedBytes, scenarios };
}

async function writeWhole(path: string, content: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  // Not `.gz`: an ingest of the folder must not pick up a file that an interrupted run has left.
  const temporary = join(dirname(path), `.${randomUUID()}.tmp`);
  try {
    await writeFile(temporary, content);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

const EXAMPLES = `
Scenarios:
${SCENARIOS.map(({ name, title }) => `  ${name.padEnd(26)}${title}`).join('\n')}

Formats: "default" is AWS's own (version 2), "standard" has versions 2 to 5, reject-reason and interface-type, "full"
has every field; or a list of fields as AWS writes it. Transit gateway flow logs always have their 36 fields.

The same options give the same files. The logs cover an hour for 20,000 records, and more for more.

Examples:
  flowlogs generate --out ./made
  flowlogs generate --out ./made --records 200000 --seed 7 --scenario port-scan --scenario reply-rejected
  flowlogs generate --out ./made --flow-log-format full --start 2026-11-20T22:00:00Z
  flowlogs generate --out ./made --flow-log-format 'srcaddr dstaddr bytes start end action log-status'`;

interface CommandOptions {
  readonly out: string;
  readonly records: number;
  readonly seed: number;
  readonly flowLogFormat: string;
  readonly scenario?: readonly ScenarioName[];
  readonly start: Date;
  readonly output: 'table' | 'json';
}

/** Adds `flowlogs generate`. */
export function registerGenerate(program: Command): void {
  program
    .command('generate')
    .summary('write realistic flow logs to try things on')
    .description(
      'Write realistic flow log objects of an example organization, with scenarios planted in them.',
    )
    .requiredOption('--out <dir>', 'folder to write them to')
    .addOption(new Option('--records <count>', 'about how many').default(20_000).argParser(parseCount))
    .addOption(
      new Option('--seed <number>', 'another seed, other traffic').default(DEFAULT_SEED).argParser(parseSeed),
    )
    .addOption(
      new Option('--flow-log-format <format>', 'fields of the VPC flow logs')
        .default(DEFAULT_FORMAT)
        .argParser(parseFormat),
    )
    .addOption(
      new Option('--scenario <name>', 'what to plant, repeatable; all unless given').argParser(parseScenario),
    )
    .addOption(
      new Option('--start <time>', 'begin of the logs, ISO 8601')
        .default(DEFAULT_START, DEFAULT_START.toISOString())
        .argParser(parseStart),
    )
    .addOption(outputOption(['table', 'json']))
    .addHelpText('after', EXAMPLES)
    .action(async ({ out, scenario, output, ...options }: CommandOptions) => {
      const progress = startProgress('Generating', options.records);
      const settings = { ...options, ...(scenario && { scenarios: scenario }) };
      const written = await writeFlowLogs(out, { ...settings, onProgress: progress.add }).finally(
        progress.stop,
      );
      if (output === 'json') {
        const { compressedBytes, ...counts } = written;
        process.stdout.write(`${JSON.stringify({ ...counts, compressed_bytes: compressedBytes })}\n`);
      }
      process.stderr.write(summary(written, out));
    });
}

function summary(written: WrittenFlowLogs, out: string): string {
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  const folder = visible(out);
  return `${written.objects} objects with ${written.records.toLocaleString('en-US')} records in ${folder}
${megabytes(written.bytes)} of text, ${megabytes(written.compressedBytes)} compressed
planted: ${written.scenarios.join(', ') || 'nothing'}

Next: flowlogs ingest ${/^[\w./-]+$/.test(out) ? out : `'${folder.replaceAll("'", `'\\''`)}'`}
`;
}

function parseSeed(text: string): number {
  const seed = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(seed)) {
    throw new InvalidArgumentError('It takes a whole number.');
  }
  return seed;
}

function parseFormat(text: string): string {
  try {
    parseVpcFormat(text);
  } catch (error) {
    if (error instanceof FlowLogFormatError) throw new InvalidArgumentError(error.message);
    throw error;
  }
  return text;
}

function parseScenario(text: string, before: readonly ScenarioName[] | undefined): readonly ScenarioName[] {
  const names = SCENARIOS.map((scenario) => scenario.name);
  const name = names.find((each) => each === text);
  if (!name) throw new InvalidArgumentError(`Did you mean ${closest(text, names)}? --help lists them.`);
  return [...new Set([...(before ?? []), name])];
}

function parseStart(text: string): Date {
  const start = new Date(text);
  // Later years would not fit the key's layout, earlier ones are before flow logs.
  const year = start.getUTCFullYear();
  if (!/^\d{4}-\d{2}-\d{2}/.test(text) || !(year >= 2010 && year < 2100)) {
    throw new InvalidArgumentError('It takes a time from 2010 on, such as 2026-11-20T05:00:00Z.');
  }
  return start;
}
