/** DuckDB on one thread, for the same conversion: space-separated text to NDJSON with zstd. */

import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { formatOfHeader } from '../../shared/flow-log/header.ts';
import { type Contender, contend } from './contend.ts';

const TYPES = { int: 'INTEGER', bigint: 'BIGINT', string: 'VARCHAR' } as const;

async function columnsOf(input: string): Promise<string> {
  const lines = createInterface({ input: createReadStream(input).pipe(createGunzip()) });
  for await (const line of lines) {
    const format = formatOfHeader(line.split(' '));
    if (format === undefined) break;
    return format.columns.map(({ key, type }) => `'${key}': '${TYPES[type]}'`).join(', ');
  }
  throw new Error(`${input} has no header`);
}

export const duckdb: Contender<string> = {
  prepare: ({ input }) => columnsOf(input),
  async work({ input, output }, columns) {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    const connection = await instance.connect();
    await connection.run(
      `COPY (SELECT * FROM read_csv('${input}', delim=' ', header=true, auto_detect=false, nullstr='-', quote='',
         escape='', compression='gzip', columns={${columns}}))
       TO '${output}' (FORMAT json, COMPRESSION zstd)`,
    );
    connection.closeSync();
  },
};

if (import.meta.main) await contend(duckdb);
