/**
 * How large the functions' packages are and how long they take to import, beside an empty function that only imports the
 * S3 client: what Lambda has to load and run at a cold start.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { build } from 'esbuild';
import { BUNDLE_OPTIONS } from '../scripts/bundle.ts';
import { VARIABLES_OF } from '../shared/config.ts';
import { ENVIRONMENT } from './environment.ts';
import { goal, row } from './figures.ts';
import { type Place, runNode } from './processes.ts';

/** Imports of each bundle, in turns; the fastest counts, because noise only ever adds. */
const RUNS = 11;

const EMPTY_NAME = 'empty, with the S3 client';
const EMPTY = `
import { S3Client } from '@aws-sdk/client-s3';
const s3 = new S3Client({});
export const handler = async () => s3.config.region();
`;

export interface Bundle {
  readonly name: string;
  /** kB. */
  readonly code: number;
  /** Of the package, with its source map, kB. */
  readonly zip: number;
  /** Milliseconds. */
  readonly importTime: number;
}

/** Measures what `npm run bundle` has made. The empty function is the first one. */
export async function measureBundles({ folder }: Place): Promise<Bundle[]> {
  const empty = join(folder, 'empty.mjs');
  await build({
    ...BUNDLE_OPTIONS,
    stdin: { contents: EMPTY, resolveDir: import.meta.dirname },
    outfile: empty,
  });
  const bundles = new Map([[EMPTY_NAME, empty]]);
  for (const name of Object.keys(VARIABLES_OF)) {
    bundles.set(name, join(import.meta.dirname, '../dist', name, 'index.mjs'));
  }

  const imports = new Map([...bundles.keys()].map((name) => [name, Number.POSITIVE_INFINITY]));
  for (let count = 0; count < RUNS; count++) {
    for (const [name, bundle] of bundles) {
      imports.set(name, Math.min(imports.get(name)!, await importMilliseconds(bundle)));
    }
  }
  return Promise.all(
    [...bundles].map(async ([name, bundle]) => {
      const [code, map] = await Promise.all([readFile(bundle), readFile(`${bundle}.map`)]);
      // As the package is made: code and source map, deflated at the highest level.
      const zip = [code, map].reduce((sum, file) => sum + deflateRawSync(file, { level: 9 }).length, 0);
      return { name, code: code.length / 1000, zip: zip / 1000, importTime: imports.get(name)! };
    }),
  );
}

export function linesOfBundles(bundles: readonly Bundle[]): string[] {
  const [empty, ingest] = [EMPTY_NAME, 'ingest'].map(
    (name) => bundles.find((bundle) => bundle.name === name)!,
  );
  return [
    row('', 'bundle, kB', 'zip, kB', 'import, ms'),
    ...bundles.map(({ name, code, zip, importTime }) =>
      row(name, code.toFixed(0), zip.toFixed(0), importTime.toFixed(1)),
    ),
    '',
    goal('zip of ingest, kB', ingest!.zip, 'under', 500),
    goal('import of ingest / of empty', ingest!.importTime / empty!.importTime, 'at most', 1.6),
  ];
}

/** Imports a bundle in a process of its own, as Lambda does at a cold start. */
async function importMilliseconds(bundle: string): Promise<number> {
  const script =
    'const start = performance.now(); await import(process.argv[1]); console.log(performance.now() - start);';
  const stdout = await runNode(['--input-type=module', '-e', script, bundle], [], ENVIRONMENT);
  return Number(stdout);
}
