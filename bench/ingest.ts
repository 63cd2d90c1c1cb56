/**
 * Measures the ingestion of one large object against the codec floor, the plain way and DuckDB, each in a process of
 * its own on one core. Prints user+system CPU seconds, peak memory and the ratios with the goals beside them.
 *
 *     npm run bench [-- --records N]
 */
import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs, promisify } from 'node:util';
import { createGzip } from 'node:zlib';
import { generateSingleObject } from '../generator/single-object.ts';
import type { Figures } from './contenders/contend.ts';
import { goal, row } from './figures.ts';

const KEY = '123456789010_vpcflowlogs_eu-west-1_fl-1234abcd_20261120T0500Z_fe123456.log.gz';
/** Runs of each contender; the one with the least CPU counts, because noise only ever adds. */
const RUNS = 3;
/** How much longer the object is that shows whether memory depends on the length. */
const LONGER = 4;

const { values } = parseArgs({ options: { records: { type: 'string', default: '2000000' } } });
const records = Number(values.records);
const folder = await mkdtemp(join(tmpdir(), 'flowlogs-bench-'));
try {
  await main();
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function main(): Promise<void> {
  console.log(`${cpus()[0]?.model}, ${availableParallelism()} cores, Node ${process.version}\n`);
  const input = await writeObject('input', records);
  const longInput = await writeObject('long', records * LONGER);

  const lake = join(folder, 'lake');
  const flowlogs = await best('flowlogs', input, lake);
  const floor = await best('codec-floor', input, lake);
  const duckdb = await best('duckdb', input, join(folder, 'duckdb.json.zst'));
  const plain = await best('plain', input, join(folder, 'plain.json.gz'));
  const long = await run('flowlogs', longInput, join(folder, 'long-lake'));

  row('', 'CPU s', 'wall s', 'peak MB');
  for (const [name, figures] of Object.entries({
    flowlogs,
    'codec floor': floor,
    duckdb,
    'plain way': plain,
  })) {
    row(name, figures.cpu.toFixed(2), figures.wall.toFixed(2), figures.rss.toFixed(0));
  }
  row(`flowlogs, ${LONGER}x as long`, long.cpu.toFixed(2), long.wall.toFixed(2), long.rss.toFixed(0));
  console.log();
  goal('CPU of flowlogs / codec floor', flowlogs.cpu / floor.cpu, 'at most', 1.8);
  goal('CPU of DuckDB / flowlogs', duckdb.cpu / flowlogs.cpu, 'above', 1);
  goal('CPU of the plain way / flowlogs', plain.cpu / flowlogs.cpu, 'at least', 4);
  goal('peak MB', flowlogs.rss, 'under', 200);
  goal(`peak MB of ${LONGER}x the length / of 1x`, long.rss / flowlogs.rss, 'at most', 1.2);
}

async function writeObject(name: string, count: number): Promise<string> {
  const path = join(folder, `${name}`, KEY);
  await mkdir(dirname(path), { recursive: true });
  let bytes = 0;
  const counted = function* () {
    for (const chunk of generateSingleObject({
      records: count,
      seed: 1,
      flowLogFormat: 'default',
      kind: 'vpc',
    })) {
      bytes += chunk.length;
      yield chunk;
    }
  };
  await pipeline(Readable.from(counted()), createGzip({ level: 6 }), createWriteStream(path));
  const mega = (size: number) => `${(size / 1e6).toFixed(0)} MB`;
  console.log(`${name}: ${count} records, ${mega(bytes)} of text, ${mega((await stat(path)).size)} gzip`);
  return path;
}

async function best(contender: string, input: string, output: string): Promise<Figures> {
  let least: Figures | undefined;
  for (let count = 0; count < RUNS; count++) {
    if (contender === 'flowlogs') await rm(output, { recursive: true, force: true });
    const figures = await run(contender, input, output);
    if (least === undefined || figures.cpu < least.cpu) least = figures;
  }
  return least!;
}

/** Runs a contender on the first core, where the system can pin a process. */
async function run(contender: string, input: string, output: string): Promise<Figures> {
  const script = join(import.meta.dirname, 'contenders', `${contender}.ts`);
  const command = [process.execPath, script, input, output];
  const pinned = process.platform === 'linux' ? ['taskset', '-c', '0', ...command] : command;
  // In a Lambda bundle there are no types to strip; the cache spares the contenders that, from their second run on.
  const env = { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compile-cache') };
  const { stdout } = await promisify(execFile)(pinned[0]!, pinned.slice(1), { env });
  return JSON.parse(stdout);
}
