import { readMeasured } from '../../bench/measured.ts';
import type { Assumptions } from './assumptions.ts';
import type { Model } from './counts.ts';
import { readFindingsLoad } from './findings-figures.ts';
import { readStack } from './stack.ts';

/**
 * All that the cost of a volume depends on, from the files that hold it.
 *
 * @throws Error that says how to make what is missing.
 */
export async function readModel(assumptions: Assumptions): Promise<Model> {
  const measured = await readMeasured().catch((cause: unknown) => {
    throw new Error("bench/measured.json can't be read. Make it with: npm run bench -- --save", { cause });
  });
  return { measured, findings: await readFindingsLoad(), stack: await readStack(), assumptions };
}
