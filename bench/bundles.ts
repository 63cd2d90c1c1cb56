/**
 * Prints how large the functions' packages are and how long they take to import, beside an empty function that only
 * imports the S3 client: what Lambda has to load and run at a cold start.
 *
 *     npm run bundle && node bench/bundles.ts
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deflateRawSync } from 'node:zlib';
import { build } from 'esbuild';
import { BUNDLE_OPTIONS } from '../scripts/bundle.ts';
import { VARIABLES_OF } from '../shared/config.ts';
import { goal, row } from './figures.ts';

/** Imports of each bundle, in turns; the fastest counts, because noise only ever adds. */
const RUNS = 11;

const EMPTY = `
import { S3Client } from '@aws-sdk/client-s3';
const s3 = new S3Client({});
export const handler = async () => s3.config.region();
`;

/** Enough for every function to start. */
const ENVIRONMENT = {
  AWS_REGION: 'eu-west-1',
  STAGE: 'bench',
  LAKE_BUCKET: 'lake',
  RAW_BUCKET: 'raw',
  QUEUE_URL: 'https://sqs/queue',
  DEAD_LETTER_QUEUE_URL: 'https://sqs/dlq',
  INGEST_QUEUE_URL: 'https://sqs/ingest',
  PARTITION_QUEUE_URL: 'https://sqs/partition',
  ATHENA_DATABASE: 'flowlogs',
  ATHENA_WORKGROUP: 'flowlogs',
  ALERT_TOPIC_ARN: 'arn:aws:sns:eu-west-1:123456789012:alerts',
  RECONCILE_DAYS: '3',
};

const folder = await mkdtemp(join(tmpdir(), 'flowlogs-bundles-'));
try {
  await main();
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function main(): Promise<void> {
  const empty = join(folder, 'empty.mjs');
  await build({
    ...BUNDLE_OPTIONS,
    stdin: { contents: EMPTY, resolveDir: import.meta.dirname },
    outfile: empty,
  });
  const bundles = new Map([['empty, with the S3 client', empty]]);
  for (const name of Object.keys(VARIABLES_OF)) {
    bundles.set(name, join(import.meta.dirname, '../dist', name, 'index.mjs'));
  }

  const imports = new Map([...bundles.keys()].map((name) => [name, Number.POSITIVE_INFINITY]));
  for (let count = 0; count < RUNS; count++) {
    for (const [name, bundle] of bundles) {
      imports.set(name, Math.min(imports.get(name)!, await importMilliseconds(bundle)));
    }
  }

  row('', 'bundle kB', 'zip kB', 'import ms');
  const zips = new Map<string, number>();
  for (const [name, bundle] of bundles) {
    const [code, map] = await Promise.all([readFile(bundle), readFile(`${bundle}.map`)]);
    // As the package is made: code and source map, deflated at the highest level.
    const zip = [code, map].reduce((sum, file) => sum + deflateRawSync(file, { level: 9 }).length, 0) / 1000;
    zips.set(name, zip);
    row(name, (code.length / 1000).toFixed(0), zip.toFixed(0), imports.get(name)!.toFixed(1));
  }
  console.log();
  goal('zip of ingest, kB', zips.get('ingest')!, 'under', 500);
  goal(
    'import of ingest / of empty',
    imports.get('ingest')! / imports.get('empty, with the S3 client')!,
    'at most',
    1.6,
  );
}

/** Imports a bundle in a process of its own, as Lambda does at a cold start. */
async function importMilliseconds(bundle: string): Promise<number> {
  const script =
    'const start = performance.now(); await import(process.argv[1]); console.log(performance.now() - start);';
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '-e', script, bundle],
    {
      env: ENVIRONMENT,
    },
  );
  return Number(stdout);
}
