import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // The second reporter ends the run with a plain line that any CI can count.
    reporters: ['default', './test/count-reporter.ts'],
    // Two cores are the smallest machine we run on; fixtures and property tests are CPU bound.
    maxWorkers: 2,
    testTimeout: 60_000,
  },
});
