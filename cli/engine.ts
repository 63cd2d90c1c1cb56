/** What runs the queries of a command: DuckDB over the folder of a lake, or with `--athena` Athena over the stack's. */

import { type Command, Option } from 'commander';
import type { QueryEngine } from '../athena/query-engine.ts';
import { QueryError } from '../athena/query-error.ts';
import { bytesText, PRICE_DATE, PRICE_REGION, scanCost } from '../athena/scan-cost.ts';
import { awsPlace, untilInterrupted } from './aws.ts';
import { startStatusLine } from './progress.ts';

/** The options that `addEngineOptions` adds. */
export interface EngineOptions {
  readonly athena?: boolean;
  readonly stage?: string;
  readonly database?: string;
  readonly workgroup?: string;
  readonly profile?: string;
  readonly region?: string;
}

/** Those that say which Athena is meant. */
const OF_ATHENA = ['stage', 'database', 'workgroup', 'profile', 'region'] as const;

/** The workgroup that every account has. */
const PRIMARY_WORKGROUP = 'primary';

/**
 * Adds `--athena` and the options that go with it to a command that also has `--lake`. A combination that makes no sense
 * ends the command as wrong usage before it begins.
 *
 * @param options `region`: what `--region` means, for a command in which it also means something without `--athena`
 */
export function addEngineOptions(command: Command, { region }: { readonly region?: string } = {}): Command {
  return command
    .option('--athena', 'ask Athena, not the folder of a lake; AWS charges for what is scanned')
    .addOption(
      new Option('--stage <name>', "the stack's stage: gives its database and workgroup").env(
        'FLOWLOGS_STAGE',
      ),
    )
    .option('--database <name>', 'database in Athena, in place of that of the stage')
    .option(
      '--workgroup <name>',
      `workgroup in Athena, in place of that of the stage, else ${PRIMARY_WORKGROUP}`,
    )
    .option('--profile <name>', 'profile of the AWS configuration')
    .option('--region <name>', region ?? 'AWS Region')
    .hook('preAction', (_, invoked) =>
      checkCombination(
        invoked,
        region === undefined ? OF_ATHENA : OF_ATHENA.filter((each) => each !== 'region'),
      ),
    );
}

function checkCombination(command: Command, ofAthena: readonly string[]): void {
  const { athena } = command.opts<EngineOptions>();
  // What comes from the environment holds for other commands, too, and is no mistake.
  const isTyped = (option: string) => command.getOptionValueSource(option) === 'cli';
  if (athena && isTyped('lake')) {
    command.error('error: --lake is a folder, --athena is the lake in AWS. Give one of them.');
  }
  const stray = athena ? undefined : ofAthena.find(isTyped);
  if (stray !== undefined) {
    command.error(`error: --${stray} is for Athena. Add --athena, or leave --${stray} out.`);
  }
}

/**
 * Opens what the options choose. Athena's engine shows its progress on standard error, says there what it scanned and
 * costs when it is closed, and stops its queries on Ctrl-C.
 *
 * @throws QueryError if the options don't say which database is meant; Error that says what to do if there is no lake.
 */
export async function openEngine(options: EngineOptions & { readonly lake: string }): Promise<QueryEngine> {
  if (options.athena) return openAthena(options);
  // DuckDB's native library takes a while to load; help and wrong usage should not wait for it. Nor for the SDK.
  const { openLake } = await import('../local/duckdb.ts');
  return openLake(options.lake);
}

async function openAthena(options: EngineOptions): Promise<QueryEngine> {
  const target = await targetOf(options);
  const [{ AthenaClient }, { athenaQueryEngine }, { CLIENT_SETTINGS }] = await Promise.all([
    import('@aws-sdk/client-athena'),
    import('../shared/aws/athena-query-engine.ts'),
    import('../shared/aws/clients.ts'),
  ]);
  const interruption = untilInterrupted();
  const status = startStatusLine();
  const scanned = new Map<string, number>();
  const engine = athenaQueryEngine(
    new AthenaClient({ ...CLIENT_SETTINGS, ...awsPlace(options) }),
    target,
    ({ queryId, state, seconds, scannedBytes }) => {
      scanned.set(queryId, scannedBytes);
      status.show(`Athena: ${state.toLowerCase()}, ${seconds} s, ${bytesText(scannedBytes)} scanned`);
    },
    interruption.signal,
  );
  return {
    async run(sql) {
      try {
        return await engine.run(sql);
      } finally {
        status.clear();
      }
    },
    close() {
      engine.close();
      interruption.end();
      if (scanned.size > 0) process.stderr.write(`${costLine([...scanned.values()])}\n`);
    },
  };
}

/** What a command's queries scanned, each of them in bytes, and what AWS charges for it. */
function costLine(scanned: readonly number[]): string {
  const bytes = bytesText(scanned.reduce((sum, each) => sum + each, 0));
  const dollars = scanned.reduce((sum, each) => sum + scanCost(each), 0);
  const queries = scanned.length === 1 ? '' : ` in ${scanned.length} queries`;
  const price = dollars < 0.01 ? 'less than $0.01' : `about $${dollars.toFixed(2)}`;
  return `Athena scanned ${bytes}${queries}: ${price} (list price of ${PRICE_REGION}, ${PRICE_DATE}).`;
}

async function targetOf({ stage, database, workgroup }: EngineOptions) {
  if (stage === undefined && database === undefined) {
    throw new QueryError(
      'Which lake in AWS? Add --stage NAME, the stage that was deployed (or set FLOWLOGS_STAGE), or --database NAME.',
    );
  }
  if (stage === undefined) return { database: database!, workgroup: workgroup ?? PRIMARY_WORKGROUP };
  const { databaseName, workgroupName } = await import('../infrastructure/names.ts');
  return { database: database ?? databaseName({ stage }), workgroup: workgroup ?? workgroupName({ stage }) };
}
