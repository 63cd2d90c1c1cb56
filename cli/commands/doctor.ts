import { styleText } from 'node:util';
import type { Command } from 'commander';
import type { QueryResult } from '../../athena/query-engine.ts';
import type { Check } from '../../operate/doctor/check.ts';
import { outputOption } from '../options.ts';
import { formatResult, type OutputFormat, visible } from '../output.ts';
import { startStatusLine } from '../progress.ts';
import { addStackOptions, type StackOptions, withStack } from '../stack.ts';

interface DoctorOptions extends StackOptions {
  readonly output: OutputFormat;
}

/** What the command's help says after its options. */
export const DOCTOR_USAGE = `
Nothing is changed. What you may not look at is a warning; the rights to deploy suffice for all of it. One query of a day's
receipts is run in Athena, which costs less than a cent. Exit status 1 if something fails.

Examples:
  flowlogs doctor --stage prod
  flowlogs doctor --stage prod -o json | jq '.[] | select(.status != "ok")'`;

/** Adds `flowlogs doctor`. */
export function registerDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .summary('is a deployed stack set up as it should be?')
    .description(
      'Check a deployed stack: flow logs and their delivery, buckets and what they announce, policies, keys, queues, ' +
        'topics, tables and a query.',
    )
    .addOption(outputOption());
  addStackOptions(command)
    .addHelpText('after', DOCTOR_USAGE)
    .action((options: DoctorOptions) => examineStack(options));
}

async function examineStack(options: DoctorOptions): Promise<void> {
  await withStack(options, async ({ stack, settings, signal }) => {
    const status = startStatusLine();
    status.show('Looking at everything');
    const [{ openClients }, { examineAll }, { stackResources }] = await Promise.all([
      import('../../operate/doctor/clients.ts'),
      import('../../operate/doctor/doctor.ts'),
      import('../../operate/doctor/stack.ts'),
    ]);
    const aws = openClients(settings);
    const resources = await stackResources(aws, stack.name);
    const checks = await examineAll({ stack, resources, aws, signal, now: Date.now() / 1000 }).finally(() =>
      status.clear(),
    );
    process.stdout.write(
      options.output === 'table'
        ? checks.map(checkText).join('')
        : formatResult(asResult(checks), options.output, process.stdout.columns),
    );
    const countOf = (status: Check['status']) => checks.filter((check) => check.status === status).length;
    process.stderr.write(`${countOf('ok')} ok, ${countOf('warn')} to look at, ${countOf('fail')} failed.\n`);
    if (countOf('fail') > 0) process.exitCode = 1;
  });
}

const STYLES = { ok: 'green', warn: 'yellow', fail: 'red' } as const;

function checkText({ name, status, found, todo }: Check): string {
  const lines = [
    `${styleText(STYLES[status], status.padEnd(4))}  ${visible(name)}: ${visible(found)}`,
    ...(todo === undefined ? [] : [`      ${visible(todo)}`]),
  ];
  return `${lines.join('\n')}\n`;
}

function asResult(checks: readonly Check[]): QueryResult {
  return {
    columns: ['status', 'check', 'found', 'todo'].map((name) => ({ name, kind: 'text' })),
    rows: checks.map(({ status, name, found, todo }) => [status, name, found, todo ?? null]),
  };
}
