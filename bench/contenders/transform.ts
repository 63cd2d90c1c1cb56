/** What this project does in front of the compressor: inflates, transforms and finds. The records are thrown away. */
import { stat } from 'node:fs/promises';
import { fileSource } from '../../local/source-files.ts';
import { createTransform } from '../../shared/flow-log/transform.ts';
import { inflate } from '../../shared/lake/inflate.ts';
import { createObjectWriter } from '../../shared/lake/object-writer.ts';
import type { OutputSet } from '../../shared/lake/output.ts';
import { parseSourceKey } from '../../shared/lake/source-key.ts';
import { borrowLineLoop } from '../../shared/line-loop/line-loop.ts';
import { type Contender, contend } from './contend.ts';

const NOWHERE: OutputSet = {
  open: () => ({ append() {} }),
  settle: async () => {},
  finish: async () => {},
  body: () => ({ size: 0, chunks: [] }),
  dispose: async () => {},
};

export const transformAlone: Contender = {
  async work({ input }) {
    const { source, key, open } = fileSource(input, (await stat(input)).size);
    const facts = parseSourceKey(key);
    const time = facts.stamp!;
    const loop = borrowLineLoop();
    const writer = createObjectWriter(
      { source, id: 'bench', time, facts, compression: 'zstd', networks: undefined },
      NOWHERE,
      loop,
    );
    const transform = createTransform({
      loop,
      headerlessFormat: undefined,
      earliest: 0,
      latest: Number.MAX_SAFE_INTEGER,
      objectTime: time,
      sink: writer.sink,
    });
    for await (const chunk of inflate(open())) transform.push(chunk);
    transform.end();
    writer.end();
    loop.release();
    return { records: transform.counts.records };
  },
};

if (import.meta.main) await contend(transformAlone);
