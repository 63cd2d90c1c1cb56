import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSpaceSaving } from '../../../shared/findings/space-saving.ts';

const byKey = (a: { readonly key: number }, b: { readonly key: number }) => a.key - b.key;

/** Counts a stream; the detail is the number of occurrences since the key was last taken in. */
function count(stream: readonly number[], capacity: number) {
  const summary = createSpaceSaving(
    capacity,
    () => ({ occurrences: 0 }),
    (detail) => {
      detail.occurrences = 0;
    },
  );
  for (const key of stream) summary.add(key).occurrences++;
  return summary.top(byKey);
}

function trueCounts(stream: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const key of stream) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/** A stream with a few frequent keys among many rare ones. */
const skewedStream = fc.array(
  fc.oneof({ weight: 2, arbitrary: fc.integer({ min: 0, max: 4 }) }, { weight: 3, arbitrary: fc.nat(2000) }),
  { maxLength: 600 },
);
// Both below and above the capacity from which on keys are looked up in another way.
const capacity = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 65, max: 80 }));

describe('the most frequent keys of a stream', () => {
  test('are counted exactly while there are no more keys than counters', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30), { maxLength: 300 }), (stream) => {
        const counters = count(stream, 31);
        expect(new Map(counters.map(({ key, count }) => [key, count]))).toEqual(trueCounts(stream));
        expect(counters.every(({ error }) => error === 0)).toBe(true);
      }),
    );
  });

  test('have counts that are never too low and at most their error too high', () => {
    fc.assert(
      fc.property(skewedStream, capacity, (stream, size) => {
        const counts = trueCounts(stream);
        for (const { key, count: counted, error } of count(stream, size)) {
          const occurrences = counts.get(key) ?? 0;
          expect(counted).toBeGreaterThanOrEqual(occurrences);
          expect(counted - error).toBeLessThanOrEqual(occurrences);
        }
      }),
    );
  });

  test('have errors of at most the stream length divided by the number of counters', () => {
    fc.assert(
      fc.property(skewedStream, capacity, (stream, size) => {
        for (const { error } of count(stream, size)) expect(error).toBeLessThanOrEqual(stream.length / size);
      }),
    );
  });

  test('include every key that occurs more often than that', () => {
    fc.assert(
      fc.property(skewedStream, capacity, (stream, size) => {
        const keys = new Set(count(stream, size).map(({ key }) => key));
        for (const [key, occurrences] of trueCounts(stream)) {
          if (occurrences > stream.length / size) expect(keys).toContain(key);
        }
      }),
    );
  });

  test('have details that start anew when a counter is taken over', () => {
    fc.assert(
      fc.property(skewedStream, capacity, (stream, size) => {
        for (const { count: counted, error, detail } of count(stream, size)) {
          expect(detail.occurrences).toBe(counted - error);
        }
      }),
    );
  });

  test('come most frequent first, and in the order of keys where they are equally frequent', () => {
    expect(count([7, 3, 3, 9, 1], 8).map(({ key }) => key)).toEqual([3, 1, 7, 9]);
  });
});
