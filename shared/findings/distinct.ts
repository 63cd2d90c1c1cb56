import type { DistinctCount } from './finding.ts';

/** How many different values are told apart. More is a crowd, whose size does not matter for what it means. */
export const MOST_DISTINCT = 64;

/**
 * A set of 32-bit values that counts up to 64. A plain value, because there can be tens of thousands of them, and most
 * of them never hold more than one value: that one needs no array.
 */
export interface Distinct {
  size: number;
  first: number;
  /** The values after the first. */
  others: Int32Array;
}

const NO_VALUES = new Int32Array(0);
const FEW_VALUES = 7;

/** An empty set. */
export function emptyDistinct(): Distinct {
  return { size: 0, first: 0, others: NO_VALUES };
}

/** Empties a set. */
export function clearDistinct(set: Distinct): void {
  set.size = 0;
}

/** Adds a value: a number of at most 32 bits, or the hash of something longer. */
export function addDistinct(set: Distinct, value: number): void {
  const word = value | 0;
  if (set.size === 0) set.first = word;
  else if (set.first === word || set.size > MOST_DISTINCT || !addOther(set, word)) return;
  set.size++;
}

/** Adds a value after the first; false if it is there already. */
function addOther(set: Distinct, word: number): boolean {
  const others = set.size - 1;
  for (let i = 0; i < others; i++) if (set.others[i] === word) return false;
  if (set.size === MOST_DISTINCT) {
    // The values served to know the next one as new. From here on there is nothing left to learn.
    set.others = NO_VALUES;
    return true;
  }
  if (others === set.others.length) {
    const larger = new Int32Array(others === 0 ? FEW_VALUES : MOST_DISTINCT - 1);
    larger.set(set.others);
    set.others = larger;
  }
  set.others[others] = word;
  return true;
}

/** The size as findings state it: exact to 64, then `64+`. */
export function distinctCount({ size }: Distinct): DistinctCount {
  return size > MOST_DISTINCT ? `${MOST_DISTINCT}+` : String(size);
}
