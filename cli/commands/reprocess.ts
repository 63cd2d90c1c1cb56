import { type Command, InvalidArgumentError } from 'commander';
import type { QueryResult, QueryValue } from '../../athena/query-engine.ts';
import { QueryError } from '../../athena/query-error.ts';
import { count } from '../../shared/findings/wording.ts';
import type { Receipt } from '../../shared/lake/receipt.ts';
import { outputOption } from '../options.ts';
import { formatResult, note, type OutputFormat, visible } from '../output.ts';
import { startStatusLine } from '../progress.ts';
import { addStackOptions, type StackOptions, withStack } from '../stack.ts';

interface ReprocessOptions extends StackOptions {
  readonly dryRun?: true;
  readonly wait: number;
  readonly output: OutputFormat;
}

/** Until the message has been read, and the object with it; a minute is usual. */
const DEFAULT_WAIT = 300;

/** What the command's help says after its options. */
export const REPROCESS_USAGE = `
For objects that were ingested wrongly: a parser was mended, or the columns of objects without a header were. Deploy the mended
release first: the deployed function does the work. While it does, the object's records are missing in the lake, and a
query that is just reading them may fail. The raw object stays as it is, and has to be there. If the command stops
on the way, the same command goes on from there.

Examples:
  flowlogs reprocess --stage prod --dry-run s3://central-flow-logs/AWSLogs/123456789012/vpcflowlogs/eu-west-1/2026/11/20/….log.gz
  echo "SELECT source FROM receipts WHERE day = '2026-11-20' AND build = '0.1.0'" | flowlogs query - --athena --stage prod`;

/** Adds `flowlogs reprocess SOURCE…`. */
export function registerReprocess(program: Command): void {
  const command = program
    .command('reprocess')
    .summary('ingest an object again that was ingested wrongly')
    .description(
      'Remove what was made of a source object from the lake (exactly what its receipt lists, and the receipt), and have ' +
        'it ingested again.',
    )
    .argument('<source...>', 'source objects as receipts name them: s3://bucket/key')
    .option('--dry-run', 'only say what would be removed')
    .option(
      '--wait <seconds>',
      'how long to wait for the new receipts; 0: not at all',
      parseSeconds,
      DEFAULT_WAIT,
    )
    .addOption(outputOption());
  addStackOptions(command)
    .addHelpText('after', REPROCESS_USAGE)
    .action((sources: string[], options: ReprocessOptions) => reprocessSources(sources, options));
}

/** What became of a source object. */
interface Outcome {
  readonly source: string;
  readonly outcome: 'ingested' | 'sent' | 'would-remove' | 'failed';
  readonly before?: Receipt | undefined;
  readonly after?: Receipt | undefined;
}

async function reprocessSources(sources: readonly string[], options: ReprocessOptions): Promise<void> {
  await withStack(options, async ({ stack, settings, signal }) => {
    const keys = sources.map((source) => keyOf(source, stack.rawBucket));
    const [
      { newReceipt, planReprocess, reprocess },
      { s3Listing },
      { s3Store },
      { removeObjects },
      { sqsSender },
    ] = await Promise.all([
      import('../../operate/reprocess.ts'),
      import('../../shared/aws/s3-listing.ts'),
      import('../../shared/aws/s3-store.ts'),
      import('../../shared/aws/s3-remove-objects.ts'),
      import('../../shared/aws/sqs-sender.ts'),
    ]);
    const [{ S3Client }, { SQSClient }] = await Promise.all([
      import('@aws-sdk/client-s3'),
      import('@aws-sdk/client-sqs'),
    ]);
    const s3 = new S3Client({ ...settings, followRegionRedirects: true });
    const lake = s3Store(s3, stack.lakeBucket, signal);
    const lakeListing = s3Listing(s3, stack.lakeBucket, signal, () => {});
    const places = {
      rawBucket: stack.rawBucket,
      raw: s3Listing(s3, stack.rawBucket, signal, () => {}),
      lake,
      // Without the signal: between the first and the last step nothing is to be interrupted.
      remove: (keys: readonly string[]) => removeObjects(s3, stack.lakeBucket, keys),
      ingestQueue: sqsSender(new SQSClient(settings), stack.queues.ingest.queue),
    };
    const status = startStatusLine();
    const outcomes: Outcome[] = [];
    for (const key of keys) {
      const source = `s3://${stack.rawBucket}/${key}`;
      signal.throwIfAborted();
      try {
        const plan = await planReprocess(key, places, Date.now() / 1000);
        const before = plan.receipt;
        if (options.dryRun) {
          outcomes.push({ source, outcome: 'would-remove', before });
          for (const output of before?.outputs ?? []) note(`would remove ${output.key}`);
          continue;
        }
        await reprocess(plan, places);
        status.show(`Waiting for the receipt of ${visible(source)}`);
        const after =
          options.wait === 0 ? undefined : await newReceipt(plan, lake, lakeListing, options.wait, signal);
        status.clear();
        outcomes.push({ source, outcome: after === undefined ? 'sent' : 'ingested', before, after });
        if (after === undefined && options.wait > 0) {
          note(
            `${source} has no receipt after ${options.wait} seconds. Look at "flowlogs status" and "flowlogs dlq list": ` +
              'until it is ingested, its records are missing in the lake.',
          );
        }
      } catch (error) {
        status.clear();
        if (signal.aborted) throw error;
        outcomes.push({ source, outcome: 'failed' });
        note(`${source}: ${(error as Error).message}`);
      }
    }
    process.stdout.write(formatResult(asResult(outcomes), options.output, process.stdout.columns));
    const undone = outcomes.filter(
      ({ outcome }) => outcome === 'failed' || (outcome === 'sent' && options.wait > 0),
    );
    if (undone.length > 0) {
      note(`${count(undone.length, 'object')} of ${outcomes.length} not ingested.`);
      process.exitCode = 1;
    }
  });
}

function asResult(outcomes: readonly Outcome[]): QueryResult {
  const counted = (receipt: Receipt | undefined): QueryValue[] => [
    receipt?.outputs.length ?? null,
    receipt?.records ?? null,
    receipt?.quarantined ?? null,
  ];
  const names = ['outputs', 'records', 'quarantined'];
  return {
    columns: [
      { name: 'source', kind: 'text' },
      { name: 'outcome', kind: 'text' },
      ...names.map((name) => ({ name: `${name} before`, kind: 'number' as const })),
      ...names.map((name) => ({ name, kind: 'number' as const })),
    ],
    rows: outcomes.map(({ source, outcome, before, after }) => [
      source,
      outcome,
      ...counted(before),
      ...counted(after),
    ]),
  };
}

/** The key that a source names. @throws QueryError if it is not one of the stack's raw bucket. */
function keyOf(source: string, rawBucket: string): string {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/s.exec(source) ?? [];
  if (bucket === undefined || key === undefined) {
    throw new QueryError(
      `"${source}" is no source object. Name it as its receipt does: s3://${rawBucket}/key.`,
    );
  }
  if (bucket !== rawBucket) {
    throw new QueryError(`${source} is not in ${rawBucket}, the only bucket that the stack reads.`);
  }
  return key;
}

function parseSeconds(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('It takes a number of seconds.');
  return Number(text);
}
