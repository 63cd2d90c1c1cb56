import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lakePage } from '../../docs/lake-page.ts';

test('docs/lake.md says what the code does (renew it with: npx vitest run test/docs --update)', async () => {
  await expect(lakePage()).toMatchFileSnapshot(join(import.meta.dirname, '../../docs/lake.md'));
});
