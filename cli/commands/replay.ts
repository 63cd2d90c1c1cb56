import { type Command, Option } from 'commander';
import { QueryError } from '../../athena/query-error.ts';
import { bytesText } from '../../athena/scan-cost.ts';
import { parseTimeRange } from '../../athena/time-range.ts';
import type { ReplayCounts, ReplayStage } from '../../operate/replay.ts';
import { isoTime } from '../../shared/explain/iso-time.ts';
import { count } from '../../shared/findings/wording.ts';
import { outputOption, parseCount } from '../options.ts';
import { formatDocument, visible } from '../output.ts';
import { startProgress, startStatusLine } from '../progress.ts';
import { addStackOptions, type StackOptions, withStack } from '../stack.ts';

interface ReplayOptions extends Omit<StackOptions, 'stage'> {
  readonly stack?: string;
  readonly stage: ReplayStage;
  readonly bucket?: string;
  readonly prefix: string;
  readonly since?: string;
  readonly until?: string;
  readonly rate: number;
  readonly dryRun?: true;
  readonly output: 'table' | 'json';
}

const STAGES: Readonly<Record<ReplayStage, string>> = {
  ingest: 'raw objects are read again, unless they have a receipt',
  partitions: 'partitions of the lake are registered again, unless the catalogue has them',
  findings: 'findings of the lake are counted again, unless they are already',
};

/** Messages a second: below what ingest reads, so that new objects hardly wait. */
const DEFAULT_RATE = 100;

/** What the command's help says after its options. */
export const REPLAY_USAGE = `
What is done again, by --stage:
${Object.entries(STAGES)
  .map(([name, what]) => `  ${name.padEnd(11)} ${what}`)
  .join('\n')}
It is always safe: what was done is skipped. --since and --until are about the time that a raw object is for, a partition's
hour, or when a finding was written. What a receipt proves done is ingested again by "flowlogs reprocess" only.

Examples:
  flowlogs replay --stack prod --prefix AWSLogs/123456789012/ --since 2d --dry-run
  flowlogs replay --stack prod --bucket central-flow-logs --prefix AWSLogs/ --since 2026-11-01 --until 2026-11-08 --rate 20
  flowlogs replay --stack prod --stage partitions --prefix flow_logs/
  flowlogs replay --stack prod --stage findings --prefix findings/day=2026-11-20/`;

/** Adds `flowlogs replay`. */
export function registerReplay(program: Command): void {
  const command = program
    .command('replay')
    .summary('announce objects again whose notifications were lost')
    .description(
      'Send notifications for existing objects to a queue of a deployed stack, as S3 does when they are created.',
    )
    .addOption(
      new Option('--stage <name>', 'the part of the pipeline to tell; the stack is named by --stack')
        .choices(Object.keys(STAGES))
        .default('ingest'),
    )
    .option('--bucket <name>', "the bucket: that of the stack's raw objects, or its lake")
    .requiredOption('--prefix <prefix>', "how the keys begin; '' for the whole bucket")
    .option('--since <time>', 'only objects from this time on')
    .option('--until <time>', 'only objects before this time')
    .option('--rate <number>', 'messages a second', parseCount, DEFAULT_RATE)
    .option('--dry-run', 'only say what would be sent')
    .addOption(outputOption(['table', 'json']));
  addStackOptions(command, '--stack')
    .addHelpText('after', REPLAY_USAGE)
    .action((options: ReplayOptions) => replay(options));
}

