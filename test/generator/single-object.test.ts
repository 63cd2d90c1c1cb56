import { describe, expect, test } from 'vitest';
import { generateSingleObject, type SingleObjectOptions } from '../../generator/single-object.ts';
import { textOf } from './generated-lines.ts';

const rows = (options: SingleObjectOptions): string[][] =>
  textOf(generateSingleObject(options))
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' '));

describe.each([
  ['vpc', 'default', 14],
  ['vpc', 'standard', 29],
  ['vpc', 'full', 54],
  ['transit-gateway', 'default', 36],
] as const)('one %s object in format %s', (kind, flowLogFormat, columns) => {
  test.each([1, 999, 20_000])('has exactly %d records, each with all columns', (records) => {
    const [header, ...lines] = rows({ records, kind, flowLogFormat });
    expect(lines).toHaveLength(records);
    expect(header).toHaveLength(columns);
    for (const line of lines) expect(line).toHaveLength(columns);
  });
});

test('the same seed gives the same bytes, another seed others', () => {
  const text = (seed: number): string => textOf(generateSingleObject({ records: 3000, seed }));
  expect(text(1)).toBe(text(1));
  expect(text(1)).not.toBe(text(2));
});

test('has the mix of a busy VPC: one account, many interfaces, 5 to 10 % REJECT, a little NODATA, rare SKIPDATA', () => {
  const [, ...lines] = rows({ records: 100_000 });
  const share = (text: string): number => lines.filter((line) => line.includes(text)).length / lines.length;
  expect(share('REJECT')).toBeGreaterThan(0.05);
  expect(share('REJECT')).toBeLessThan(0.1);
  expect(share('NODATA')).toBeGreaterThan(0);
  expect(share('NODATA')).toBeLessThan(0.02);
  expect(share('SKIPDATA')).toBeGreaterThan(0);
  expect(share('SKIPDATA')).toBeLessThan(0.001);
  expect(new Set(lines.map((line) => line[2])).size).toBeGreaterThan(200);
  expect(new Set(lines.map((line) => line[1])).difference(new Set(['unknown'])).size).toBe(1);
});

test('all records end within one slot', () => {
  const [, ...lines] = rows({ records: 20_000 });
  const ends = lines.map((line) => Number(line[11]));
  expect(Math.max(...ends) - Math.min(...ends)).toBeLessThan(300);
  expect(Math.min(...ends) % 300).toBeLessThan(60);
});

test('chunks come long before the object is complete', () => {
  const chunks = generateSingleObject({ records: 50_000_000 });
  expect(chunks.next().value!.length).toBeLessThan(2_000_000);
  chunks.return();
});
