import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build } from 'esbuild';

/** Bundles every function, `functions/<name>/handler.ts`, to `dist/<name>/index.mjs`. */

const root = fileURLToPath(new URL('..', import.meta.url));

/** What CommonJS packages in the bundle ask for, and an ES module doesn't have. */
const REQUIRE =
  "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** How code is bundled for Lambda. */
export const BUNDLE_OPTIONS = {
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
} as const satisfies BuildOptions;

if (import.meta.main) {
  const entries = await readdir(`${root}functions`, { withFileTypes: true });
  for (const { name } of entries.filter((entry) => entry.isDirectory())) {
    await build({
      ...BUNDLE_OPTIONS,
      entryPoints: [`${root}functions/${name}/handler.ts`],
      outfile: `${root}dist/${name}/index.mjs`,
    });
  }
}
