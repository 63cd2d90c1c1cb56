import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { goal } from '../../bench/figures.ts';
import { linesOfLarge } from '../../bench/large.ts';
import { blockOf, linesOfOccasion, type Measured, readMeasured, withBlock } from '../../bench/measured.ts';
import { linesOfSmall } from '../../bench/small-objects.ts';

describe('bench/README.md', () => {
  let page: string;
  let measured: Measured;
  beforeAll(async () => {
    page = await readFile(join(import.meta.dirname, '../../bench/README.md'), 'utf8');
    measured = await readMeasured();
  });

  test.each([
    ['occasion', (kept: Measured) => linesOfOccasion(kept)],
    ['large', (kept: Measured) => linesOfLarge(kept.formats)],
    ['small', (kept: Measured) => linesOfSmall(kept.smallObjects)],
  ])('shows the kept figures of %s (renew them with: npm run bench -- --save)', (block, lines) => {
    expect(blockOf(page, block)).toEqual(lines(measured));
  });

  test.each(['wall', 'memory', 'cold'])('shows the figures of %s of the same run', (block) => {
    expect(blockOf(page, block).some((line) => line.includes('goal: '))).toBe(true);
  });
});

test('new figures take the place of the old ones of their block alone', () => {
  const block = (name: string, line: string) => `<!-- figures: ${name} -->\n\`\`\`\n${line}\n\`\`\`\n`;
  const page = (a: string) => `# Page\n\n${block('a', a)}\nbetween\n\n${block('b', 'old b')}`;
  expect(withBlock(page('old a'), 'a', ['new', 'lines'])).toBe(page('new\nlines'));
  expect(blockOf(page('old a'), 'b')).toEqual(['old b']);
  expect(() => withBlock(page('old a'), 'c', [])).toThrow('no block for the figures of c');
});

test.each([
  [1.2, 'at most', 1.2, true],
  [1.21, 'at most', 1.2, false],
  [1.8, 'at least', 1.8, true],
  [1.79, 'at least', 1.8, false],
  [159.9, 'under', 160, true],
  [160, 'under', 160, false],
] as const)('%d is judged by its goal, %s %d', (figure, relation, limit, isMet) => {
  const line = goal('name', figure, relation, limit);
  expect(line).toContain(`goal: ${relation} ${limit}`);
  expect(!line.includes('MISSED')).toBe(isMet);
});
