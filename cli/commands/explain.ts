import { lookup } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { investigate } from '../../athena/explain/investigate.ts';
import { QueryError } from '../../athena/query-error.ts';
import { parseTimeRange } from '../../athena/time-range.ts';
import { type Inventory, parseInventory } from '../../shared/explain/inventory.ts';
import { TCP } from '../../shared/findings/connection.ts';
import { PROTOCOL_NAMES } from '../../shared/flow-log/names.ts';
import { isAccountId, UNKNOWN } from '../../shared/lake/source-key.ts';
import { addEngineOptions, type EngineOptions, openEngine } from '../engine.ts';
import { evidenceTable, explainJson, explainText } from '../explain-report.ts';
import { lakeOption, outputOption } from '../options.ts';
import { formatDocument, formatResult, type OutputFormat } from '../output.ts';

interface ExplainOptions extends EngineOptions {
  readonly lake: string;
  readonly source: string;
  readonly destination: string;
  readonly port?: number;
  readonly protocol: number;
  readonly since?: string;
  readonly until?: string;
  readonly account?: readonly string[];
  readonly vpc?: readonly string[];
  readonly inventory?: readonly string[];
  readonly output: OutputFormat;
}

/** What the command's help says after its options; docs/explain.md has it, too. */
export const EXPLAIN_USAGE = `
Ends are addresses, networks in CIDR notation, interfaces (eni-…), instances (i-…) or host names.
Times are UTC: an age (2h, 3d) or ISO 8601. Without --until the question is about the time up to now, as far as it has been
delivered (AWS delivers 10 to 25 minutes after the packets), without --since about two hours. A lake that is older needs both.
A private address may be in several networks. eni-…, --vpc or --inventory say which one is meant.

Examples:
  flowlogs explain --source 10.0.1.5 --destination 10.0.2.7 --port 5432
  flowlogs explain --source i-0123456789abcdef0 --destination db.internal --port 3306 --since 30m
  flowlogs explain --source 10.0.1.0/24 --destination 10.0.2.7 --port 443 --since 1d
  flowlogs explain --source 10.0.1.5 --destination 8.8.8.8 --port 53 --protocol udp
  aws ec2 describe-network-interfaces --output json > interfaces.json
  aws ec2 describe-flow-logs --output json > flow-logs.json
  flowlogs explain --source 10.0.1.5 --destination 203.0.113.9 --port 443 --inventory interfaces.json flow-logs.json

The verdicts and what they rest on: docs/explain.md. Exit status: 0 an answer was given, whatever it is, 1 something
failed, 2 wrong usage, or an address that several interfaces have.`;

/** Adds `flowlogs explain`. */
export function registerExplain(program: Command): void {
  const command = program
    .command('explain')
    .summary("why can't A reach B?")
    .description('Explain what became of the traffic from one end to another, and what to check next.')
    .requiredOption('--source <end>', 'who opens the connection')
    .requiredOption('--destination <end>', 'who should answer')
    .option('--port <number>', 'port on the destination (default: each that the source asks)', parsePort)
    .addOption(
      new Option('--protocol <name>', 'tcp, udp, icmp … or a number')
        .argParser(parseProtocol)
        .default(TCP, 'tcp'),
    )
    .option('--since <time>', 'from when (default: two hours before the end)')
    .option('--until <time>', 'up to when (default: now)')
    .option(
      '--account <id...>',
      'only flow logs that these accounts deliver: name those of both ends',
      collectAccount,
    )
    .option('--vpc <id...>', 'only interfaces of these VPCs: name those of both ends', collectVpc)
    .option('--inventory <file...>', 'JSON of "aws ec2 describe-network-interfaces" and "describe-flow-logs"')
    .addOption(lakeOption())
    .addOption(outputOption())
    .addHelpText('after', EXPLAIN_USAGE);
  addEngineOptions(command, { region: 'AWS Region of the ends; with --athena that of Athena' }).action(
    async (options: ExplainOptions) => {
      const now = Date.now() / 1000;
      const { since, until } = parseTimeRange(options, now);
      const inventory = await readInventory(options.inventory ?? []);
      const engine = await openEngine(options);
      try {
        const investigation = await investigate(
          {
            ...{ source: options.source, destination: options.destination, since, until },
            ...{ protocol: options.protocol, port: options.port },
            narrowing: {
              accounts: options.account ?? [],
              vpcs: options.vpc ?? [],
              regions: options.region === undefined || options.athena ? [] : [options.region],
            },
          },
          { engine, inventory, resolve, now },
        );
        process.stdout.write(
          options.output === 'table'
            ? explainText(investigation, process.stdout.columns)
            : options.output === 'csv'
              ? formatResult(evidenceTable(investigation.pairs.map(({ explanation }) => explanation)), 'csv')
              : formatDocument(explainJson(investigation)),
        );
      } finally {
        engine.close();
      }
    },
  );
}

async function readInventory(names: readonly string[]): Promise<Inventory> {
  const files = names.map(async (name) => {
    const text = await readFile(name, 'utf8').catch((error: NodeJS.ErrnoException) => {
      const reason = error.code === 'ENOENT' ? 'there is no such file' : error.message;
      throw new QueryError(`Cannot read the inventory ${name}: ${reason}.`);
    });
    return { name, text };
  });
  return parseInventory(await Promise.all(files));
}

async function resolve(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

function parsePort(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) < 1 || Number(text) > 65_535) {
    throw new InvalidArgumentError('It takes a port number from 1 to 65535.');
  }
  return Number(text);
}

function collectAccount(text: string, before: readonly string[] = []): readonly string[] {
  if (!isAccountId(text) && text !== UNKNOWN) {
    throw new InvalidArgumentError('It takes the number of an account, 12 digits, such as 111122223333.');
  }
  return [...before, text];
}

function collectVpc(text: string, before: readonly string[] = []): readonly string[] {
  if (!/^vpc-[0-9a-f]+$/.test(text)) {
    throw new InvalidArgumentError('It takes the id of a VPC, such as vpc-0123456789abcdef0.');
  }
  return [...before, text];
}

/** A protocol's number, by its name or number. */
function parseProtocol(text: string): number {
  const named = [...PROTOCOL_NAMES].find(([, name]) => name === text.toLowerCase())?.[0];
  if (named !== undefined) return named;
  if (/^\d{1,3}$/.test(text) && Number(text) <= 255) return Number(text);
  throw new InvalidArgumentError(
    `It takes ${[...PROTOCOL_NAMES.values()].join(', ')}, or a number from 0 to 255.`,
  );
}
