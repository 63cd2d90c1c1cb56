/** The section of docs/alerts.md that says how many messages to expect. */
import { causesOf, type Figure, figuresOf } from './figures.ts';
import { type Report, SEED, SIMULATIONS } from './simulations.ts';

export const HEADING = '## How many messages to expect';

/** Renders the section. */
export function sectionOf(reports: readonly Report[]): string {
  return `${HEADING}

Rendered by \`npm run bench:alerts -- --update\` from simulations (seed ${SEED}): flow log text of every interface, through the
same code that runs in the functions, on a clock of its own. [bench/README.md](../bench/README.md) says what is simulated.
A message is true if it names something that is wrong, or something that really goes on. AWS delivers flow logs 10 to 25
minutes after the packets: that is most of the time that passes before people know.

${reports.map(tableOf).join('\n')}`;
}

function tableOf(report: Report): string {
  const causes = causesOf(report).map(([name, count]) => `${name} ${count}`);
  const told = causes.length === 0 ? '' : `\nMessages by what they tell of: ${causes.join(', ')}.\n`;
  const { title, what } = SIMULATIONS[report.simulation];
  return `### ${title}

${what}

|  |  | goal |
| --- | --- | --- |
${figuresOf(report).map(rowOf).join('\n')}
${told}`;
}

function rowOf({ name, value, goal, isMet }: Figure): string {
  return `| ${name} | ${value} | ${goal === undefined ? '' : `${goal}${isMet ? '' : ', **missed**'}`} |`;
}

/** The page with the section in the place of the one that it has, or at its end. */
export function withSection(page: string, section: string): string {
  const from = page.indexOf(`${HEADING}\n`);
  if (from < 0) return `${page.trimEnd()}\n\n${section}`;
  const next = page.indexOf('\n## ', from);
  return page.slice(0, from) + section + (next < 0 ? '' : page.slice(next));
}
