import { type Command, Option } from 'commander';
import type { QueryResult } from '../../athena/query-engine.ts';
import { QueryError } from '../../athena/query-error.ts';
import type { QueueName } from '../../infrastructure/names.ts';
import type { DeadLetter, Redriven, SelectedReason } from '../../operate/dead-letters.ts';
import { PERMANENT_REASONS, type PermanentReason } from '../../shared/errors.ts';
import { isoTime } from '../../shared/explain/iso-time.ts';
import { count } from '../../shared/findings/wording.ts';
import { outputOption, parseCount } from '../options.ts';
import { formatDocument, formatResult, note, type OutputFormat, visible } from '../output.ts';
import { startStatusLine } from '../progress.ts';
import { addStackOptions, type StackOptions, withStack } from '../stack.ts';

interface DlqOptions extends StackOptions {
  readonly queue?: readonly QueueName[];
  readonly reason?: readonly SelectedReason[];
  readonly output: OutputFormat;
}

interface ListOptions extends DlqOptions {
  readonly limit: number;
}

interface RedriveOptions extends DlqOptions {
  readonly id?: readonly string[];
  readonly all?: true;
  readonly dryRun?: true;
}

/** What is announced in each queue, and so in its dead-letter queue. */
const QUEUES: Readonly<Record<QueueName, string>> = {
  ingest: 'raw objects',
  partition: 'records in the lake',
  finding: 'findings in the lake',
  delivery: 'receipts in the lake',
};
const QUEUE_NAMES = Object.keys(QUEUES) as QueueName[];

/** What the command's help says after its options. */
export const DLQ_USAGE = `
Queues: ${Object.entries(QUEUES)
  .map(([name, what]) => `${name} (${what})`)
  .join(', ')}.
What the reasons mean: docs/deploy.md. "none" stands for messages that failed five times.

Examples:
  flowlogs dlq list --stage prod
  flowlogs dlq list --stage prod --queue ingest --reason corrupt-gzip -o csv
  flowlogs dlq show 0f2b4c1e-9a6d-4f0e-8a53-2c1b7d9e6f10 --stage prod
  flowlogs dlq redrive --stage prod --reason none --dry-run
  flowlogs dlq redrive --stage prod --all`;

/** Adds `flowlogs dlq list`, `show ID` and `redrive`. */
export function registerDlq(program: Command): void {
  const dlq = program
    .command('dlq')
    .summary('what could not be processed: look at it, send it back')
    .description(
      'Look at the dead-letter queues of a deployed stack, and send messages back to be processed again.',
    )
    .addHelpText('after', DLQ_USAGE);

  const list = dlq
    .command('list')
    .summary('list the messages, with their reasons')
    .description(
      'List the messages of the dead-letter queues. They stay there; for a moment nobody else sees them.',
    )
    .option('--limit <count>', 'messages of each queue', parseCount, 1000)
    .addOption(queueOption())
    .addOption(reasonOption())
    .addOption(outputOption());
  addStackOptions(list)
    .addHelpText('after', DLQ_USAGE)
    .action((options: ListOptions) => listLetters(options));

  const show = dlq
    .command('show')
    .summary('show one message: what is wrong, and where to look')
    .description('Show one message of the dead-letter queues: what is wrong, where to look and what to do.')
    .argument('<id>', 'its id, as "dlq list" shows it')
    .addOption(queueOption())
    .addOption(outputOption(['table', 'json']));
  addStackOptions(show)
    .addHelpText('after', DLQ_USAGE)
    .action((id: string, options: DlqOptions) => showLetter(id, options));

  const redrive = dlq
    .command('redrive')
    .summary('send messages back to their queues')
    .description(
      'Send messages from the dead-letter queues back to their queues, one by one: first sent, then deleted. What was done ' +
        'before is skipped, so that nothing is done twice.',
    )
    .option('--id <id...>', 'only these messages')
    .addOption(reasonOption())
    .option('--all', 'every message')
    .addOption(queueOption())
    .option('--dry-run', 'only say what would be sent back')
    .addOption(outputOption());
  addStackOptions(redrive)
    .addHelpText('after', DLQ_USAGE)
    .action((options: RedriveOptions) => redriveLetters(options));
}

