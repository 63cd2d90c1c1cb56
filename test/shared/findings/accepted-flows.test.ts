import { expect, test } from 'vitest';
import { createAcceptedFlows } from '../../../shared/findings/accepted-flows.ts';

type Flow = Parameters<ReturnType<typeof createAcceptedFlows>['add']>;

const flow = (index: number): Flow => [
  index % 7,
  index * 0x9e3779b1,
  ~index,
  1024 + (index % 60_000),
  443,
  6,
];

test.each([1, 1000, 1023, 1024, 1025, 1026, 3000])(
  'of %i accepted flows nearly all are known, and no other is',
  (count) => {
    const flows = createAcceptedFlows();
    for (let index = 0; index < count; index++) flows.add(...flow(index));
    const known = Array.from({ length: count }, (_, index) => flows.has(...flow(index))).filter(
      Boolean,
    ).length;
    // A newer flow may take an older one's place: two of 2^17 places, so rarely.
    expect(known).toBeGreaterThanOrEqual(Math.floor(count * 0.98));
    for (let index = count; index < count + 1000; index++) expect(flows.has(...flow(index))).toBe(false);
  },
);

test('the latest flow is always known, in whichever table', () => {
  const flows = createAcceptedFlows();
  for (let index = 0; index < 2000; index++) {
    flows.add(...flow(index));
    expect(flows.has(...flow(index))).toBe(true);
  }
});
