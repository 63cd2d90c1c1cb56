/** Counts of a few values; beyond a limit further values are not counted. */
export interface Tally<K> {
  add(value: K): void;
  /** The values with their counts, most frequent first, then in order of values. */
  entries(): { readonly value: K; readonly count: number }[];
}

/** Starts to count values of which there are normally very few, such as protocols. */
export function createTally<K extends number | string>(limit: number): Tally<K> {
  const values: K[] = [];
  const counts: number[] = [];

  return {
    add(value) {
      const index = values.indexOf(value);
      if (index >= 0) counts[index]!++;
      else if (values.length < limit) {
        values.push(value);
        counts.push(1);
      }
    },
    entries: () =>
      values
        .map((value, index) => ({ value, count: counts[index]! }))
        .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1)),
  };
}
