import { expect, test } from 'vitest';
import { giveBack } from '../../../shared/lake/give-back.ts';

const MEGABYTE = 1024 * 1024;

test('the last chunk of a buffer frees it, those before it do not', () => {
  const buffer = Buffer.allocUnsafeSlow(MEGABYTE);
  giveBack(buffer.subarray(0, 1000));
  giveBack(buffer.subarray(1000, MEGABYTE - 1));
  expect(buffer.length).toBe(MEGABYTE);
  giveBack(buffer.subarray(MEGABYTE - 1));
  expect(buffer.length).toBe(0);
});

test("what was cut out of Node's pool, which others share, is left alone", () => {
  let last = Buffer.allocUnsafe(8);
  while (last.byteOffset + last.length < last.buffer.byteLength) last = Buffer.allocUnsafe(8);
  giveBack(last);
  expect(last.buffer.byteLength).toBe(Buffer.poolSize);
});
