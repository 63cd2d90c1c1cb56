/** The plain way, as a first version would be written: split each line, build an object, stringify it, gzip it. */
import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { fieldsOf } from '../../shared/flow-log/fields.ts';
import { type Contender, contend } from './contend.ts';

const numeric = new Set(
  [...fieldsOf('vpc'), ...fieldsOf('transit-gateway')]
    .filter(({ type }) => type !== 'string')
    .map((f) => f.name),
);

async function* records(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let names: string[] | undefined;
  for await (const line of lines) {
    const tokens = line.split(' ');
    if (names === undefined) {
      names = tokens;
      continue;
    }
    const record: Record<string, string | number> = {};
    for (const [index, name] of names.entries()) {
      const token = tokens[index] ?? '-';
      if (token !== '-') record[name.replaceAll('-', '_')] = numeric.has(name) ? Number(token) : token;
    }
    yield `${JSON.stringify(record)}\n`;
  }
}

export const plain: Contender = {
  async work({ input, output }) {
    const lines = createInterface({ input: createReadStream(input).pipe(createGunzip()) });
    await pipeline(Readable.from(records(lines)), createGzip(), createWriteStream(output));
  },
};

if (import.meta.main) await contend(plain);
