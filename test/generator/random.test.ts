import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Random } from '../../generator/random.ts';
import { createRandom } from '../../generator/random.ts';

const draw = (random: Random, count = 20): number[] => Array.from({ length: count }, random.next);
const sample = (count: number, one: (random: Random) => number): number[] => {
  const random = createRandom(42);
  return Array.from({ length: count }, () => one(random)).sort((a, b) => a - b);
};

describe('streams', () => {
  test('a seed and a name give the same numbers again, and any other others', () => {
    expect(draw(createRandom(1, 'a'))).toEqual(draw(createRandom(1, 'a')));
    expect(draw(createRandom(1, 'a'))).not.toEqual(draw(createRandom(2, 'a')));
    expect(draw(createRandom(1, 'a'))).not.toEqual(draw(createRandom(1, 'b')));
    expect(draw(createRandom(1))).not.toEqual(draw(createRandom(1 + 2 ** 32)));
  });

  test('a fork does not depend on what was drawn before', () => {
    const drawn = createRandom(5);
    draw(drawn);
    expect(draw(drawn.fork('x'))).toEqual(draw(createRandom(5).fork('x')));
  });
});

describe('distributions', () => {
  test('stay in their ranges', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.nat(1000), fc.nat(1000), (seed, low, width) => {
        const random = createRandom(seed);
        const number = random.integer(low, low + width);
        expect(number).toBeGreaterThanOrEqual(low);
        expect(number).toBeLessThanOrEqual(low + width);
        expect(random.pareto(3, 1.2)).toBeGreaterThanOrEqual(3);
        const items = Array.from({ length: width + 1 }, (_, i) => i);
        expect(items).toContain(random.pickZipf(items));
        expect(items).toContain(random.pick(items));
      }),
    );
  });

  test.each<[string, (random: Random) => number, number]>([
    ['uniform', (random) => random.next(), 0.5],
    ['lognormal', (random) => random.lognormal(1000, 1.5), 1000],
    ['exponential', (random) => random.exponential(10), 10 * Math.LN2],
    ['Pareto', (random) => random.pareto(1, 2), Math.SQRT2],
  ])('half of the %s values lie below the median', (_, one, median) => {
    const values = sample(20_000, one);
    expect(values[10_000]! / median).toBeCloseTo(1, 1);
  });

  test('the first of 100 Zipf items comes about ten times as often as the tenth', () => {
    const items = Array.from({ length: 100 }, (_, i) => i);
    const values = sample(50_000, (random) => random.pickZipf(items));
    const times = (item: number): number => values.filter((value) => value === item).length;
    expect(times(0) / times(9)).toBeGreaterThan(6);
    expect(times(0) / times(9)).toBeLessThan(12);
  });
});
