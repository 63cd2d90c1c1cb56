import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EXPLAIN_USAGE } from '../../cli/commands/explain.ts';
import { explainPage } from '../../docs/explain-page.ts';
import { RULES } from '../../shared/explain/rules.ts';
import { explained } from '../shared/explain/plain-traffic.ts';
import { EXAMPLES } from '../shared/explain/rule-examples.ts';

const PAGE = explainPage(
  EXAMPLES.map(([, what, given]) => ({ what, explanation: explained(given) })),
  EXPLAIN_USAGE,
);

test('docs/explain.md says what the rules do (renew it with: npx vitest run test/docs --update)', async () => {
  await expect(PAGE).toMatchFileSnapshot(join(import.meta.dirname, '../../docs/explain.md'));
});

test.each(RULES.map(({ id }) => id))('%s can be looked up by what was seen', (id) => {
  expect(PAGE).toContain(`| [${id}](#${id}) |`);
  expect(PAGE).toContain(`\n### ${id}\n`);
});
