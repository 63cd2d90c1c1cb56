/** Counters stop here: the largest number that JSON readers, bigint columns and JavaScript all have exactly. */
const LARGEST = Number.MAX_SAFE_INTEGER;

/** The sum of a counter and a record's number, where either may be missing: undefined the counter, -1 the number. */
export function plus(counter: number | undefined, value: number): number | undefined {
  if (value < 0) return counter;
  return Math.min(LARGEST, (counter ?? 0) + value);
}

/** T with optional in place of undefined values. */
export type Known<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** The object without the keys whose value is undefined, in the same order: what is not known is absent. */
export function known<T extends object>(value: T): Known<T> {
  // A finding has hundreds of entries: building this from Object.entries would cost more than finding them.
  const result: Record<string, unknown> = {};
  for (const key in value) if (value[key] !== undefined) result[key] = value[key];
  return result as Known<T>;
}

/** The list, or undefined if it is empty. */
export function some<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}

/** Orders texts by their code units, the same everywhere. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Orders counters by their keys. */
export function byKey(a: { readonly key: number }, b: { readonly key: number }): number {
  return a.key - b.key;
}
