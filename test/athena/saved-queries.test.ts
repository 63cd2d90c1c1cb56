import { describe, expect, test } from 'vitest';
import { renderQuery } from '../../athena/query-file.ts';
import { savedQueries, savedQuery } from '../../athena/saved-queries.ts';
import { TABLES } from '../../athena/tables.ts';

const queries = await savedQueries();

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
    const tables = TABLES.filter(({ name }) => new RegExp(`\\b${name}\\b`).test(query.sql));
    const columns = tables.flatMap((table) =>
      [...table.columns, ...table.partitions].map(({ name }) => name),
    );
    expect(tables).not.toEqual([]);
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
    for (const name of [...names, 'flow_logs']) {
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
