import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // The second reporter ends the run with a plain line that any CI can count.
    reporters: ['default', './test/count-reporter.ts'],
    // Two cores are the smallest machine we run on; fixtures and property tests are CPU bound.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Its imports have no endings, which Node alone does not resolve.
    server: { deps: { inline: ['dt-sql-parser'] } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/integration/**'],
          isolate: false,
          setupFiles: 'test/fresh-start.ts',
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          globalSetup: 'test/integration/global-setup.ts',
          // All files share one moto_server, which each of them resets.
          fileParallelism: false,
          // After the unit tests, which keep both cores busy.
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
