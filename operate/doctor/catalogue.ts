import { EntityNotFoundException, GetTableCommand, type Table as GlueTable } from '@aws-sdk/client-glue';
import { TABLES } from '../../athena/tables.ts';
import { VIEWS } from '../../athena/views.ts';
import { athenaQueryEngine } from '../../shared/aws/athena-query-engine.ts';
import { several } from '../../shared/findings/wording.ts';
import { DEPLOY_AGAIN, type Examination, type Finding, fail, ok, type Patient, warn } from './check.ts';

/** What Athena knows of the lake, and whether it answers. */
export const CATALOGUE: readonly Examination[] = [
  { name: 'tables and views', look: examineTables },
  { name: 'a query', look: testQuery },
];

async function examineTables(patient: Patient): Promise<readonly Finding[]> {
  const { stack } = patient;
  const findings = await Promise.all([
    ...TABLES.map(async ({ name, prefix, columns, partitions }) => {
      const table = await tableOf(patient, name);
      if (table === undefined) return missing('table', name);
      const location = table.StorageDescriptor?.Location?.replace(/\/?$/, '/');
      if (location !== `s3://${stack.lakeBucket}/${prefix}`) {
        return fail(`The table ${name} lies at ${location}, and not in the lake.`, DEPLOY_AGAIN);
      }
      return differing(name, [...columns, ...partitions], table);
    }),
    ...VIEWS.map(async ({ name }) =>
      (await tableOf(patient, name)) === undefined ? missing('view', name) : undefined,
    ),
  ]);
  const problems = findings.filter((finding) => finding !== undefined);
  return problems.length > 0
    ? problems
    : [ok(`The database ${stack.database} has all tables and views, as this release knows them.`)];
}

async function tableOf({ aws, stack }: Patient, Name: string): Promise<GlueTable | undefined> {
  try {
    return (await aws.glue.send(new GetTableCommand({ DatabaseName: stack.database, Name }))).Table;
  } catch (error) {
    if (error instanceof EntityNotFoundException) return undefined;
    throw error;
  }
}

function missing(kind: string, name: string): Finding {
  return fail(`The ${kind} ${name} is missing: queries on it fail.`, DEPLOY_AGAIN);
}

function differing(
  name: string,
  wanted: readonly { readonly name: string; readonly type: string }[],
  { StorageDescriptor, PartitionKeys = [] }: GlueTable,
): Finding | undefined {
  const types = new Map(
    [...(StorageDescriptor?.Columns ?? []), ...PartitionKeys].map(({ Name, Type }) => [Name, Type]),
  );
  const others = wanted.filter((column) => types.get(column.name) !== column.type);
  if (others.length === 0) return undefined;
  return warn(
    `The table ${name} was made by another release: ${several(others, (column) => column.name)} differ.`,
    'Deploy this release, or use the one that was deployed.',
  );
}

/** Reads one day of receipts, which is little: that it works takes workgroup, tables, lake and permissions. */
async function testQuery({ aws, stack, signal, now }: Patient): Promise<readonly Finding[]> {
  const { database, workgroup } = stack;
  const engine = athenaQueryEngine(aws.athena, { database, workgroup }, () => {}, signal);
  const day = new Date(now * 1000).toISOString().slice(0, 10);
  try {
    const { rows } = await engine.run(`SELECT count(*) AS objects FROM receipts WHERE day = '${day}'`);
    const objects = Number(rows[0]?.[0] ?? 0);
    return [
      objects > 0
        ? ok(`Athena answers: ${objects.toLocaleString('en-US')} objects of today were ingested.`)
        : warn(
            'Athena answers: no object of today was ingested.',
            'Right after midnight (UTC) and before the first delivery that is how it is. Else: flowlogs status.',
          ),
    ];
  } catch (error) {
    signal.throwIfAborted();
    return [fail('Athena does not answer.', (error as Error).message)];
  }
}
