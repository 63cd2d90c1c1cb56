/**
 * DuckDB over a lake folder: Athena's stand-in on a laptop. Each table of the lake is a view over its files, Athena's
 * views are over these, and Trino's functions are there as macros, so that the saved queries run unchanged.
 */

import { realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import {
  type DuckDBConnection,
  DuckDBInstance,
  type DuckDBResultReader,
  StatementType,
} from '@duckdb/node-api';
import { ONLY_READS, type QueryEngine, type QueryResult } from '../athena/query-engine.ts';
import { distinctNames } from '../athena/query-values.ts';
import { onlyReads } from '../athena/sql-text.ts';
import { TABLES, type Table } from '../athena/tables.ts';
import { createViewStatement, VIEWS } from '../athena/views.ts';
import { duckdbType } from './duckdb-type.ts';
import { resultColumn, resultValue } from './duckdb-value.ts';
import { tableFiles } from './lake-files.ts';
import { materializeGroups } from './materialized-groups.ts';
import { trinoStatements } from './trino-macros.ts';

/**
 * Opens a lake folder for queries. The files are listed once, here: a query does not see what is added later. SQL can
 * read the lake and nothing else of the machine, and cannot write.
 *
 * @throws Error that says what to do if there is no lake at the path, or nothing in it.
 */
export async function openLake(folder: string): Promise<QueryEngine> {
  const lake = await realpath(folder).catch(() => folder);
  const files = new Map<Table, string[]>();
  for (const table of TABLES) files.set(table, await tableFiles(lake, table));
  if ([...files.values()].every((list) => list.length === 0)) {
    throw new Error(
      `There is nothing to query: the lake ${folder} is missing or empty. ` +
        `Fill it with "flowlogs ingest PATH… --lake ${folder}", or try "flowlogs demo".`,
    );
  }
  const instance = await DuckDBInstance.create(':memory:', {
    // Extensions would come from the network; json and icu are built in.
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    temp_directory: join(tmpdir(), `flowlogs-duckdb-${process.pid}`),
  });
  const connection = await instance.connect();
  for (const statement of [...settings(lake), ...trinoStatements()]) await connection.run(statement);
  for (const [table, list] of files) await connection.run(tableStatement(table, list));
  for (const view of VIEWS) await connection.run(createViewStatement(view));
  return {
    run: (sql) => run(connection, sql, files),
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

function settings(lake: string): string[] {
  // Paths are globs to DuckDB, so both the folder and its escaped spelling have to be allowed.
  const allowed = [...new Set([lake, escapeGlob(lake)])].map((path) => quote(`${path}/`));
  return [
    "SET TimeZone = 'UTC'",
    // As in Trino: 7 / 2 is 3.
    'SET integer_division = true',
    `SET allowed_directories = [${allowed.join(', ')}]`,
    'SET enable_external_access = false',
    'SET lock_configuration = true',
  ];
}

/** Where a record lies: Athena's hidden column, which is an ordinary one here. */
const PATH_COLUMN = '"$path"';

function tableStatement(table: Table, files: readonly string[]): string {
  const view = `CREATE VIEW ${table.name} AS`;
  if (files.length === 0) {
    // read_json refuses an empty list. The table exists nevertheless, with its columns and no rows.
    const columns = [...table.columns, ...table.partitions];
    const nulls = columns.map(({ name, type }) => `CAST(NULL AS ${duckdbType(type)}) AS "${name}"`);
    return `${view} SELECT ${nulls.join(', ')}, CAST(NULL AS VARCHAR) AS ${PATH_COLUMN} WHERE false`;
  }
  const bySuffix = Map.groupBy(files, compressionOf);
  const reads = [...bySuffix.values()].map(
    (list) => `SELECT * RENAME (filename AS ${PATH_COLUMN}) FROM ${readJson(table, list)}`,
  );
  return `${view} ${reads.join(' UNION ALL ')}`;
}

/** The codec that DuckDB shall use. Left to itself it is misled by a `?` in a folder's name, as in a URL. */
function compressionOf(file: string): 'zstd' | 'gzip' | 'uncompressed' {
  if (file.endsWith('.zst')) return 'zstd';
  return file.endsWith('.gz') ? 'gzip' : 'uncompressed';
}

/** A read of files that all have the same compression, of which there is at least one. */
function readJson(table: Table, files: readonly string[]): string {
  const struct = (columns: Table['columns']) =>
    `{${columns.map(({ name, type }) => `'${name}': ${quote(duckdbType(type))}`).join(', ')}}`;
  const options = [
    "format = 'newline_delimited'",
    `compression = '${compressionOf(files[0] ?? '')}'`,
    // Explicit columns spare a look into every file and give each file all columns, as NULL where it has none.
    `columns = ${struct(table.columns)}`,
    'hive_partitioning = true',
    'filename = true',
    // An account id is no number, and hour 05 is not 5.
    `hive_types = ${struct(table.partitions)}`,
  ];
  return `read_json([${files.map((file) => quote(escapeGlob(file))).join(', ')}], ${options.join(', ')})`;
}

async function run(
  connection: DuckDBConnection,
  sql: string,
  files: ReadonlyMap<Table, readonly string[]>,
): Promise<QueryResult> {
  try {
    const reader = await read(connection, materializeGroups(sql));
    return {
      columns: distinctNames(reader.columnNames()).map((name, index) =>
        resultColumn(name, reader.columnType(index)),
      ),
      rows: reader.getRows().map((row) => row.map(resultValue)),
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const damaged = await damagedFile(connection, message, files);
    if (damaged !== undefined) throw new Error(damagedFileMessage(damaged, message), { cause: error });
    throw new Error(message.replace(/^Failed to extract statements: /, ''), { cause: error });
  }
}

/** @throws Error unless it is one statement, and only reads. */
async function read(connection: DuckDBConnection, sql: string): Promise<DuckDBResultReader> {
  const statements = await connection.extractStatements(sql);
  if (statements.count !== 1) throw new Error('Give exactly one SQL statement.');
  // Not prepared: what reads files would be planned twice. WITH … INSERT finds no table to write to.
  if (onlyReads(sql)) return connection.runAndReadAll(sql);
  const statement = await statements.prepare(0);
  if (statement.statementType !== StatementType.SELECT) throw new Error(ONLY_READS);
  return statement.runAndReadAll();
}

/** The file that DuckDB's message is about, or undefined if the message is about something else. */
async function damagedFile(
  connection: DuckDBConnection,
  message: string,
  files: ReadonlyMap<Table, readonly string[]>,
): Promise<string | undefined> {
  if (!/^(IO|Invalid Input) Error: /.test(message)) return undefined;
  const all = [...files].flatMap(([table, list]) => list.map((file) => ({ table, file })));
  const named = all.find(({ file }) => message.includes(file));
  if (named !== undefined) return named.file;
  // Decompression errors name no file. Reading one file after the other finds it.
  if (!message.startsWith('IO Error: ')) return undefined;
  for (const { table, file } of all) {
    const read = connection.run(`SELECT count(COLUMNS(*)) FROM ${readJson(table, [file])}`);
    const failed = await read.then(
      () => false,
      (error: Error) => error.message === message,
    );
    if (failed) return file;
  }
  return undefined;
}

function damagedFileMessage(file: string, message: string): string {
  const objectId = basename(file).replace(/\.json(\.zst|\.gz)?$/, '');
  const [firstLine = ''] = message.split('\n');
  const reason = firstLine
    .replace(/^[\w ]+ Error: /, '')
    .replace(` in file "${file}"`, '')
    .replace(/[ .]+$/, '');
  return (
    `The lake's file ${file} is damaged (${reason}). Delete it and its receipt ` +
    `receipts/day=…/${objectId}.json, then ingest the source object again.`
  );
}

function escapeGlob(path: string): string {
  return path.replaceAll(/[[*?]/g, '[$&]');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
