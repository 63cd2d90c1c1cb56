import { styleText } from 'node:util';
import type { Command } from 'commander';
import type { QueryValue } from '../../athena/query-engine.ts';
import type { AlarmStatus, DelivererStatus, LastHour, QueueStatus } from '../../operate/status.ts';
import { lengthText } from '../../shared/alerts/message/times.ts';
import { isoTime } from '../../shared/explain/iso-time.ts';
import { count } from '../../shared/findings/wording.ts';
import type { Receipt } from '../../shared/lake/receipt.ts';
import { outputOption, parseCount } from '../options.ts';
import { formatDocument, formatTable, note, visible } from '../output.ts';
import { addStackOptions, type StackOptions, withStack } from '../stack.ts';

interface StatusOptions extends StackOptions {
  readonly policy?: string;
  readonly receipts: number;
  readonly output: 'table' | 'json';
}

/** What the command's help says after its options. */
export const STATUS_USAGE = `
The lag is from the time that an object is for until it was ingested: 10 to 15 minutes of it are AWS's own. An account is
silent that delivered regularly and then nothing for the policy's time. Exit status 1 if a part could not be looked at.

Examples:
  flowlogs status --stage prod
  flowlogs status --stage prod --policy stages/prod.yml -o json | jq '.queues[] | select(.deadLetters > 0)'`;

/** Adds `flowlogs status`. */
export function registerStatus(program: Command): void {
  const command = program
    .command('status')
    .summary('does the pipeline keep up, and what is stuck?')
    .description(
      'Show how a deployed stack is: alarms, lag, queues, dead letters, who delivers, and the last receipts.',
    )
    .option(
      '--policy <file>',
      'stage file or alert policy that says when an account is silent (default: the usual)',
    )
    .option('--receipts <count>', 'how many of the last receipts to show', parseCount, 5)
    .addOption(outputOption(['table', 'json']));
  addStackOptions(command)
    .addHelpText('after', STATUS_USAGE)
    .action((options: StatusOptions) => showStatus(options));
}

async function showStatus(options: StatusOptions): Promise<void> {
  const { readPolicy } = await import('../../local/alert-policy.ts');
  const policy = await readPolicy(options.policy);
  await withStack(options, async ({ stack, settings, signal }) => {
    const [
      { alarmsOn, deliverers, lastHour, lastReceipts, queueStatuses },
      { dynamoDbDeliveries },
      { s3Listing },
      { s3Store },
      { CloudWatchClient },
      { DynamoDBClient },
      { DynamoDBDocumentClient },
      { S3Client },
      { SQSClient },
    ] = await Promise.all([
      import('../../operate/status.ts'),
      import('../../shared/aws/dynamodb-deliveries.ts'),
      import('../../shared/aws/s3-listing.ts'),
      import('../../shared/aws/s3-store.ts'),
      import('@aws-sdk/client-cloudwatch'),
      import('@aws-sdk/client-dynamodb'),
      import('@aws-sdk/lib-dynamodb'),
      import('@aws-sdk/client-s3'),
      import('@aws-sdk/client-sqs'),
    ]);
    const seconds = () => Date.now() / 1000;
    const now = seconds();
    const cloudWatch = new CloudWatchClient(settings);
    const s3 = new S3Client(settings);
    const dynamoDb = DynamoDBDocumentClient.from(new DynamoDBClient(settings));
    const listing = s3Listing(s3, stack.lakeBucket, signal, () => {});
    const lake = s3Store(s3, stack.lakeBucket, signal);

    // A part that can't be looked at does not hide the others.
    const problems: string[] = [];
    const part = async <T>(what: string, work: Promise<T>): Promise<T | undefined> => {
      try {
        return await work;
      } catch (error) {
        signal.throwIfAborted();
        problems.push(`${what} could not be looked at: ${(error as Error).message}`);
        return undefined;
      }
    };
    const [alarms, hour, queues, accounts, receipts] = await Promise.all([
      part('The alarms', alarmsOn(cloudWatch, stack)),
      part('What ingest counted', lastHour(cloudWatch, stack, now)),
      part('The queues', queueStatuses(new SQSClient(settings), cloudWatch, stack, now)),
      part(
        'Who delivers',
        deliverers(dynamoDbDeliveries(dynamoDb, stack.situationTable, seconds, signal), policy, now),
      ),
      part('The receipts', lastReceipts(listing, lake, options.receipts, now)),
    ]);
    if (options.output === 'json') {
      const { name, status } = stack;
      const document = { stack: { name, status }, alarms, lastHour: hour, queues, accounts };
      process.stdout.write(formatDocument({ ...document, receipts: receipts?.receipts }));
    } else {
      const width = process.stdout.columns;
      const sections = [
        `${styleText('bold', visible(stack.name))}  ${visible(stack.status)}\n`,
        ...(alarms === undefined ? [] : [alarmsText(alarms, now)]),
        ...(hour === undefined ? [] : [hourText(hour)]),
        ...(queues === undefined ? [] : [queuesText(queues, width)]),
        ...(accounts === undefined ? [] : [accountsText(accounts, now, width)]),
        ...(receipts === undefined ? [] : [receiptsText(receipts.receipts, width)]),
      ];
      process.stdout.write(sections.join('\n'));
    }
    if (receipts?.isCut)
      note('There are very many receipts: the last ones may be others. Ask "flowlogs query ingest-lag".');
    for (const problem of problems) note(problem);
    if (problems.length > 0) process.exitCode = 1;
  });
}

