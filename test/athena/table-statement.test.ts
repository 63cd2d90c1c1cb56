import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createTableStatement } from '../../athena/table-statement.ts';
import { TABLES } from '../../athena/tables.ts';

const FOLDER = join(import.meta.dirname, '../../athena/tables');
const statements = TABLES.map((table) => [table.name, createTableStatement(table), table] as const);
const statementOf = (name: string) => statements.find(([table]) => table === name)?.[1] ?? '';

test.each(statements)(
  'athena/tables/%s.sql says what the catalogue says (renew it with: npx vitest run test/athena --update)',
  async (name, statement) => {
    await expect(statement).toMatchFileSnapshot(join(FOLDER, `${name}.sql`));
  },
);

describe.each(statements)('the statement of %s', (_, statement, table) => {
  test('has every column and every partition, quoted, because some are reserved words', () => {
    const [columns = '', partitions = ''] = statement.split('PARTITIONED BY');
    const names = (part: string) =>
      [...part.matchAll(/^ {2}`(\w+)` (\S+) COMMENT/gm)].map(([, n, t]) => [n, t]);
    expect(names(columns)).toEqual(table.columns.map(({ name, type }) => [name, type]));
    expect(names(partitions)).toEqual(table.partitions.map(({ name }) => [name, 'string']));
  });

  test('closes its quotes and has no semicolon, so that any client takes it as one statement', () => {
    const code = statement.replaceAll(/^--.*$/gm, '').replaceAll("\\'", '');
    expect(code.split("'").length % 2).toBe(1);
    expect(code).not.toContain(';');
  });
});

test('partitions of records are registered, those of objects are projected', () => {
  expect(statementOf('flow_logs')).not.toContain('projection');
  expect(statementOf('flow_logs')).toContain('MSCK REPAIR TABLE flow_logs');
  expect(statementOf('receipts')).toContain("'projection.day.range' = '2010-01-01,NOW+1DAYS'");
  expect(statementOf('receipts')).toContain(
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Athena's notation
    "'storage.location.template' = 's3://LAKE-BUCKET/receipts/day=${day}/'",
  );
});
