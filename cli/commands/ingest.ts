import { constants } from 'node:os';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { readPolicy } from '../../local/alert-policy.ts';
import { folderStore } from '../../local/folder-store.ts';
import { type IngestTotals, ingestFiles, type LocalSettings } from '../../local/ingest-files.ts';
import { recordAlerts } from '../../local/record-alerts.ts';
import { findSourceFiles, type SourceFile } from '../../local/source-files.ts';
import { openTempFolder } from '../../local/temp-folder.ts';
import { DEFAULT_POLICY, type Policy } from '../../shared/alerts/policy.ts';
import type { SentAlert } from '../../shared/alerts/replay.ts';
import { PermanentError } from '../../shared/errors.ts';
import type { Format } from '../../shared/flow-log/format.ts';
import { formatOfSetting } from '../../shared/flow-log/header.ts';
import { DEFAULT_MAX_INFLATED_BYTES } from '../../shared/lake/ingest.ts';
import { type Compression, isObjectKey } from '../../shared/lake/layout.ts';
import type { IgnoreReason } from '../../shared/lake/source-key.ts';
import { VERSION } from '../../shared/version.ts';
import { alertsText } from '../alerts-report.ts';
import { createFindingsReport, type FindingsReport } from '../findings-report.ts';
import { lakeOption, outputOption } from '../options.ts';
import { visible } from '../output.ts';
import { startProgress } from '../progress.ts';

interface IngestOptions {
  readonly lake: string;
  readonly flowLogFormat?: Format;
  readonly compression: Compression;
  readonly maxInflatedBytes: number;
  readonly policy?: string;
  readonly output: 'table' | 'json';
}

const EXAMPLES = `
Account, Region and time come from the path, as from an S3 key: keep the names that AWS gave the files. What is done
is skipped, so the same folder can be ingested again and again. Exit status 1 if an object failed.

Examples:
  aws s3 sync s3://my-flow-logs/AWSLogs ./logs/AWSLogs && flowlogs ingest ./logs
  flowlogs ingest 123456789012_vpcflowlogs_eu-west-1_fl-1234abcd_20261120T0500Z_fe123456.log.gz
  flowlogs ingest ./exported --flow-log-format 'version account-id srcaddr dstaddr bytes start end'
  flowlogs ingest ./logs -o json | jq .records`;

const IGNORE_REASONS: Readonly<Record<IgnoreReason, string>> = {
  empty: 'empty files',
  'folder-marker': 'folder markers',
  'other-service': "files of other AWS services' logs",
  parquet: 'Parquet files (query those directly; flowlogs reads text flow logs)',
};

/** Failures told one by one; the rest is counted. */
const FAILURES_SHOWN = 20;

/** Adds `flowlogs ingest PATH…`. */
export function registerIngest(program: Command): void {
  program
    .command('ingest')
    .summary('read flow log objects into the lake')
    .description('Read flow log objects (text, plain or gzip) from files and folders into the lake.')
    .argument('<path...>', 'files, and folders with all that is below them')
    .addOption(lakeOption())
    .addOption(
      new Option('--flow-log-format <format>', 'columns of objects without a header line')
        .env('FLOW_LOG_FORMAT')
        .argParser(parseFormat),
    )
    .addOption(
      new Option('--compression <codec>', 'how records are compressed')
        .env('OUTPUT_COMPRESSION')
        .choices(['zstd', 'gzip'])
        .default('zstd'),
    )
    .addOption(
      new Option('--max-inflated-bytes <bytes>', 'largest object, inflated')
        .env('MAX_INFLATED_BYTES')
        .default(DEFAULT_MAX_INFLATED_BYTES)
        .argParser(parseBytes),
    )
    .option('--policy <file>', 'alert policy, or stage file with one (default: the usual policy)')
    .addOption(outputOption(['table', 'json']))
    .addHelpText('after', EXAMPLES)
    .action(async (paths: string[], options: IngestOptions, command: Command) => {
      const files = await Array.fromAsync(findSourceFiles(paths, options.lake)).catch((error: Error) =>
        command.error(`error: ${error.message}`),
      );
      if (files.length === 0) command.error(`error: there are no files below ${paths.join(' ')}`);
      const policy = await readPolicy(options.policy);
      const { totals, report, alerts } = await ingestWithReport(
        files,
        options.lake,
        {
          compression: options.compression,
          headerlessFormat: options.flowLogFormat,
          maxInflatedBytes: options.maxInflatedBytes,
          build: VERSION,
        },
        policy,
      );
      const found = report.text() + alertsText(alerts);
      if (options.output === 'json') {
        process.stderr.write(found);
        const summary = { ...totals, meanings: report.meanings(), alerts: alerts.length };
        process.stdout.write(`${JSON.stringify(summary)}\n`);
      } else {
        process.stdout.write(`${found}\n${formatTotals(totals)}`);
      }
      if (totals.failed_objects > 0) process.exitCode = 1;
    });
}

