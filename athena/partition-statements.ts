import { type Partition, partitionFolder, type RecordTable } from '../shared/lake/partition.ts';

/** Partitions of one statement: what Glue takes at once. About 25 kB; Athena takes statements of 262,144 bytes. */
export const MAX_PARTITIONS_OF_STATEMENT = 100;

/** Whatever the patterns of a partition's parts let through, nothing that means something in SQL is among it. */
const HARMLESS = /^[A-Za-z0-9-]+$/;
const BUCKET = /^[a-z0-9.-]+$/;

/**
 * The statement that adds partitions to a table of the lake, unless they exist.
 *
 * Source: "ALTER TABLE ADD PARTITION" (Amazon Athena User Guide). It changes nothing about a partition that exists, not
 * even a wrong location, so locations are always spelled out.
 *
 * @throws Error for a value that does not belong into SQL. Callers check values before; this is the last line.
 */
export function addPartitionsStatement(
  bucket: string,
  table: RecordTable,
  partitions: readonly Partition[],
): string {
  if (!BUCKET.test(bucket)) throw new Error(`"${bucket}" is no name of a bucket.`);
  const clauses = partitions.map((partition) => {
    const columns = [
      `aws_account_id=${quoted(partition.accountId)}`,
      `aws_region=${quoted(partition.region)}`,
      `day=${quoted(partition.day)}`,
      `hour=${quoted(partition.hour)}`,
    ];
    return `  PARTITION (${columns.join(', ')}) LOCATION 's3://${bucket}/${partitionFolder(partition)}'`;
  });
  return `ALTER TABLE ${table} ADD IF NOT EXISTS\n${clauses.join('\n')}`;
}

function quoted(value: string): string {
  if (!HARMLESS.test(value)) throw new Error(`"${value}" is no value of a partition.`);
  return `'${value}'`;
}
