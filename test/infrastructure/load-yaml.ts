import { createRequire } from 'node:module';

/** The YAML reader of the framework itself: what it takes is what counts. */
export const { load } = createRequire(createRequire(import.meta.url).resolve('serverless'))('js-yaml') as {
  load(text: string): Record<string, unknown>;
};