function section(title: string, text: string): string {
  return `${styleText('bold', title)}\n${text.replaceAll(/^(?=.)/gm, '  ')}`;
}

function table(
  columns: readonly string[],
  numbers: readonly string[],
  rows: readonly QueryValue[][],
  width?: number,
) {
  const kindOf = (name: string) => (numbers.includes(name) ? ('number' as const) : ('text' as const));
  const result = { columns: columns.map((name) => ({ name, kind: kindOf(name) })), rows };
  return formatTable(result, width === undefined ? undefined : width - 2);
}

function alarmsText(alarms: readonly AlarmStatus[], now: number): string {
  if (alarms.length === 0) return section('Alarms', 'None is on.\n');
  const lines = alarms.map(
    ({ name, since }) =>
      `${styleText('red', visible(name))}  for ${lengthText(now - since)}; docs/operate.md says what to do\n`,
  );
  return section('Alarms', lines.join(''));
}

function hourText({ objects, failures, records, quarantined, lag, longestLag }: LastHour): string {
  const lines = [
    `${count(objects, 'object')} with ${count(records, 'record')} ingested, ${failures} failed, ${count(quarantined, 'line')} quarantined`,
    lag === undefined
      ? 'no lag: nothing was ingested'
      : `lag ${lengthText(lag)}, at most ${lengthText(longestLag ?? lag)}`,
  ];
  return section('Ingest, the last hour', `${lines.join('\n')}\n`);
}

function queuesText(queues: readonly QueueStatus[], width?: number): string {
  const columns = ['queue', 'waiting', 'in work', 'oldest', 'dead letters'];
  const rows = queues.map(({ queue, waiting, inWork, oldest, deadLetters }) => [
    queue,
    waiting,
    inWork,
    oldest === undefined || oldest === 0 ? null : lengthText(oldest),
    deadLetters,
  ]);
  const text = table(columns, ['waiting', 'in work', 'dead letters'], rows, width);
  const hasDead = queues.some(({ deadLetters }) => deadLetters > 0);
  return section('Queues', hasDead ? `${text}More about dead letters: flowlogs dlq list\n` : text);
}

function accountsText(accounts: readonly DelivererStatus[], now: number, width?: number): string {
  if (accounts.length === 0) return section('Who delivers', 'Nobody in the last seven days.\n');
  const columns = ['account', 'region', 'last object', ''];
  const rows = accounts.map(({ accountId, region, last, isSilent }) => [
    accountId,
    region,
    `${lengthText(Math.max(0, now - last))} ago`,
    isSilent ? 'SILENT' : '',
  ]);
  return section('Who delivers', table(columns, [], rows, width));
}

function receiptsText(receipts: readonly Receipt[], width?: number): string {
  if (receipts.length === 0) return section('Last receipts', 'None today or yesterday.\n');
  const columns = ['finished', 'records', 'quarantined', 'source'];
  const rows = receipts.map(({ finished, records, quarantined, source }) => [
    isoTime(Math.floor(Date.parse(finished) / 1000)),
    records,
    quarantined,
    source,
  ]);
  return section('Last receipts', table(columns, ['records', 'quarantined'], rows, width));
}
