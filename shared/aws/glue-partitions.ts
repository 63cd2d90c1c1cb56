import { type GlueClient, paginateGetPartitions } from '@aws-sdk/client-glue';
import { partitionFolder, type RecordTable } from '../lake/partition.ts';

/**
 * The folders of one day's registered partitions, and the location that the catalogue has of each.
 *
 * Source: "GetPartitions" (AWS Glue Web API Reference). Without the columns, which each partition repeats, an answer is
 * a tenth as long.
 *
 * @param day `2026-11-20`.
 * @throws Error that says what the function needs, if Glue refuses; the signal's reason as soon as it aborts.
 */
export async function registeredLocations(
  glue: GlueClient,
  database: string,
  table: RecordTable,
  day: string,
  signal: AbortSignal,
): Promise<Map<string, string>> {
  const locations = new Map<string, string>();
  const input = {
    DatabaseName: database,
    TableName: table,
    Expression: `day = '${day}'`,
    ExcludeColumnSchema: true,
  };
  try {
    for await (const { Partitions = [] } of paginateGetPartitions({ client: glue }, input, {
      abortSignal: signal,
    })) {
      for (const {
        Values: [accountId = '', region = '', , hour = ''] = [],
        StorageDescriptor,
      } of Partitions) {
        const folder = partitionFolder({ table, accountId, region, day, hour });
        locations.set(folder, StorageDescriptor?.Location ?? '');
      }
    }
  } catch (error) {
    signal.throwIfAborted();
    throw new Error(
      `The partitions of ${database}.${table} could not be listed: ${(error as Error).message}. The table has to exist, ` +
        "and the function's role needs glue:GetPartitions for catalog, database and table.",
      { cause: error },
    );
  }
  return locations;
}
