import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { contentOf, receiptOf, sourceOf } from './shared/lake/ingest-text.ts';
import { memoryStore } from './shared/lake/memory-store.ts';

/**
 * Each folder of fixtures/golden holds an input and what must become of it: records and quarantine exactly, findings as
 * JSON that people can read. Most inputs are the examples of AWS's page "Flow log record examples".
 */
const FOLDER = join(import.meta.dirname, 'fixtures/golden');

test.each(readdirSync(FOLDER))('%s', async (name) => {
  const folder = join(FOLDER, name);
  const lake = memoryStore();
  const input = readFileSync(join(folder, 'input.log'));
  const receipt = await receiptOf(sourceOf(input, { key: `${name}.log` }), lake);
  const content = contentOf(lake.objects);
  const of = (table: string) =>
    Object.entries(content)
      .filter(([key]) => key.startsWith(table))
      .map(([key, text]) => `${key.replace(/\/[^/]*$/, '')}\n${text}`)
      .join('');
  const findings = of('findings/')
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
  await expect(of('flow_logs/') + of('transit_gateway_flow_logs/')).toMatchFileSnapshot(
    join(folder, 'records.txt'),
  );
  await expect(of('quarantine/')).toMatchFileSnapshot(join(folder, 'quarantine.txt'));
  await expect(`${JSON.stringify(findings, null, 2)}\n`).toMatchFileSnapshot(join(folder, 'findings.json'));
  expect(receipt.lines).toBe(receipt.records + receipt.quarantined);
});
