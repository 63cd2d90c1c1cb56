import { expect, test } from 'vitest';
import { compressionAt, parseCompression } from '../../../shared/lake/compression-history.ts';
import { KEY, receiptOf, STAMP, sourceOf } from './ingest-text.ts';
import { memoryStore } from './memory-store.ts';

const NOON = Date.UTC(2026, 11, 1, 12) / 1000;
const TEXT = 'srcaddr dstaddr\n10.0.0.1 10.0.0.2\n';

test.each([
  ['zstd', NOON, 'zstd'],
  ['gzip', NOON, 'gzip'],
  ['zstd, gzip from 2026-12-01T12:00Z', NOON - 1, 'zstd'],
  ['zstd, gzip from 2026-12-01T12:00Z', NOON, 'gzip'],
  ['zstd,gzip from 2026-12-01T12:00:00Z,zstd from 2026-12-02T12:00Z', NOON + 86_399, 'gzip'],
  ['zstd,gzip from 2026-12-01T12:00:00Z,zstd from 2026-12-02T12:00Z', NOON + 86_400, 'zstd'],
])('under %j an object of %i is compressed with the codec of its time', (setting, time, codec) => {
  expect(compressionAt(parseCompression(setting), time)).toBe(codec);
});

test.each([
  ['lzma', 'Later changes follow with their time'],
  ['', 'Later changes follow with their time'],
  ['gzip from 2026-12-01T12:00Z', 'Later changes follow with their time'],
  ['zstd, gzip', '"gzip" is no change such as'],
  ['zstd, gzip from 2026-12-01', 'is no change such as'],
  ['zstd, gzip from 2026-12-01T25:00Z', 'is no change such as'],
  [
    'zstd, gzip from 2026-12-02T12:00Z, zstd from 2026-12-01T12:00Z',
    'is not later than the change before it',
  ],
])('%j is refused', (setting, problem) => {
  expect(() => parseCompression(setting)).toThrow(problem);
});

test('an object that was begun before a change and is read again after it has its records once', async () => {
  const lake = memoryStore();
  lake.beforeCreate = (key) => {
    if (key.startsWith('receipts/')) throw new Error('the function stops');
  };
  await expect(receiptOf(sourceOf(TEXT), lake, { compression: 'zstd' })).rejects.toThrow('stops');
  lake.beforeCreate = () => {};
  const later = new Date((STAMP + 3600) * 1000).toISOString().slice(0, 16);
  const compression = parseCompression(`zstd, gzip from ${later}Z`);
  const receipt = await receiptOf(sourceOf(TEXT), lake, { compression });
  expect(receipt.settings).toContain('compression=zstd ');
  expect([...lake.objects.keys()].filter((key) => key.startsWith('flow_logs/'))).toHaveLength(1);
  const newKey = KEY.replace('T0500Z', 'T0600Z');
  expect((await receiptOf(sourceOf(TEXT, { key: newKey }), lake, { compression })).outputs[0]!.key).toMatch(
    /\.json\.gz$/,
  );
});