function queueOption(): Option {
  return new Option('--queue <name...>', 'only these queues').choices(QUEUE_NAMES);
}

function reasonOption(): Option {
  const reasons: readonly SelectedReason[] = [
    ...(Object.keys(PERMANENT_REASONS) as PermanentReason[]),
    'none',
  ];
  return new Option('--reason <reason...>', 'only messages with these reasons').choices(reasons);
}

async function listLetters(options: ListOptions): Promise<void> {
  await withStack(options, async ({ stack, settings, signal }) => {
    const { listDeadLetters, logGroupOf } = await import('../../operate/dead-letters.ts');
    const sqs = await sqsClient(settings);
    const selection = { queues: options.queue ?? QUEUE_NAMES, reasons: options.reason };
    const { letters, isCut } = await listDeadLetters(sqs, stack, selection, options.limit, signal);
    process.stdout.write(
      formatResult(asResult(letters, options.output), options.output, process.stdout.columns),
    );
    if (isCut) note(`Stopped at ${options.limit} messages of a queue; --limit N shows more.`);
    for (const [queue, ofQueue] of Map.groupBy(letters, (letter) => letter.queue)) {
      const unexplained = ofQueue.filter(({ reason }) => reason === undefined).length;
      if (unexplained > 0) {
        note(
          `${count(unexplained, 'message')} of ${queue} without a reason failed five times. The log ` +
            `${logGroupOf(stack.stage, queue)} says why: search for an id.`,
        );
      }
    }
    if (letters.length > 0) note('More about one: flowlogs dlq show ID. Send back: flowlogs dlq redrive.');
  });
}

/** With everything for programs; a table has no room for what `show` shows. */
function asResult(letters: readonly DeadLetter[], output: OutputFormat): QueryResult {
  const isTable = output === 'table';
  const columns = [
    { name: 'queue', of: ({ queue }: DeadLetter) => queue },
    { name: 'id', of: ({ id }: DeadLetter) => id },
    { name: 'sent', of: ({ sentAt }: DeadLetter) => isoTime(Math.floor(sentAt)) },
    { name: 'reason', of: ({ reason }: DeadLetter) => reason ?? null },
    {
      name: 'announces',
      of: ({ announces }: DeadLetter) =>
        isTable ? (announces.length === 0 ? null : announcedText(announces)) : announces,
    },
    ...(isTable ? [] : [{ name: 'error', of: ({ error }: DeadLetter) => error ?? null }]),
  ];
  return {
    columns: columns.map(({ name }) => ({ name, kind: 'text' })),
    rows: letters.map((letter) => columns.map(({ of }) => of(letter))),
  };
}

function announcedText([first = '', ...more]: readonly string[]): string {
  return more.length === 0 ? first : `${first} and ${more.length} more`;
}

