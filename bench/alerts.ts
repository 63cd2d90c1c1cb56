/**
 * Simulates the operation of alerts and prints what people would have been told, with the goals beside it. Everything
 * follows from the seed, so the figures are those of the code.
 *
 *     npm run bench:alerts [-- --update] [-- --seed N] [-- --messages]
 *
 * `--update` writes the figures into docs/alerts.md; without it the bench fails if they are others there. `--messages` also
 * prints the messages.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { causesOf, figuresOf } from './alerts/figures.ts';
import { sectionOf, withSection } from './alerts/section.ts';
import { FULL, type Report, SEED, SIMULATIONS, simulations } from './alerts/simulations.ts';

const PAGE = join(import.meta.dirname, '../docs/alerts.md');

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(SEED) },
    update: { type: 'boolean', default: false },
    messages: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed);

const reports: Report[] = [];
for await (const report of simulations(FULL, seed)) {
  print(report);
  reports.push(report);
}
const { user, system } = process.cpuUsage();
console.log(`${((user + system) / 1e6).toFixed(0)} s of CPU, Node ${process.version}`);
if (seed === SEED) await checkPage();

function print(report: Report): void {
  const { simulation, counts, verdict } = report;
  const many = (count: number) => count.toLocaleString('en-US');
  console.log(
    `${SIMULATIONS[simulation].title}\n(${many(counts.objects)} objects, ${many(counts.records)} records, ${many(counts.findings)} findings)`,
  );
  for (const { name, value, goal, isMet } of figuresOf(report)) {
    const judged = goal === undefined ? '' : `goal: ${goal}`.padEnd(24) + (isMet ? 'met' : 'MISSED');
    console.log(`  ${name.padEnd(54)}${value.padEnd(18)}${judged}`.trimEnd());
  }
  for (const [name, count] of causesOf(report)) {
    console.log(`  ${`messages about: ${name}`.padEnd(54)}${count}`);
  }
  if (values.messages) {
    for (const { at, kind, subject, isFalse } of verdict.sent) {
      const time = new Date(at * 1000).toISOString().slice(5, 16);
      console.log(`    ${time} ${kind.padEnd(8)} ${subject}${isFalse ? '   FALSE' : ''}`);
    }
  }
  console.log();
}

/** Writes the section, or fails if the page has another one. */
async function checkPage(): Promise<void> {
  const page = await readFile(PAGE, 'utf8');
  const renewed = withSection(page, sectionOf(reports));
  if (renewed === page) return;
  if (values.update) {
    await writeFile(PAGE, renewed);
  } else {
    console.error('docs/alerts.md states other figures. Renew them with: npm run bench:alerts -- --update');
    process.exitCode = 1;
  }
}
