/** Of several entries so many are named. */
const NAMED = 3;

/** A number with its noun: `1,300 packets`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en-US')} ${number === 1 ? one : many}`;
}

/** The first of some entries, and how many more there are. */
export function several<T>(entries: readonly T[], text: (entry: T) => string): string {
  const more = entries.length > NAMED ? ` and ${entries.length - NAMED} more` : '';
  return entries.slice(0, NAMED).map(text).join(', ') + more;
}

/** An address, and whether it is inside. */
export function who({ address, inside }: { readonly address: string; readonly inside?: boolean }): string {
  return inside ? `${address} (inside)` : address;
}
