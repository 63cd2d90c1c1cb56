import { lstat, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { styleText } from 'node:util';
import { type Command, Option } from 'commander';
import { investigate } from '../../athena/explain/investigate.ts';
import type { QueryResult } from '../../athena/query-engine.ts';
import { renderQuery } from '../../athena/query-file.ts';
import { savedQuery } from '../../athena/saved-queries.ts';
import { SCENARIOS } from '../../generator/scenarios.ts';
import { findSourceFiles } from '../../local/source-files.ts';
import { parseInventory } from '../../shared/explain/inventory.ts';
import { TCP } from '../../shared/findings/connection.ts';
import type { MergedFinding } from '../../shared/findings/merge.ts';
import { DEFAULT_MAX_INFLATED_BYTES } from '../../shared/lake/ingest.ts';
import { VERSION } from '../../shared/version.ts';
import { alertsText } from '../alerts-report.ts';
import { explainText } from '../explain-report.ts';
import { parseCount } from '../options.ts';
import { formatTable } from '../output.ts';
import { findPlanted, type Sighting } from '../planted.ts';
import { startProgress } from '../progress.ts';
import { writeFlowLogs } from './generate.ts';
import { formatTotals, ingestWithReport } from './ingest.ts';

/**
 * The logs of the demo. Some questions compare with what is usual in three other hours, some with another day: so the
 * incidents come after three hours of ordinary traffic, and after midnight.
 */
export const DEMO_LOGS = {
  records: 30_000,
  start: new Date('2026-11-20T01:00:00Z'),
  historyHours: 3,
} as const;

/** What the demo asks, and why. */
const QUESTIONS: readonly { readonly name: string; readonly parameters: Readonly<Record<string, string>> }[] =
  [
    { name: 'top-talkers', parameters: { limit: '5' } },
    { name: 'top-rejected-ports', parameters: { limit: '8' } },
    { name: 'port-scan', parameters: { limit: '5' } },
    { name: 'ssh-brute-force', parameters: { limit: '5' } },
    { name: 'large-egress', parameters: { limit: '5' } },
    { name: 'amplification-ports', parameters: { limit: '5' } },
    { name: 'unusual-protocols', parameters: { limit: '5' } },
    { name: 'ipv6-egress', parameters: { limit: '5' } },
    { name: 'skipdata-by-interface', parameters: { limit: '5' } },
    { name: 'logged-twice', parameters: { limit: '5' } },
    { name: 'quarantine-overview', parameters: { limit: '5' } },
  ];

/** Marks a folder that the demo made, and may therefore empty. */
const MARKER = '.flowlogs-demo';
const UNFINISHED = '"flowlogs demo" was stopped while it filled this folder.\n';

const EXAMPLES = `
Examples:
  flowlogs demo
  flowlogs demo --records 200000 --lake ./big-demo`;

/** Adds `flowlogs demo`. */
export function registerDemo(program: Command): void {
  program
    .command('demo')
    .summary('see all of it, on generated flow logs')
    .description('Generate realistic flow logs, ingest them, show what was found and ask a few questions.')
    .addOption(
      new Option('--records <count>', 'about how many').default(DEMO_LOGS.records).argParser(parseCount),
    )
    .option('--lake <dir>', 'folder of the lake', './demo/lake')
    .addHelpText('after', EXAMPLES)
    .action(async ({ records, lake }: { records: number; lake: string }, command: Command) => {
      const logs = join(lake, '..', 'logs');
      const refusal = (await whyNotOurs(lake)) ?? (await whyNotOurs(logs));
      if (refusal !== undefined) command.error(`error: ${refusal} Name another folder with --lake.`);
      if (resolve(lake) === resolve(logs)) command.error('error: The logs lie in "logs" beside the lake.');
      for (const folder of [lake, logs]) await makeEmpty(folder);
      await generate(logs, records);
      const findings = await ingest(logs, lake);
      for (const folder of [lake, logs]) await writeFile(join(folder, MARKER), await countFiles(folder));
      const answers = await ask(lake);
      await explain(lake);
      showPlanted(findPlanted(findings, answers));
      say(nextSteps(lake));
    });
}

async function generate(logs: string, records: number): Promise<void> {
  heading('1. Flow logs, as AWS delivers them');
  const progress = startProgress('Generating', records);
  const summary = await writeFlowLogs(logs, { ...DEMO_LOGS, records, onProgress: progress.add });
  progress.stop();
  const total = `${summary.objects} objects with ${summary.records.toLocaleString('en-US')} records`;
  say(`${total} in ${logs}, among them after ${DEMO_LOGS.historyHours} ordinary hours\n`);
  for (const { name, title } of SCENARIOS) say(`  ${name.padEnd(26)}${title}\n`);
}

async function ingest(logs: string, lake: string): Promise<readonly MergedFinding[]> {
  heading('2. flowlogs ingest: what is in them');
  const files = await Array.fromAsync(findSourceFiles([logs], lake));
  const { totals, report, alerts } = await ingestWithReport(files, lake, {
    compression: 'zstd',
    headerlessFormat: undefined,
    maxInflatedBytes: DEFAULT_MAX_INFLATED_BYTES,
    build: VERSION,
  });
  say(`${formatTotals(totals)}${report.text()}${alertsText(alerts)}`);
  if (totals.failed_objects > 0) throw new Error('The demo could not ingest its own logs.');
  return report.findings();
}

async function ask(lake: string): Promise<ReadonlyMap<string, QueryResult>> {
  heading('3. flowlogs query: questions, answered');
  const { openLake } = await import('../../local/duckdb.ts');
  const engine = await openLake(lake);
  const answers = new Map<string, QueryResult>();
  try {
    for (const { name, parameters } of QUESTIONS) {
      const query = await savedQuery(name);
      const answer = await engine.run(renderQuery(query, new Map(Object.entries(parameters)), {}));
      answers.set(name, answer);
      say(
        `${styleText('bold', query.question)}  (${name})\n${formatTable(answer, process.stdout.columns)}\n`,
      );
    }
  } finally {
    engine.close();
  }
  return answers;
}

/** What a worker's failing connections look like to whoever is asked about them. */
const EXPLAINED = { source: '10.20.13.61', destination: '10.20.8.10', port: 5432 } as const;

async function explain(lake: string): Promise<void> {
  heading('4. flowlogs explain: why does a worker not reach the orders database?');
  const { openLake } = await import('../../local/duckdb.ts');
  const engine = await openLake(lake);
  try {
    const since = DEMO_LOGS.start.getTime() / 1000;
    const investigation = await investigate(
      {
        ...EXPLAINED,
        ...{ protocol: TCP, since, until: since + 3600 },
        narrowing: { accounts: [], regions: [], vpcs: [] },
      },
      { engine, inventory: parseInventory([]), resolve: async () => [], now: since + 86_400 },
    );
    say(`${explainText(investigation, process.stdout.columns)}\n`);
  } finally {
    engine.close();
  }
}

/** @throws Error if a planted scenario does not show: then something is broken, and nobody should be told otherwise. */
function showPlanted(sightings: readonly Sighting[]): void {
  heading('5. What was planted, and where it shows');
  const columns = ['scenario', 'shows in', 'as'].map((name) => ({ name, kind: 'text' as const }));
  const rows = sightings.map(({ scenario, where, evidence }) => [
    scenario,
    where ?? 'nowhere',
    evidence ?? '',
  ]);
  say(`${formatTable({ columns, rows }, process.stdout.columns)}\n`);
  const missed = sightings.filter(({ where }) => where === undefined).map(({ scenario }) => scenario);
  if (missed.length > 0) throw new Error(`Planted, but not found: ${missed.join(', ')}.`);
}

const DAY = DEMO_LOGS.start.toISOString().slice(0, 10);

function nextSteps(lake: string): string {
  return `${styleText('bold', 'Next')}
  npm run -s flowlogs -- queries                                 # what else can be asked
  npm run -s flowlogs -- query rejected-traffic --lake ${lake}
  npm run -s flowlogs -- explain --source 10.20.12.0/23 --destination ${EXPLAINED.destination} --port ${EXPLAINED.port} \\
    --since ${DAY} --until ${DAY}T02:00 --lake ${lake}
  echo 'SELECT * FROM receipts' | npm run -s flowlogs -- query - --lake ${lake} -o json
  npm run -s flowlogs -- ingest PATH-TO-YOUR-FLOW-LOGS           # your own files, into ./lake
`;
}

/** Why the demo must not empty this folder; undefined if it is missing or empty, or as the demo left it. */
async function whyNotOurs(folder: string): Promise<string | undefined> {
  const found = await lstat(folder).catch((error: NodeJS.ErrnoException) => error);
  if (found instanceof Error) return found.code === 'ENOENT' ? undefined : `${found.message}.`;
  if (!found.isDirectory()) return `${folder} is no folder.`;
  const names = await readdir(folder);
  if (names.length === 0) return undefined;
  const left = await readFile(join(folder, MARKER), 'utf8').catch(() => undefined);
  if (left === undefined) return `${folder} holds something that the demo did not make.`;
  return left === UNFINISHED || left === (await countFiles(folder))
    ? undefined
    : `Something was added to ${folder} since the demo made it.`;
}

/** What the marker of a finished demo says: how many files there are. */
async function countFiles(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name !== MARKER);
  return `"flowlogs demo" made these ${files.length} files and will remove them when it runs again.\n`;
}

async function makeEmpty(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, MARKER), UNFINISHED);
}

function heading(text: string): void {
  say(`\n${styleText(['bold', 'underline'], text)}\n\n`);
}

function say(text: string): void {
  process.stdout.write(text);
}