export interface IngestOutcome {
  readonly totals: IngestTotals;
  readonly report: FindingsReport;
  /** What people would have been told of what was found. */
  readonly alerts: readonly SentAlert[];
}

/** Ingests files with a progress bar; tells of failures as they come, and returns what was found. */
export async function ingestWithReport(
  files: readonly SourceFile[],
  lake: string,
  settings: LocalSettings,
  policy: Policy = DEFAULT_POLICY,
): Promise<IngestOutcome> {
  const report = createFindingsReport();
  const findings: string[] = [];
  let alerts: readonly SentAlert[] = [];
  const failures: string[] = [];
  const ignored = new Map<IgnoreReason, number>();
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const progress = startProgress(`Ingesting ${files.length} objects`, bytes);
  const temporary = openTempFolder(lake);
  const stop = (signal: NodeJS.Signals) => {
    progress.stop();
    temporary.remove();
    process.stderr.write('Stopped. What is done stays done; the same command goes on from here.\n');
    process.exit(128 + constants.signals[signal]);
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  let totals: IngestTotals;
  try {
    const networks = { inside: policy.insideRanges, onPremises: policy.onPremisesRanges };
    totals = await ingestFiles(
      files,
      lake,
      temporary.path,
      { ...settings, networks },
      {
        ingested(receipt, found) {
          report.add(found);
          findings.push(
            ...receipt.outputs.map(({ key }) => key).filter((key) => isObjectKey('findings', key)),
          );
        },
        failed: (path, error) => failures.push(failureText(path, error)),
        ignored: (_, reason) => ignored.set(reason, (ignored.get(reason) ?? 0) + 1),
        progress: progress.add,
      },
    );
    alerts = await recordAlerts(folderStore(lake, temporary.path), findings, policy);
  } finally {
    progress.stop();
    temporary.remove();
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
  process.stderr.write(failures.slice(0, FAILURES_SHOWN).join(''));
  if (failures.length > FAILURES_SHOWN) {
    process.stderr.write(`… and ${failures.length - FAILURES_SHOWN} more failed objects\n`);
  }
  for (const [reason, count] of ignored)
    process.stderr.write(`Passed over ${count} ${IGNORE_REASONS[reason]}\n`);
  return { totals, report, alerts };
}

function failureText(path: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const advice = error instanceof PermanentError ? '' : ' Nothing of it was taken; try again.';
  return `${visible(path)}: ${visible(message)}${advice}\n`;
}

/** The figures of a run, one a line. */
export function formatTotals(totals: IngestTotals): string {
  const { lines, records, quarantined, seconds } = totals;
  const rate = seconds > 0 ? Math.round(records / seconds) : records;
  const rows: [string, string][] = [
    ['objects', objectsText(totals)],
    ['lines', `${number(lines)} = ${number(records)} records + ${number(quarantined)} quarantined`],
    ['rejected flows', number(totals.rejected)],
    ['NODATA', `${number(totals.nodata)} (interfaces without traffic)`],
    ['SKIPDATA', `${number(totals.skipdata)} (records lost by AWS)`],
    ['partitions', number(totals.partitions)],
    ['bytes', `${number(totals.bytes_read)} in, ${number(totals.bytes_written)} out`],
    ['time', `${seconds.toFixed(1)} s, ${number(rate)} records per second`],
  ];
  return rows.map(([name, value]) => `${name.padEnd(16)}${value}\n`).join('');
}

function objectsText({ objects, skipped_objects: skipped, failed_objects: failed }: IngestTotals): string {
  const parts = [`${number(objects)}`];
  if (skipped > 0) parts.push(`${number(skipped)} done before`);
  if (failed > 0) parts.push(`${number(failed)} failed`);
  return parts.join(', ');
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}

function parseFormat(text: string): Format {
  try {
    return formatOfSetting(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

function parseBytes(text: string): number {
  const bytes = Number(text);
  if (!Number.isSafeInteger(bytes) || bytes < 1)
    throw new InvalidArgumentError('It takes a number of bytes.');
  return bytes;
}
