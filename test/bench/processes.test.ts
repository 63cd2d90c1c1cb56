import { describe, expect, test } from 'vitest';
import { ENVIRONMENT } from '../../bench/environment.ts';
import { runNode } from '../../bench/processes.ts';
import { type FunctionName, readConfig, VARIABLES_OF } from '../../shared/config.ts';

describe('a process of its own', () => {
  test('is not charged with the memory of the process that starts it', async () => {
    const large = Buffer.alloc(300 * 1024 * 1024, 1);
    const script = 'console.log(process.resourceUsage().maxRSS * 1024)';
    const peak = Number(await runNode(['-e', script], [], process.env));
    expect(process.memoryUsage.rss()).toBeGreaterThan(large.length);
    expect(peak).toBeLessThan(150 * 1024 * 1024);
  });

  test('that fails is told with what it printed last', async () => {
    const script = 'console.error("why it failed"); process.exit(3)';
    await expect(runNode(['-e', script], [], process.env)).rejects.toThrow('why it failed');
  });
});

test.each(Object.keys(VARIABLES_OF) as FunctionName[])(
  'the function %s starts in the environment of the bench',
  (name) => {
    expect(() => readConfig(name, ENVIRONMENT)).not.toThrow();
  },
);