async function replay({ stack: name, ...options }: ReplayOptions): Promise<void> {
  const range = parseTimeRange(options, Date.now() / 1000);
  const { stage, prefix, rate, dryRun = false } = options;
  await withStack({ ...options, stage: name! }, async ({ stack, settings, signal }) => {
    const [{ announcements, noCounts, REPLAY_STAGES, sendNotifications }, { s3Listing }, { sqsSender }] =
      await Promise.all([
        import('../../operate/replay.ts'),
        import('../../shared/aws/s3-listing.ts'),
        import('../../shared/aws/sqs-sender.ts'),
      ]);
    const { queueName } = await import('../../infrastructure/names.ts');
    const [{ S3Client }, { SQSClient }] = await Promise.all([
      import('@aws-sdk/client-s3'),
      import('@aws-sdk/client-sqs'),
    ]);
    const { queue, bucketOf, rootsOf } = REPLAY_STAGES[stage];
    const bucket = bucketOf(stack);
    if (options.bucket !== undefined && options.bucket !== bucket) {
      throw new QueryError(
        `The function behind --stage ${stage} reads from the bucket ${bucket} only, not from ${options.bucket}.`,
      );
    }
    const roots = rootsOf(stack);
    if (!roots.some((root) => prefix.startsWith(root) || root.startsWith(prefix))) {
      throw new QueryError(
        `--prefix has to begin with ${roots.join(' or ')}: the function reads nothing else.`,
      );
    }
    const s3 = new S3Client({ ...settings, followRegionRedirects: true });
    const status = startStatusLine();
    let listed = 0;
    const listing = s3Listing(s3, bucket, signal, (entries) => {
      listed += entries;
      status.show(`Listing s3://${visible(bucket)}/${visible(prefix)}: ${count(listed, 'object')}`);
    });
    const counts = noCounts();
    // Listed twice, first to know how much it is: a bucket may have more objects than memory has room for their names.
    for await (const _ of announcements(listing, prefix, stage, range, counts));
    status.clear();

    const sender = sqsSender(new SQSClient(settings), stack.queues[queue].queue);
    if (!dryRun && counts.messages > 0) {
      const progress = startProgress(`Sending ${count(counts.messages, 'message')}`, counts.messages);
      try {
        const quiet = s3Listing(s3, bucket, signal, () => {});
        await sendNotifications(announcements(quiet, prefix, stage, range, noCounts()), bucket, sender, {
          rate,
          signal,
          onSent: () => progress.add(1),
        });
      } finally {
        progress.stop();
        if (signal.aborted) process.stderr.write(`${count(sender.sent, 'message')} sent so far.\n`);
      }
    }
    const answer = {
      bucket,
      prefix,
      stage,
      queue: queueName(stack, queue),
      dryRun,
      sent: sender.sent,
      ...counts,
    };
    process.stdout.write(
      options.output === 'json'
        ? formatDocument(inIsoTimes(answer))
        : `${summary(answer, rate)}${sender.sent > 0 ? `Look how it goes: flowlogs status --stage ${stack.stage}\n` : ''}`,
    );
  });
}

interface Answer extends ReplayCounts {
  readonly queue: string;
  readonly dryRun: boolean;
  readonly sent: number;
}

function inIsoTimes({ first, last, ...rest }: Answer) {
  return {
    ...rest,
    ...(first === undefined || last === undefined
      ? {}
      : { first: isoTime(Math.floor(first)), last: isoTime(Math.floor(last)) }),
  };
}

function summary(
  { queue, dryRun, sent, messages, bytes, covered, ignored, outside, first, last }: Answer,
  rate: number,
): string {
  const lines = [
    dryRun
      ? `${count(messages, 'message')} would be sent to ${queue}, in about ${count(Math.ceil(messages / rate), 'second')}`
      : `${count(sent, 'message')} sent to ${queue}`,
    ...(first === undefined || last === undefined
      ? []
      : [
          `of objects from ${isoTime(Math.floor(first))} to ${isoTime(Math.floor(last))}, ${bytesText(bytes)}`,
        ]),
    ...(covered > 0 ? [`${count(covered, 'object')} more in the same partitions`] : []),
    ...(outside > 0 ? [`${count(outside, 'object')} of another time passed over`] : []),
    ...(ignored > 0 ? [`${count(ignored, 'object')} passed over that are not for this`] : []),
  ];
  return `${visible(lines.join('\n'), { keepLineFeeds: true })}\n`;
}
