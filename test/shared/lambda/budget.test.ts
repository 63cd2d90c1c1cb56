import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBudget } from '../../../shared/lambda/budget.ts';

const later = () => new Promise((resolve) => setImmediate(resolve));

test('what runs at a time never costs more than the budget, and all of it runs in its order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 10 }), { maxLength: 30 }), async (costs) => {
      const budget = createBudget(10);
      const started: number[] = [];
      let running = 0;
      await Promise.all(
        costs.map((cost, index) =>
          budget.admit(cost, async () => {
            started.push(index);
            running += cost;
            expect(running).toBeLessThanOrEqual(10);
            await later();
            running -= cost;
          }),
        ),
      );
      expect(started).toEqual(costs.map((_, index) => index));
    }),
  );
});

test('what costs more than the whole budget runs, and alone', async () => {
  const budget = createBudget(10);
  const order: string[] = [];
  const job = (name: string, cost: number) =>
    budget.admit(cost, async () => {
      order.push(`${name} starts`);
      await later();
      order.push(`${name} ends`);
    });
  await Promise.all([job('small', 1), job('huge', 99), job('next', 1)]);
  expect(order).toEqual([
    'small starts',
    'small ends',
    'huge starts',
    'huge ends',
    'next starts',
    'next ends',
  ]);
});

test('work that fails gives back what it had', async () => {
  const budget = createBudget(1);
  await expect(budget.admit(1, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  expect(await budget.admit(1, async () => 'done')).toBe('done');
});
