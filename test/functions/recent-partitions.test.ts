import { expect, test } from 'vitest';
import { recentPartitions } from '../../functions/register-partitions/recent-partitions.ts';

test('what is remembered has an end: the oldest is forgotten first, and what comes again is young', () => {
  const recent = recentPartitions(() => 0);
  const folder = (index: number) => `folder-${index}`;
  for (let index = 0; index < 10_000; index++) recent.add(folder(index));
  recent.add(folder(0));
  recent.add(folder(10_000));
  expect([0, 1, 2, 9_999, 10_000].map((index) => recent.has(folder(index)))).toEqual([
    true,
    false,
    true,
    true,
    true,
  ]);
});
