/** Prints a line of figures. */
export function row(name: string, ...figures: readonly string[]): void {
  console.log(name.padEnd(38) + figures.map((figure) => figure.padStart(10)).join(''));
}

/** Prints a figure with its goal beside it, and whether it was missed. */
export function goal(
  name: string,
  figure: number,
  relation: 'at most' | 'at least' | 'above' | 'under',
  limit: number,
): void {
  const met = {
    'at most': figure <= limit,
    'at least': figure >= limit,
    above: figure > limit,
    under: figure < limit,
  }[relation];
  row(name, figure.toFixed(2), `   goal: ${relation} ${limit}${met ? '' : '   MISSED'}`);
}
