/** What the engines' answers have in common, so that a query gives the same on Athena and on DuckDB. */

/** A whole number as a number where that keeps every digit, else as a bigint. */
export function wholeNumber(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** A decimal as a number where that keeps every digit (15 always fit), else as its text. */
export function decimalNumber(text: string): number | string {
  return text.replaceAll(/\D/g, '').length <= 15 ? Number(text) : text;
}

/**
 * A time in UTC as SQL engines write it, `2026-11-20 05:00:00.000 UTC`, in ISO 8601: `2026-11-20T05:00:00Z`. Its zone is UTC
 * if it names none; a time in another zone stays as it is. Fractions lose the zeros at their end.
 */
export function isoTime(text: string): string {
  const [, day, time, fraction = ''] =
    /^(-?\d{4,}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})(\.\d+)?(?: UTC|\+00(?::?00)?)?$/.exec(text) ?? [];
  return day === undefined ? text : `${day}T${time}${fraction.replace(/\.?0+$/, '')}Z`;
}

/** The names of columns, made distinct: the second `bytes` becomes `bytes:1`. */
export function distinctNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let distinct = name;
    for (let number = 1; taken.has(distinct); number += 1) distinct = `${name}:${number}`;
    taken.add(distinct);
    return distinct;
  });
}
