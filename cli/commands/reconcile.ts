import { type Command, InvalidArgumentError } from 'commander';
import type { QueryResult } from '../../athena/query-engine.ts';
import { MAX_DAYS } from '../../functions/reconcile/bounds.ts';
import type { Compared, ReconcileReport } from '../../functions/reconcile/report.ts';
import { count } from '../../shared/findings/wording.ts';
import { outputOption } from '../options.ts';
import { formatDocument, formatResult, note } from '../output.ts';
import { startStatusLine } from '../progress.ts';
import { addStackOptions, type StackOptions, withStack } from '../stack.ts';

interface ReconcileOptions extends StackOptions {
  readonly days?: number;
  readonly dryRun?: true;
  readonly output: 'table' | 'csv' | 'json';
}

/** What the command's help says after its options. */
export const RECONCILE_USAGE = `
The same is done every night by the function flowlogs-STAGE-reconcile, with three days. Here it is done by who asks, with
no limit of time; what is younger than two hours may still be on its way and is left alone.

Examples:
  flowlogs reconcile --stage prod --dry-run
  flowlogs reconcile --stage prod --days 30
  flowlogs reconcile --stage prod --days 2 --dry-run -o json | jq .objects.missing`;

/** Adds `flowlogs reconcile`. */
export function registerReconcile(program: Command): void {
  const command = program
    .command('reconcile')
    .summary('find what got lost, and have it done')
    .description(
      'Compare raw objects with receipts, and folders of the lake with partitions, and have done what is missing.',
    )
    .option('--days <count>', 'UTC days to look at, today among them (default: as every night)', parseDays)
    .option('--dry-run', 'only say what is missing')
    .addOption(outputOption());
  addStackOptions(command)
    .addHelpText('after', RECONCILE_USAGE)
    .action((options: ReconcileOptions) => reconcileNow(options));
}

/** Something that is in the one place and not in the other. */
interface Missing {
  readonly what: Compared;
  readonly source: string;
  readonly requeued: boolean;
}

async function reconcileNow(options: ReconcileOptions): Promise<void> {
  await withStack(options, async ({ stack, settings, signal }) => {
    const [{ reconcile }, { AFTER_STOP, IF_CROWDED, IF_MISPLACED }, { RECONCILE_DAYS }, { sqsSender }] =
      await Promise.all([
        import('../../functions/reconcile/reconcile.ts'),
        import('../../functions/reconcile/report.ts'),
        import('../../infrastructure/environment.ts'),
        import('../../shared/aws/sqs-sender.ts'),
      ]);
    const [{ GlueClient }, { S3Client }, { SQSClient }] = await Promise.all([
      import('@aws-sdk/client-glue'),
      import('@aws-sdk/client-s3'),
      import('@aws-sdk/client-sqs'),
    ]);
    const sqs = new SQSClient(settings);
    const found: Missing[] = [];
    const status = startStatusLine();
    status.show('Comparing listings');
    const report: ReconcileReport = {
      missing(what, source, requeued) {
        found.push({ what, source, requeued });
        status.show(`Comparing listings: ${found.length} missing`);
      },
      misplaced: (folder, location) => note(`The partition ${folder} lies at ${location}. ${IF_MISPLACED}`),
      requeued: () => {},
      stopped: (what, at) =>
        note(`The search for a missing ${what} stopped before its end. ${AFTER_STOP[at]}`),
      crowded: () => note(`Folders outside AWSLogs/ hold too many objects to look at all. ${IF_CROWDED}`),
      done: () => {},
    };
    const request = { days: options.days ?? RECONCILE_DAYS, dryRun: options.dryRun ?? false };
    const result = await reconcile(request, {
      s3: new S3Client({ ...settings, followRegionRedirects: true }),
      glue: new GlueClient(settings),
      config: {
        RAW_BUCKET: stack.rawBucket,
        RAW_PREFIX: stack.rawPrefix,
        LAKE_BUCKET: stack.lakeBucket,
        ATHENA_DATABASE: stack.database,
      },
      partitionQueue: sqsSender(sqs, stack.queues.partition.queue),
      ingestQueue: sqsSender(sqs, stack.queues.ingest.queue),
      report,
      signal,
    }).finally(() => status.clear());
    // The core takes an end of its time for a result.
    signal.throwIfAborted();
    process.stdout.write(
      options.output === 'json'
        ? formatDocument({ ...result, found })
        : formatResult(asResult(found), options.output, process.stdout.columns),
    );
    const { objects, partitions } = result;
    note(
      `${count(objects.compared, 'object')} of ${count(result.days, 'day')} compared with receipts: ${objects.missing} missing, ` +
        `${objects.requeued} announced again, ${objects.young} too young to tell, ${objects.ignored} not for ingest, ` +
        `${objects.unclaimed} that nothing says are flow logs.`,
    );
    note(
      `${count(partitions.compared, 'folder')} compared with the catalogue: ${partitions.missing} missing, ` +
        `${partitions.requeued} announced again, ${partitions.misplaced} registered elsewhere.`,
    );
    if (objects.stoppedAt !== undefined || partitions.stoppedAt !== undefined) process.exitCode = 1;
  });
}

function asResult(found: readonly Missing[]): QueryResult {
  return {
    columns: ['missing', 'source', 'announced'].map((name) => ({ name, kind: 'text' })),
    rows: found.map(({ what, source, requeued }) => [what, source, requeued ? 'again' : 'not']),
  };
}

function parseDays(text: string): number {
  const days = Number(text);
  if (!/^\d{1,3}$/.test(text) || days < 1 || days > MAX_DAYS) {
    throw new InvalidArgumentError(`It takes a number of days from 1 to ${MAX_DAYS}.`);
  }
  return days;
}
