import { mkdir, writeFile } from 'node:fs/promises';
import { memberAccountTemplate } from '../infrastructure/member-account.ts';

/** Writes the template for accounts that only deliver flow logs, `dist/flow-logs-member-account.json`. */
const FOLDER = new URL('../dist/', import.meta.url);

await mkdir(FOLDER, { recursive: true });
await writeFile(
  new URL('flow-logs-member-account.json', FOLDER),
  `${JSON.stringify(memberAccountTemplate(), null, 1)}\n`,
);