async function showLetter(id: string, options: DlqOptions): Promise<void> {
  await withStack(options, async ({ stack, settings, signal }) => {
    const { listDeadLetters, logGroupOf, meaningOf, queueNames } = await import(
      '../../operate/dead-letters.ts'
    );
    const sqs = await sqsClient(settings);
    const selection = { queues: options.queue ?? QUEUE_NAMES, ids: [id] };
    const [letter] = (await listDeadLetters(sqs, stack, selection, 1, signal)).letters;
    if (letter === undefined) throw new Error(notFound(id));
    const { queue, sentAt, reason, error, loggedAs, receives, announces, body } = letter;
    const names = queueNames(stack.stage, queue);
    const lines: readonly (readonly [string, string])[] = [
      ['message', `${letter.id} in ${names.deadLetters}`],
      ['sent', isoTime(Math.floor(sentAt))],
      ['received', `${receives} times; looking at it counts`],
      ['reason', reason === undefined ? meaningOf(letter) : `${reason}: ${meaningOf(letter)}`],
      ...(error === undefined ? [] : [['error', error] as const]),
      ['announces', announces.length === 0 ? 'nothing that is understood' : announces.join('\n')],
      ['look at', `the log ${logGroupOf(stack.stage, queue)}: search for "${loggedAs}"`],
      ['then', `flowlogs dlq redrive --stage ${stack.stage} --id ${letter.id}`],
      ['body', body],
    ];
    if (options.output === 'json') {
      const document = { ...letter, meaning: meaningOf(letter), log: logGroupOf(stack.stage, queue) };
      process.stdout.write(formatDocument({ ...document, sentAt: isoTime(Math.floor(sentAt)) }));
    } else {
      process.stdout.write(lines.map(([name, value]) => block(name, value)).join(''));
    }
  });
}

const NAME_WIDTH = 12;

function block(name: string, value: string): string {
  const text = visible(value, { keepLineFeeds: true }).replaceAll('\n', `\n${' '.repeat(NAME_WIDTH)}`);
  return `${name.padEnd(NAME_WIDTH)}${text}\n`;
}

async function redriveLetters(options: RedriveOptions): Promise<void> {
  const { id: ids, reason: reasons, all, dryRun = false } = options;
  if (ids === undefined && reasons === undefined && all === undefined) {
    throw new QueryError('Which messages? Name them with --id or --reason, or take --all.');
  }
  await withStack(options, async ({ stack, settings, signal }) => {
    const { redrive } = await import('../../operate/dead-letters.ts');
    const redriven: Redriven[] = [];
    const print = () =>
      process.stdout.write(formatResult(outcomes(redriven), options.output, process.stdout.columns));
    const status = startStatusLine();
    const selection = { queues: options.queue ?? QUEUE_NAMES, reasons, ids };
    try {
      await redrive(await sqsClient(settings), stack, selection, {
        dryRun,
        signal,
        onMove(each) {
          redriven.push(each);
          status.show(count(redriven.length, 'message'));
        },
      });
    } catch (error) {
      // What was moved before is told all the same.
      if (redriven.length > 0) print();
      throw error;
    } finally {
      status.clear();
    }
    print();
    const missing = ids?.filter((id) => redriven.every(({ letter }) => letter.id !== id)) ?? [];
    for (const id of missing) note(notFound(id));
    const failures = redriven.filter(({ error }) => error !== undefined);
    for (const { letter, outcome, error } of failures) {
      const what =
        outcome === 'both'
          ? 'was sent back and could not be deleted here. That does no harm: what is done is not done again'
          : 'stays where it is';
      note(`${letter.id} ${what}: ${visible(error!.message)}`);
    }
    if (dryRun) note(`${count(redriven.length, 'message')} would be sent back.`);
    else note(`${count(redriven.length - failures.length, 'message')} sent back. What fails again returns.`);
    if (missing.length > 0 || failures.length > 0) process.exitCode = 1;
  });
}

function outcomes(redriven: readonly Redriven[]): QueryResult {
  return {
    columns: ['queue', 'id', 'reason', 'announces', 'outcome'].map((name) => ({ name, kind: 'text' })),
    rows: redriven.map(({ letter: { queue, id, reason, announces }, outcome }) => [
      queue,
      id,
      reason ?? null,
      announces.length === 0 ? null : announcedText(announces),
      outcome,
    ]),
  };
}

function notFound(id: string): string {
  return (
    `There is no message ${visible(id)} in the dead-letter queues. "flowlogs dlq list" shows which there are; one that ` +
    'someone else looks at is hidden for up to five minutes.'
  );
}

async function sqsClient(settings: object) {
  const { SQSClient } = await import('@aws-sdk/client-sqs');
  return new SQSClient(settings);
}
