import { expect, test } from 'vitest';
import { bytesText, scanCost } from '../../athena/scan-cost.ts';

test.each([
  [1e12, 5],
  // Ten megabytes at least, whole megabytes above.
  [1, 0.000_05],
  [10_000_000, 0.000_05],
  [10_000_001, 0.000_055],
  [0, 0],
])('%d bytes cost %d dollars', (bytes, dollars) => {
  expect(scanCost(bytes)).toBeCloseTo(dollars, 9);
});

test.each([
  [0, '0 bytes'],
  [999, '999 bytes'],
  [1000, '1.0 kB'],
  [999_949, '999.9 kB'],
  [999_950, '1.0 MB'],
  [123_456_789, '123.5 MB'],
  [2.5e12, '2.5 TB'],
  [5e18, '5000.0 PB'],
])('%d bytes are %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});
