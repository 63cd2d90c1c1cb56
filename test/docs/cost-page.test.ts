import { join } from 'node:path';
import { expect, test } from 'vitest';
import { costPage } from '../../docs/cost-page.ts';
import { DEFAULTS } from '../../scripts/cost/assumptions.ts';
import { readModel } from '../../scripts/cost/model.ts';

test('docs/cost.md says what the cost model computes (renew it with: npm run cost -- --update)', async () => {
  const page = costPage(await readModel(DEFAULTS));
  await expect(page).toMatchFileSnapshot(join(import.meta.dirname, '../../docs/cost.md'));
});
