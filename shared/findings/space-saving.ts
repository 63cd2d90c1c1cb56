/** A key that is being counted. */
export interface Counter<D> {
  readonly key: number;
  /** Never too low, and at most `error` too high. */
  readonly count: number;
  readonly error: number;
  /** What else is known of the key, since it was last taken in. */
  readonly detail: D;
}

/** The most frequent keys of a stream, in bounded memory. Keys are numbers: what else is counted comes as its hash. */
export interface SpaceSaving<D> {
  /** Counts an occurrence of a key; returns the key's detail, which is a new or cleared one if the key is new. */
  add(key: number): D;
  /** The detail of a key that is being counted. */
  get(key: number): D | undefined;
  /** The keys that are being counted, most frequent first; `compare` orders those that are equally frequent. */
  top(compare: (a: Counter<D>, b: Counter<D>) => number): Counter<D>[];
}

/** Up to so many keys, looking at one after the other is faster than a Map, and much easier on the cache. */
const FEW = 64;

/**
 * Finds frequent keys with the Space-Saving algorithm: Metwally, Agrawal, El Abbadi, "Efficient Computation of
 * Frequent and Top-k Elements in Data Streams", 2005. With `capacity` counters over n occurrences it counts exactly
 * while there are no more different keys than counters; beyond that a new key takes over the counter with the lowest
 * count, as its error. Then no error is above n / capacity, and every key with more occurrences than that is kept.
 *
 * @param create makes the detail of a new counter; `clear` empties that of a counter that is taken over.
 */
export function createSpaceSaving<D>(
  capacity: number,
  create: () => D,
  clear: (detail: D) => void,
): SpaceSaving<D> {
  // Lists of numbers instead of one list of counters: every new key makes a search through all of them.
  const keys: number[] = [];
  const counts: number[] = [];
  const errors: number[] = [];
  const details: D[] = [];
  const places = capacity > FEW ? new Map<number, number>() : undefined;
  /** No count is below this. Counts only grow, so the search for the lowest goes on where it last stopped. */
  let floor = 1;
  let hand = 0;

  /** Where a key is counted, or -1. */
  function placeOf(key: number): number {
    if (places !== undefined) return places.get(key) ?? -1;
    for (let place = 0; place < details.length; place++) if (keys[place] === key) return place;
    return -1;
  }

  function lowest(): number {
    for (;;) {
      for (let steps = 0; steps < capacity; steps++) {
        if (counts[hand] === floor) return hand;
        hand = (hand + 1) % capacity;
      }
      floor = Math.min(...counts);
    }
  }

  function add(key: number): D {
    let place = placeOf(key);
    if (place >= 0) {
      counts[place]!++;
      return details[place]!;
    }
    if (details.length < capacity) {
      place = details.length;
      keys.push(key);
      counts.push(1);
      errors.push(0);
      details.push(create());
    } else {
      place = lowest();
      places?.delete(keys[place]!);
      keys[place] = key;
      errors[place] = counts[place]!;
      counts[place]!++;
      clear(details[place]!);
    }
    places?.set(key, place);
    return details[place]!;
  }

  return {
    add,
    get: (key) => details[placeOf(key)],
    top: (compare) =>
      details
        .map((detail, place) => ({
          key: keys[place]!,
          count: counts[place]!,
          error: errors[place]!,
          detail,
        }))
        .sort((a, b) => b.count - a.count || compare(a, b)),
  };
}
