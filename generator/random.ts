/**
 * Seeded randomness: sfc32 ("small fast counter", Chris Doty-Humphrey's PractRand), seeded through SplitMix32, with the
 * distributions that network traffic follows. Our own because Math.random cannot be seeded and a test library's
 * generator has no place in a product.
 */

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer, both ends included. */
  integer(low: number, high: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  /** One item of a non-empty list. */
  pick<T>(items: readonly T[]): T;
  /** One item of a non-empty list, earlier ones much more often: rank r with a weight of about 1/r (Zipf). */
  pickZipf<T>(items: readonly T[]): T;
  /** Exponentially distributed with this mean: the time between independent events. */
  exponential(mean: number): number;
  /** Lognormally distributed: half of the values lie below the median, a few far above it. */
  lognormal(median: number, sigma: number): number;
  /** Pareto distributed, at least `minimum`; the smaller alpha, the heavier the tail. */
  pareto(minimum: number, alpha: number): number;
  /** An independent generator, always the same for the same seed and name, whatever this one has drawn. */
  fork(name: string): Random;
}

/** A random number generator for a seed (any integer) and the name of a stream of it. */
export function createRandom(seed: number, stream = ''): Random {
  const mix = splitMix32(hash32(stream, seed));
  let a = mix();
  let b = mix();
  let c = mix();
  let counter = 1;

  function next(): number {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + t) | 0;
    return (t >>> 0) / 4294967296;
  }
  // The state is mixed before the first value is used, so that near seeds do not give near sequences.
  for (let i = 0; i < 12; i++) next();

  const random: Random = {
    next,
    integer: (low, high) => low + Math.floor(next() * (high - low + 1)),
    chance: (probability) => next() < probability,
    pick: (items) => items[Math.floor(next() * items.length)]!,
    // The inverse of the continuous 1/x distribution on [1, n+1): no table, and close enough to Zipf's law.
    pickZipf: (items) => items[Math.floor((items.length + 1) ** next()) - 1]!,
    exponential: (mean) => -mean * Math.log(1 - next()),
    // Box-Muller; its second value is thrown away to keep one draw independent of the next.
    lognormal: (median, sigma) =>
      median * Math.exp(sigma * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())),
    pareto: (minimum, alpha) => minimum / (1 - next()) ** (1 / alpha),
    fork: (name) => createRandom(seed, `${stream}/${name}`),
  };
  return random;
}

/** FNV-1a over a text, started from a seed. */
function hash32(text: string, seed: number): number {
  let hash = (0x811c9dc5 ^ seed ^ Math.floor(seed / 4294967296)) | 0;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

function splitMix32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) | 0;
  };
}
