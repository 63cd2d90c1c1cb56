/** Options that several commands share, so that they read and behave the same everywhere. */

import { InvalidArgumentError, Option } from 'commander';
import { OUTPUT_FORMATS } from './output.ts';

/** `--lake DIR`, else the environment variable FLOWLOGS_LAKE, else `./lake`. */
export function lakeOption(): Option {
  return new Option('--lake <dir>', 'folder of the lake')
    .env('FLOWLOGS_LAKE')
    .default('./lake')
    .argParser((text: string) => {
      if (text === '') throw new InvalidArgumentError('It takes the path of a folder.');
      return text;
    });
}

/** `-o, --output FORMAT`; tables by default. */
export function outputOption(formats: readonly string[] = OUTPUT_FORMATS): Option {
  return new Option('-o, --output <format>', 'how to print the answer').choices(formats).default('table');
}

/** The value of an option that takes a count. @throws InvalidArgumentError for what is none. */
export function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(count) || count < 1) {
    throw new InvalidArgumentError('It takes a whole number above 0.');
  }
  return count;
}
