import type { Command } from 'commander';
import { parseTimeRange, type TimeRange } from '../../athena/time-range.ts';
import { readPolicy } from '../../local/alert-policy.ts';
import { folderStore } from '../../local/folder-store.ts';
import { arrivals, deliveriesOf } from '../../local/lake-alerts.ts';
import { partsOf } from '../../shared/alerts/parts.ts';
import type { Policy } from '../../shared/alerts/policy.ts';
import { type Arrival, replay, type SentAlert } from '../../shared/alerts/replay.ts';
import { keyOf } from '../../shared/alerts/situation.ts';
import type { Finding } from '../../shared/findings/finding.ts';
import { count } from '../../shared/findings/wording.ts';
import { isObjectKey } from '../../shared/lake/layout.ts';
import { timeText } from '../alerts-report.ts';
import { lakeOption, outputOption } from '../options.ts';
import { formatResult, type OutputFormat, visible } from '../output.ts';

interface AlertsOptions {
  readonly lake: string;
  readonly since?: string;
  readonly until?: string;
  readonly policy?: string;
  readonly text?: true;
  readonly output: OutputFormat;
}

const EXAMPLES = `
Nothing is sent. The findings of the lake are gone through in the order of their times, as if they came now, each some
minutes after its packets. docs/alerts.md explains every setting of a policy.

Examples:
  flowlogs alerts --since 7d                             what the usual policy would have sent
  flowlogs alerts --since 7d --policy stages/prod.yml    what that stage's policy would have sent
  flowlogs alerts --since 1d --text                      the whole messages
  flowlogs alerts --since 7d -o json | jq .subject       the messages as programs get them`;

/** Adds `flowlogs alerts`. */
export function registerAlerts(program: Command): void {
  program
    .command('alerts')
    .summary('what an alert policy would have sent')
    .description('Show what an alert policy would have sent for the findings of a lake.')
    .addOption(lakeOption())
    .option('--since <time>', 'only findings from this time on')
    .option('--until <time>', 'only findings before this time')
    .option(
      '--policy <file>',
      'stage file (stages/prod.yml) or file with a policy (default: the usual policy)',
    )
    .option('--text', 'print the messages as people get them by e-mail')
    .addOption(outputOption())
    .addHelpText('after', EXAMPLES)
    .action(async (options: AlertsOptions) => {
      const range = parseTimeRange(options, Date.now() / 1000);
      const policy = await readPolicy(options.policy);
      const { alerts, findings, silent } = await dryRun(options.lake, range, policy);
      if (findings === 0) {
        throw new Error(
          `The lake ${options.lake} has no findings${options.since || options.until ? ' of that time' : ''}. ` +
            'Fill it with "flowlogs ingest PATH…", or ask for another time.',
        );
      }
      if (options.output === 'json') {
        for (const { message } of alerts) process.stdout.write(`${message.json}\n`);
      } else if (options.text) {
        for (const alert of alerts) process.stdout.write(messageText(alert));
      } else {
        process.stdout.write(formatResult(asResult(alerts), options.output, process.stdout.columns));
      }
      process.stderr.write(summaryText(alerts, findings, silent));
    });
}

interface DryRun {
  readonly alerts: readonly SentAlert[];
  readonly findings: number;
  /** Findings that the policy leaves out altogether. */
  readonly silent: number;
}

async function dryRun(folder: string, range: TimeRange, policy: Policy): Promise<DryRun> {
  const lake = folderStore(folder, folder);
  const keysOf = async (table: 'findings' | 'receipts') =>
    (await Array.fromAsync(lake.list(`${table}/`))).filter((key) => isObjectKey(table, key));
  let [findings, silent] = [0, 0];
  async function* counted(): AsyncGenerator<Arrival> {
    for await (const arrival of arrivals(lake, await keysOf('findings'), (finding) =>
      isWithin(finding, range),
    )) {
      findings++;
      if (partsOf(arrival.finding, policy, arrival.at).length === 0) silent++;
      yield arrival;
    }
  }
  const alerts = await Array.fromAsync(replay(counted(), policy, deliveriesOf(await keysOf('receipts'))));
  return { alerts, findings, silent };
}

function isWithin({ first_time: first, last_time: last }: Finding, { since, until }: TimeRange): boolean {
  // A finding without times may be of any time.
  return (
    (since === undefined || (last ?? since) >= since) &&
    (until === undefined || (first ?? since ?? 0) < until)
  );
}

function messageText({ at, message }: SentAlert): string {
  const rule = '─'.repeat(72);
  return visible(`${rule}\n${timeText(at)}  ${message.subject}\n\n${message.text}\n`, {
    keepLineFeeds: true,
  });
}

function asResult(alerts: readonly SentAlert[]) {
  return {
    columns: [
      { name: 'sent', kind: 'text' as const },
      { name: 'situations', kind: 'number' as const },
      { name: 'subject', kind: 'text' as const },
    ],
    rows: alerts.map(({ at, notices, message }) => [timeText(at), notices.length, message.subject]),
  };
}

function summaryText(alerts: readonly SentAlert[], findings: number, silent: number): string {
  const notices = alerts.flatMap((alert) => alert.notices);
  const situations = new Set(notices.map(({ situation }) => keyOf(situation.subject))).size;
  const digests = alerts.filter((alert) => alert.notices.length > 1).length;
  return [
    `${count(findings, 'finding')} would have made ${count(alerts.length, 'message')}`,
    digests === 0 ? '' : `, ${digests} of them about several things,`,
    situations === 0 ? '.' : ` of ${count(situations, 'situation')}.`,
    silent === 0 ? '' : ` The policy leaves out ${count(silent, 'finding')}.`,
    '\n',
  ].join('');
}
