/** Objects that are small as stored and enormous inflated. */

import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { createGzip, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { contentOf, receiptOf, sourceOf } from '../shared/lake/ingest-text.ts';
import { memoryStore } from '../shared/lake/memory-store.ts';

const HEADER = 'srcaddr dstaddr bytes\n';
const MEGABYTE = 1_000_000;

/** A gzip file of so many megabytes of one text. */
function inflating(megabytes: number, text: string): Promise<Buffer> {
  const chunk = Buffer.from(text.repeat(Math.ceil(MEGABYTE / text.length)));
  const chunks = function* () {
    yield Buffer.from(HEADER);
    for (let index = 0; index < megabytes; index++) yield chunk;
  };
  return buffer(Readable.from(chunks()).pipe(createGzip({ level: 9 })));
}

const LIMIT = { maxInflatedBytes: MEGABYTE };

test.each([
  ['of empty lines', '\n'],
  ['of one line without end', 'x'],
  ['of records', '10.0.0.1 10.0.0.2 7\n'],
  ['of lines that are quarantined', 'x\n'],
])('a bomb %s leaves nothing in the lake, and is given up at the limit', async (_, text) => {
  const bomb = await inflating(30, text);
  expect(bomb.length).toBeLessThan(MEGABYTE / 4);
  const lake = memoryStore();
  const begun = performance.now();
  await expect(receiptOf(sourceOf(bomb), lake, LIMIT)).rejects.toMatchObject({ reason: 'too-large' });
  expect([...lake.objects.keys()].filter((key) => !key.startsWith('first-seen/'))).toEqual([]);
  expect(performance.now() - begun).toBeLessThan(10_000);
});

test('gzip in gzip counts inflated bytes, not those in between', async () => {
  const bomb = gzipSync(await inflating(100, 'x'));
  expect(bomb.length).toBeLessThan(10_000);
  await expect(receiptOf(sourceOf(bomb), memoryStore(), LIMIT)).rejects.toMatchObject({
    reason: 'too-large',
  });
});

test('many empty members of gzip are no records and take no memory of each', async () => {
  const empty = gzipSync('');
  const source = sourceOf(gzipSync(HEADER), {
    *chunks() {
      yield gzipSync(HEADER);
      for (let index = 0; index < 200; index++) yield Buffer.concat(Array.from({ length: 100 }, () => empty));
    },
  });
  expect(await receiptOf(source)).toMatchObject({ lines: 0, records: 0, quarantined: 0 });
});

test('a long name in the header does not make a large object of a small one', async () => {
  const text = `${HEADER.trim()} ${'n'.repeat(60_000)}\n${'10.0.0.1 10.0.0.2 7 x\n'.repeat(300)}`;
  const lake = memoryStore();
  await receiptOf(sourceOf(text), lake).catch(() => undefined);
  const written = Object.values(contentOf(lake.objects)).reduce(
    (bytes, content) => bytes + content.length,
    0,
  );
  expect(written).toBeLessThan(100 * text.length);
});
