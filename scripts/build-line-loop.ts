import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

/** Compiles the line loop, `shared/line-loop/assembly`, and embeds it in a module: no file has to be found at run time. */

const folder = fileURLToPath(new URL('../shared/line-loop/', import.meta.url));

/** The module's text, as `shared/line-loop/binary.ts` has to be. */
export async function renderLineLoop(): Promise<string> {
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    [
      `${folder}assembly/index.ts`,
      '--outFile=line-loop.wasm',
      '-O3',
      '--converge',
      '--noAssert',
      // No memory is ever allocated: all of it is laid out in layout.ts.
      '--runtime=stub',
      '--importMemory',
      '--noExportMemory',
      '--enable=simd',
    ],
    {
      writeFile: (name, contents) => {
        if (name.endsWith('.wasm')) binary = contents as Uint8Array;
      },
    },
  );
  if (error !== null)
    throw new Error(`the line loop does not compile:\n${stderr.toString()}`, { cause: error });
  const base64 = Buffer.from(binary!).toString('base64');
  return [
    '/** Made of `assembly/` by `npm run build:line-loop`. Do not edit. */',
    'export const LINE_LOOP_BASE64 =',
    `  '${base64}';`,
    '',
  ].join('\n');
}

if (import.meta.main) await writeFile(`${folder}binary.ts`, await renderLineLoop());
