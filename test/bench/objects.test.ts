import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { moved, writeObject, writeSmallObjects } from '../../bench/objects.ts';
import { parseSourceKey } from '../../shared/lake/source-key.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flowlogs-bench-test-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function linesOf(path: string): Promise<string[]> {
  return gunzipSync(await readFile(path))
    .toString()
    .trimEnd()
    .split('\n');
}

test.each([
  ['default', 14],
  ['version-5', 29],
  ['transit-gateway', 36],
] as const)('a large object in the format %s has %d columns', async (format, columns) => {
  const object = await writeObject(join(folder, format), format, 20);
  const lines = await linesOf(object.path);
  expect(lines).toHaveLength(1 + 20);
  for (const line of lines) expect(line.split(' ')).toHaveLength(columns);
  expect(object.textBytes).toBe(Buffer.byteLength(`${lines.join('\n')}\n`));
});

test('times are moved and nothing else', async () => {
  const lines = ['start srcport end', '1000 443 1060', '2000 80 2060'];
  expect(await Array.fromAsync(moved(lines, (nth) => -100 * nth))).toEqual([
    'start srcport end',
    '1000 443 1060',
    '1900 80 1960',
  ]);
});

test('the records of a small object are of the five minutes that its name tells', async () => {
  const small = await writeSmallObjects(join(folder, 'small'), 24, 50);
  const stamps = new Set<number>();
  for (const name of await readdir(small.folder)) {
    const stamp = parseSourceKey(name).stamp!;
    stamps.add(stamp);
    const [header, ...lines] = await linesOf(join(small.folder, name));
    const column = header!.split(' ').indexOf('start');
    expect(lines).toHaveLength(small.records);
    for (const line of lines) {
      const start = Number(line.split(' ')[column]);
      expect(start).toBeGreaterThanOrEqual(stamp - 60);
      expect(start).toBeLessThan(stamp + 300);
    }
  }
  expect(stamps.size).toBe(12);
});
