import type { Table, TableColumn } from './tables.ts';

/**
 * How Athena reads the lake's objects: text of any compression, picked by the object's suffix, one JSON object a line.
 * Not the OpenX SerDe, whose results AWS calls non-deterministic.
 *
 * Source: "Hive JSON SerDe" (Amazon Athena User Guide).
 */
export const JSON_LINES = {
  inputFormat: 'org.apache.hadoop.mapred.TextInputFormat',
  outputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
  serde: 'org.apache.hive.hcatalog.data.JsonSerDe',
} as const;

/** Whether Athena works out a table's partitions itself. The others' are registered. */
export const isProjected = ({ partitions }: Table) => partitions.every(({ name }) => name === 'day');

/**
 * A table's properties in the catalogue.
 *
 * Objects' tables let Athena work out their partitions from the days that there can be: none before 2010, which is also
 * the earliest time that ingest believes without a stamp, and tomorrow at most, for clocks that are ahead.
 *
 * Source: "Partition projection" (Amazon Athena User Guide).
 *
 * @param location the table's folder as a URL, with its slash
 */
export function tableProperties(table: Table, location: string): Readonly<Record<string, string>> {
  return {
    classification: 'json',
    ...(isProjected(table) && {
      'projection.enabled': 'true',
      'projection.day.type': 'date',
      'projection.day.format': 'yyyy-MM-dd',
      'projection.day.range': '2010-01-01,NOW+1DAYS',
      'projection.day.interval': '1',
      'projection.day.interval.unit': 'DAYS',
      'storage.location.template': `${location}day=\${day}/`,
    }),
  };
}

const LOCATION = 's3://LAKE-BUCKET/';

/**
 * The statement that creates a table over a lake, in Athena's DDL (Hive), for people who don't deploy with our stack.
 *
 * Source: "CREATE TABLE" (Amazon Athena User Guide).
 */
export function createTableStatement(table: Table): string {
  const location = `${LOCATION}${table.prefix}`;
  const properties = Object.entries(tableProperties(table, location)).map(
    ([name, value]) => `  '${name}' = '${value}'`,
  );
  return `${header(table)}
CREATE EXTERNAL TABLE IF NOT EXISTS ${table.name} (
${table.columns.map(columnDefinition).join(',\n')}
)
PARTITIONED BY (
${table.partitions.map(columnDefinition).join(',\n')}
)
ROW FORMAT SERDE '${JSON_LINES.serde}'
STORED AS
  INPUTFORMAT '${JSON_LINES.inputFormat}'
  OUTPUTFORMAT '${JSON_LINES.outputFormat}'
LOCATION '${location}'
TBLPROPERTIES (
${properties.join(',\n')}
)
`;
}

function header(table: Table): string {
  const partitions = isProjected(table)
    ? '-- Athena works out the partitions itself: nothing has to be registered.'
    : `-- Partitions have to be registered, each hour anew. For those that are there: MSCK REPAIR TABLE ${table.name}`;
  return `-- Rendered by athena/table-statement.ts. Put the name of your lake's bucket in the place of LAKE-BUCKET.
${partitions}`;
}

/** Names are always quoted: some are reserved words, and the next field that AWS adds may be one. */
function columnDefinition({ name, type, description }: TableColumn): string {
  return `  \`${name}\` ${type} COMMENT '${comment(description)}'`;
}

/** Without semicolons: clients that cut a text into statements do it also within quotes. */
function comment(text: string): string {
  return text.replaceAll(';', ',').replaceAll("'", "\\'");
}
