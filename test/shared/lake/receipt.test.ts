import { expect, test } from 'vitest';
import { RECEIPT_COLUMNS } from '../../../shared/lake/receipt-columns.ts';
import { receiptOf, STAMP, sourceOf } from './ingest-text.ts';

test('a receipt has the columns of its table, in their order', async () => {
  const receipt = await receiptOf(
    sourceOf(`srcaddr bytes start end\n10.0.0.1 5 ${STAMP} ${STAMP}\n10.0.0.1\n`),
  );
  expect(Object.keys(receipt)).toEqual(RECEIPT_COLUMNS.map(({ name }) => name));
});
