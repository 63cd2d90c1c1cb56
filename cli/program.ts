/** The `flowlogs` command: its subcommands, and what they have in common when they end. */

import { Command, CommanderError } from 'commander';
import { QueryError } from '../athena/query-error.ts';
import { DESCRIPTION, VERSION } from '../shared/version.ts';
import { registerAlerts } from './commands/alerts.ts';
import { registerDemo } from './commands/demo.ts';
import { registerDlq } from './commands/dlq.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerExplain } from './commands/explain.ts';
import { registerGenerate } from './commands/generate.ts';
import { registerIngest } from './commands/ingest.ts';
import { registerQueries } from './commands/queries.ts';
import { registerQuery } from './commands/query.ts';
import { registerReconcile } from './commands/reconcile.ts';
import { registerReplay } from './commands/replay.ts';
import { registerReprocess } from './commands/reprocess.ts';
import { registerStatus } from './commands/status.ts';
import { visible } from './output.ts';

/** Exit statuses of every command. 0: done. */
const FAILED = 1;
const WRONG_USAGE = 2;

function createProgram(): Command {
  const program = new Command('flowlogs')
    .description(DESCRIPTION)
    .version(VERSION)
    .showHelpAfterError('Add --help for usage and examples.')
    .configureOutput({ writeErr: (text) => process.stderr.write(visible(text, { keepLineFeeds: true })) })
    // Commander would exit with 1 for wrong usage, and before output to a pipe is written.
    .exitOverride();
  registerAlerts(program);
  registerDemo(program);
  registerDlq(program);
  registerDoctor(program);
  registerExplain(program);
  registerGenerate(program);
  registerIngest(program);
  registerQueries(program);
  registerQuery(program);
  registerReconcile(program);
  registerReplay(program);
  registerReprocess(program);
  registerStatus(program);
  return program;
}

/** The exit status for what a command threw; says what happened on standard error, without a stack trace. */
function report(error: unknown): number {
  // Commander has said what is wrong itself.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_USAGE;
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`flowlogs: ${visible(message, { keepLineFeeds: true })}\n`);
  if (process.env.FLOWLOGS_DEBUG && error instanceof Error)
    process.stderr.write(`${visible(error.stack ?? '', { keepLineFeeds: true })}\n`);
  return error instanceof QueryError ? WRONG_USAGE : FAILED;
}

// The reader of a pipe may have seen enough: `flowlogs query … | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

try {
  await createProgram().parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
