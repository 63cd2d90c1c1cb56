import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addDistinct,
  clearDistinct,
  distinctCount,
  emptyDistinct,
} from '../../../shared/findings/distinct.ts';

function countOf(values: Iterable<number>): string {
  const set = emptyDistinct();
  for (const value of values) addDistinct(set, value);
  return distinctCount(set);
}

test('distinct values are counted exactly up to 64, then as 64+', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -60, max: 60 }), { maxLength: 400 }), (values) => {
      const size = new Set(values).size;
      expect(countOf(values)).toBe(size > 64 ? '64+' : String(size));
    }),
  );
});

test.each([
  [0, '0'],
  [1, '1'],
  [64, '64'],
  [65, '64+'],
  [10_000, '64+'],
])('%i values are %s', (size, text) => {
  expect(countOf(Array.from({ length: size }, (_, value) => value))).toBe(text);
});

test('a cleared set counts from 0 and forgets what it held', () => {
  const set = emptyDistinct();
  for (let value = 0; value < 20; value++) addDistinct(set, value);
  clearDistinct(set);
  expect(distinctCount(set)).toBe('0');
  for (const value of [0, 19, 0, 5]) addDistinct(set, value);
  expect(distinctCount(set)).toBe('3');
});
