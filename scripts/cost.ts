/**
 * What a month of flow logs costs, with your own figures; docs/cost.md has the usual ones.
 *
 *     npm run cost -- --accounts 30 --gb-per-account 10
 *     npm run cost -- --update              # writes docs/cost.md
 *     npm run cost -- --count-findings      # counts anew what findings take of DynamoDB, some seconds
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { FORMAT_NAMES } from '../bench/objects.ts';
import { costPage, FORMAT, OBJECT_SIZES, organizationBill } from '../docs/cost-page.ts';
import { ASSUMPTIONS, type Assumptions, assumptionsWith, DEFAULTS, optionName } from './cost/assumptions.ts';
import { FINDINGS_FILE } from './cost/findings-figures.ts';
import { measureFindings } from './cost/findings-load.ts';
import { readModel } from './cost/model.ts';

const PAGE = new URL('../docs/cost.md', import.meta.url);
/** The simulated time that findings are counted in. */
const HOURS = 24;

const names = Object.keys(ASSUMPTIONS) as (keyof Assumptions)[];

try {
  await run();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean', default: false },
      update: { type: 'boolean', default: false },
      'count-findings': { type: 'boolean', default: false },
      format: { type: 'string', default: FORMAT },
      'object-kb': { type: 'string' },
      ...Object.fromEntries(names.map((name) => [optionName(name), { type: 'string' as const }])),
    },
  });
  if (values.help) {
    console.log(help());
    return;
  }
  if (values['count-findings']) {
    await writeFile(FINDINGS_FILE, `${JSON.stringify(await measureFindings(HOURS), null, 2)}\n`);
  }
  if (values.update) {
    await writeFile(PAGE, costPage(await readModel(DEFAULTS)));
    return;
  }
  const format = FORMAT_NAMES.find((name) => name === values.format);
  if (format === undefined) throw new Error(`--format takes one of ${FORMAT_NAMES.join(', ')}.`);
  const sizes = values['object-kb'] === undefined ? OBJECT_SIZES : [sizeOf(values['object-kb'])];
  const texts = values as Readonly<Record<string, unknown>>;
  const given = names.flatMap((name) => {
    const text = texts[optionName(name)];
    return typeof text === 'string' ? [[name, text]] : [];
  });
  const assumptions = assumptionsWith(Object.fromEntries(given));
  console.log(organizationBill(await readModel(assumptions), sizes, format));
}

/** Bytes of so many kB. */
function sizeOf(text: string): number {
  const kilobytes = Number(text);
  if (kilobytes > 0 && Number.isFinite(kilobytes)) return kilobytes * 1000;
  throw new Error(`--object-kb takes a number above 0, not "${text}".`);
}

function help(): string {
  const lines = names.map(
    (name) => `  --${optionName(name).padEnd(22)}${ASSUMPTIONS[name].means} (${ASSUMPTIONS[name].value})`,
  );
  return [
    'What a month of flow logs costs an organization, in US dollars, by the average size of objects.',
    '',
    '  --object-kb             only this size, kB of gzip',
    `  --format                ${FORMAT_NAMES.join(', ')} (${FORMAT})`,
    '  --update                writes docs/cost.md, with what is usual',
    '  --count-findings        counts anew what findings take of DynamoDB',
    '',
    'What is assumed:',
    ...lines,
  ].join('\n');
}
