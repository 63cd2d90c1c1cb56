import { describe, expect, test } from 'vitest';
import { POINTS } from '../../../shared/explain/observation.ts';
import { RULES } from '../../../shared/explain/rules.ts';
import { explained } from './plain-traffic.ts';
import { EXAMPLES } from './rule-examples.ts';

test('every rule has an example', () => {
  const shown = new Set(EXAMPLES.map(([rule]) => rule));
  expect(RULES.map(({ id }) => id).filter((id) => !shown.has(id))).toEqual([]);
});

describe.each(EXAMPLES)('%s', (rule, what, given) => {
  test(what, () => {
    const explanation = explained(given);
    expect(explanation.rule).toBe(rule);
    // What is not observed has its reason.
    for (const point of POINTS) {
      const { state, why } = explanation.points[point];
      expect(why !== undefined, point).toBe(state === 'not-observed');
    }
  });
});
