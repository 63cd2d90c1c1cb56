import { GetQueryExecutionCommand, ListQueryExecutionsCommand } from '@aws-sdk/client-athena';
import { CreatePartitionCommand, GetTableCommand } from '@aws-sdk/client-glue';
import type { Stack } from './stack.ts';

/** An `ALTER TABLE … ADD IF NOT EXISTS PARTITION` that reached Athena. */
export interface PartitionStatement {
  readonly database: string;
  readonly partitions: readonly AddedPartition[];
}

export interface AddedPartition {
  readonly table: string;
  readonly values: Readonly<Record<string, string>>;
  readonly location: string;
}

const STATEMENT = /^ALTER TABLE `?(\w+)`? ADD IF NOT EXISTS\s+(PARTITION[^;]*)$/;
const PARTITION = /PARTITION \(([^)]*)\) LOCATION '([^']*)'/g;
const VALUE = /^`?(\w+)`? ?= ?'([^']*)'$/;

/**
 * The statements that Athena was given, oldest first.
 *
 * @throws Error if one of them adds anything but partitions.
 */
export async function statementsOf({ athena, names }: Stack): Promise<PartitionStatement[]> {
  const WorkGroup = names.Workgroup;
  const { QueryExecutionIds = [] } = await athena.send(new ListQueryExecutionsCommand({ WorkGroup }));
  return Promise.all(
    QueryExecutionIds.map(async (QueryExecutionId) => {
      const { QueryExecution } = await athena.send(new GetQueryExecutionCommand({ QueryExecutionId }));
      const { Query = '', QueryExecutionContext } = QueryExecution!;
      return { database: QueryExecutionContext!.Database!, partitions: partitionsOf(Query) };
    }),
  );
}

function partitionsOf(query: string): AddedPartition[] {
  const [, table, clauses] = STATEMENT.exec(query) ?? [];
  if (table === undefined || clauses === undefined) throw new Error(`Athena was given: ${query}`);
  if (clauses.replaceAll(PARTITION, '').trim() !== '') throw new Error(`Athena was given: ${query}`);
  return [...clauses.matchAll(PARTITION)].map(([, values, location]) => ({
    table,
    values: Object.fromEntries(
      values!.split(/, ?/).map((value) => VALUE.exec(value)!.slice(1) as [string, string]),
    ),
    location: location!,
  }));
}

/** Does in Glue what the statements say. moto takes every statement and does nothing. */
export async function applyStatements(
  stack: Stack,
  statements: readonly PartitionStatement[],
): Promise<void> {
  const { glue } = stack;
  for (const { database: DatabaseName, partitions } of statements) {
    for (const { table, values, location } of partitions) {
      const { Table } = await glue.send(new GetTableCommand({ DatabaseName, Name: table }));
      const PartitionInput = {
        Values: Table!.PartitionKeys!.map(({ Name }) => values[Name!]!),
        StorageDescriptor: { ...Table!.StorageDescriptor, Location: location },
      };
      await glue
        .send(new CreatePartitionCommand({ DatabaseName, TableName: table, PartitionInput }))
        .catch((error: Error) => {
          if (error.name !== 'AlreadyExistsException') throw error;
        });
    }
  }
}
