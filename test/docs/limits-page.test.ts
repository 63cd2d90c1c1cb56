import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Constant, SECTIONS } from '../../docs/limits.ts';
import { type FunctionLimits, limitsPage } from '../../docs/limits-page.ts';
import { load } from '../infrastructure/load-yaml.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

/** A number of the source: a constant, or a property of one. Products and powers of numbers are computed. */
function numberOf([file, name]: Constant): number {
  const [, product] =
    new RegExp(`(?:const ${name} =|\\b${name}:) ([\\d_]+(?: \\*\\*? [\\d_]+| \\* MiB)*)[;,\\n]`).exec(
      read(file),
    ) ?? [];
  if (product === undefined) throw new Error(`${file} defines no number ${name}: mend docs/limits.ts.`);
  const number = (text: string) => (text === 'MiB' ? 1024 * 1024 : Number(text.replaceAll('_', '')));
  return product
    .split(' * ')
    .map((factor) => factor.split(' ** ').map(number))
    .map(([base = 1, power = 1]) => base ** power)
    .reduce((value, factor) => value * factor);
}

interface Events {
  readonly sqs?: { readonly batchSize: number; readonly maximumConcurrency: number };
}

interface Serverless {
  readonly functions: Readonly<
    Record<string, { memorySize: number; timeout: number; events: readonly Events[] }>
  >;
}

// CloudFormation's tags say nothing here.
const { functions } = load(
  read('serverless.yml').replaceAll(/!(?:Sub|GetAtt) /g, ''),
) as unknown as Serverless;
const FUNCTIONS: readonly FunctionLimits[] = Object.entries(functions).map(
  ([name, { memorySize, timeout, events }]) => ({
    ...{ name, memorySize, timeout },
    batchSize: events[0]?.sqs?.batchSize,
    maximumConcurrency: events[0]?.sqs?.maximumConcurrency,
  }),
);

test('docs/limits.md says where things end (renew it with: npx vitest run test/docs --update)', async () => {
  await expect(limitsPage(numberOf, FUNCTIONS)).toMatchFileSnapshot(join(ROOT, 'docs/limits.md'));
});

const LIMITS = SECTIONS.flatMap(({ limits }) => limits);

test.each(LIMITS.map((limit) => [limit.what, limit] as const))(
  '%s: what shows it is there',
  (_, { shown: [file, text] }) => {
    expect(text.length).toBeGreaterThan(10);
    expect(read(file)).toContain(text);
  },
);

test('each limit is a number of the code or said in words, not both and not neither', () => {
  for (const { what, constant, value } of LIMITS)
    expect(constant === undefined, what).toBe(value !== undefined);
});

test('numbers of the code are read as the code has them', () => {
  expect(numberOf(['shared/lake/ingest.ts', 'DEFAULT_MAX_INFLATED_BYTES'])).toBe(8 * 1024 ** 3);
  expect(numberOf(['shared/lake/object-writer.ts', 'MAX_QUARANTINE_BYTES'])).toBe(64 * 1024 * 1024);
  expect(numberOf(['functions/ingest/memory.ts', 'MEMORY_BUDGET'])).toBe(1000 * 1024 * 1024);
  expect(() => numberOf(['shared/lake/ingest.ts', 'NOTHING'])).toThrow('defines no number NOTHING');
});
