import { join } from 'node:path';
import { expect, test } from 'vitest';
import { savedQueries } from '../../athena/saved-queries.ts';
import { queriesPage } from '../../docs/queries-page.ts';

test('docs/queries.md says what the queries do (renew it with: npx vitest run test/docs --update)', async () => {
  const page = queriesPage(await savedQueries());
  await expect(page).toMatchFileSnapshot(join(import.meta.dirname, '../../docs/queries.md'));
});
