import { describe, expect, test } from 'vitest';
import { renderQuery } from '../../athena/query-file.ts';
import { savedQueries, savedQuery } from '../../athena/saved-queries.ts';
import { TABLES } from '../../athena/tables.ts';
import { VIEWS } from '../../athena/views.ts';

const queries = await savedQueries();

/** Tables and views with all their columns. */
const RELATIONS = [
  ...TABLES.map(({ name, columns, partitions }) => ({ name, columns: [...columns, ...partitions] })),
  ...VIEWS,
];

/** Those that a query reads, as often as it mentions them. */
function relationsOf(sql: string) {
  const code = sql.replaceAll(/--.*/g, '');
  const mentions = [...code.matchAll(/\b(?:FROM|JOIN)\s+(\w+)/g)].map(([, name]) => name);
  return mentions.flatMap((mention) => RELATIONS.filter(({ name }) => name === mention));
}

test('the queries of the first release are there', () => {
  expect(queries.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      'top-talkers',
      'rejected-traffic',
      'top-rejected-ports',
      'port-scan',
      'skipdata-by-interface',
      'conversation',
    ]),
  );
});

describe.each(queries.map((query) => [query.name, query] as const))('%s', (_, query) => {
  test('needs only fields of the tables it reads', () => {
    const relations = relationsOf(query.sql);
    const columns = relations.flatMap((relation) => relation.columns.map(({ name }) => name));
    expect(relations).not.toEqual([]);
    expect(columns).toEqual(expect.arrayContaining([...query.fields]));
  });

  test('prunes partitions, orders its answer and limits it', () => {
    expect(query.sql).toContain('{{time_range}}');
    expect(query.sql).toMatch(/\nORDER BY .+\nLIMIT \{\{limit\}\}$/);
    expect(query.parameters.map(({ name }) => name)).toContain('limit');
  });

  test('reads its table once: Athena reads a WITH table anew for each mention', () => {
    const code = query.sql.replaceAll(/--.*/g, '');
    const names = [...code.matchAll(/(\w+) AS \(\n\s+SELECT/g)].map(([, name]) => name ?? '');
    const relations = relationsOf(query.sql).map(({ name }) => name);
    expect(relations).toEqual([...new Set(relations)]);
    for (const name of names) {
      expect([name, [...code.matchAll(new RegExp(`(FROM|JOIN)\\s+${name}\\b`, 'g'))].length]).toEqual([
        name,
        1,
      ]);
    }
  });
});

test('a name that does not exist gets the nearest one suggested', async () => {
  await expect(savedQuery('port_scan')).rejects.toThrow(
    'There is no query "port_scan". Did you mean "port-scan"?',
  );
  await expect(savedQuery('../tables')).rejects.toThrow('There is no query');
  expect((await savedQuery('port-scan')).title).toBe('Port scan');
});

test('a rendered query has no placeholder left', async () => {
  const query = await savedQuery('top-talkers');
  expect(renderQuery(query, new Map(), { since: 0 })).not.toMatch(/\{\{|\}\}/);
});
