import packageJson from '../package.json' with { type: 'json' };

/** The version of flowlogs, also in every receipt. */
export const VERSION = packageJson.version;
export const DESCRIPTION = packageJson.description;
