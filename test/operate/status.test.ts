import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { lastReceipts } from '../../operate/status.ts';

const NOW = Date.UTC(2026, 10, 20, 12) / 1000;

/** A lake with so many receipts of today, the last one written last. */
function lakeOf(count: number) {
  const listing = {
    async *objects(prefix: string) {
      if (prefix !== 'receipts/day=2026-11-20/') return;
      for (let index = 0; index < count; index++) {
        yield {
          key: `${prefix}${index}`,
          size: 1,
          etag: 'e',
          lastModified: NOW - count + index,
          isArchived: false,
        };
      }
    },
  };
  const lake = { get: async (key: string) => Readable.from([Buffer.from(JSON.stringify({ source: key }))]) };
  return { listing, lake };
}

test('of a day with more receipts than are listed says so', async () => {
  const { listing, lake } = lakeOf(20_001);
  expect(await lastReceipts(listing, lake, 3, NOW)).toMatchObject({ isCut: true, receipts: { length: 3 } });
});

test('the receipts that were written last come first', async () => {
  const { listing, lake } = lakeOf(12);
  const { receipts, isCut } = await lastReceipts(listing, lake, 2, NOW);
  expect(isCut).toBe(false);
  expect(receipts.map(({ source }) => source)).toEqual(
    ['11', '10'].map((n) => `receipts/day=2026-11-20/${n}`),
  );
});
