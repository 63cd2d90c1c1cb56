/** A line of figures. */
export function row(name: string, ...figures: readonly string[]): string {
  return name.padEnd(46) + figures.map((figure) => figure.padStart(16)).join('');
}

/** A line with a figure, its goal beside it, and whether it was missed. */
export function goal(
  name: string,
  figure: number,
  relation: 'at most' | 'at least' | 'under',
  limit: number,
): string {
  const isMet = {
    'at most': figure <= limit,
    'at least': figure >= limit,
    under: figure < limit,
  }[relation];
  return `${row(name, figure.toFixed(2))}   goal: ${relation} ${limit}${isMet ? '' : '   MISSED'}`;
}

/** Bytes in units of a million. */
export function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
