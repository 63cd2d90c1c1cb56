import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Bundles every function, `functions/<name>/handler.ts`, to `dist/<name>/index.mjs`. */

const root = fileURLToPath(new URL('..', import.meta.url));

/** What CommonJS packages in the bundle ask for, and an ES module doesn't have. */
const REQUIRE =
  "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

const folders = await readdir(`${root}functions`, { withFileTypes: true });
for (const { name } of folders.filter((entry) => entry.isDirectory())) {
  await build({
    entryPoints: [`${root}functions/${name}/handler.ts`],
    outfile: `${root}dist/${name}/index.mjs`,
    bundle: true,
    minify: true,
    // Names of errors and functions stay readable in logs.
    keepNames: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    banner: { js: REQUIRE },
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'none',
    logLevel: 'warning',
  });
}
