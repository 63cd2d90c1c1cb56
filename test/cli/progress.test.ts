import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startStatusLine } from '../../cli/progress.ts';

let printed: string;
const { isTTY, columns } = process.stderr;

beforeEach(() => {
  printed = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    printed += text;
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  Object.assign(process.stderr, { isTTY, columns });
});

test('a status is written over the one before, cut to the terminal, and leaves nothing behind', () => {
  Object.assign(process.stderr, { isTTY: true, columns: 8 });
  const status = startStatusLine();
  status.show('queued');
  status.show('running, 3 s');
  status.clear();
  const start = '\u001b[1G\u001b[2K';
  expect(printed).toBe(`${start}queued${start}running${start}`);
});

test('where there is no terminal, nothing is written', () => {
  Object.assign(process.stderr, { isTTY: false });
  const status = startStatusLine();
  status.show('queued');
  status.clear();
  expect(printed).toBe('');
});
