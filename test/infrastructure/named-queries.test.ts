import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { QueryEngine } from '../../athena/query-engine.ts';
import { parseSavedQuery } from '../../athena/query-file.ts';
import { savedQueries } from '../../athena/saved-queries.ts';
import { oneStatement } from '../../athena/sql-text.ts';
import { namedQueryResources } from '../../infrastructure/named-queries.ts';
import { openLake } from '../../local/duckdb.ts';
import { emptyLake, flow, writeRecords } from '../local/lake-fixture.ts';

const queries = await savedQueries();
const resources = namedQueryResources(queries);

interface NamedQuery {
  readonly Name: string;
  readonly Description: string;
  readonly QueryString: string;
}
const named = Object.entries(resources).map(([id, { Properties }]) => ({
  id,
  ...(Properties as unknown as NamedQuery),
}));
const textOf = (name: string) => named.find(({ Name }) => Name === name)?.QueryString ?? '';

/** The resources that a file would be deployed as. */
function deployed(sql: string, header = '') {
  const file = `-- title: Mine\n-- question: Why?\n-- theme: log\n-- fields: start\n${header}-- next: Look; think.\n${sql}`;
  return namedQueryResources([parseSavedQuery('my-own', file)]).MyOwnQuery
    ?.Properties as unknown as NamedQuery;
}

test('there is one for each file, under a logical id that is its name', () => {
  const files = readdirSync(new URL('../../athena/queries/', import.meta.url));
  expect(named.map(({ Name }) => `${Name}.sql`).sort()).toEqual(
    files.filter((file) => file.endsWith('.sql')).sort(),
  );
  expect(resources).toHaveProperty('TopTalkersQuery');
  for (const { id } of named) expect(id).toMatch(/^[A-Z][A-Za-z0-9]*Query$/);
});

test('all are in the workgroup and the database of the stack', () => {
  for (const { Type, Properties } of Object.values(resources)) {
    expect(Type).toBe('AWS::Athena::NamedQuery');
    expect(Properties).toMatchObject({ Database: { Ref: 'GlueDatabase' }, WorkGroup: { Ref: 'Workgroup' } });
  }
});

test('eight at most are created at once: Athena throttles', () => {
  const levels = new Map<string, number>();
  for (const [id, { DependsOn }] of Object.entries(resources)) {
    levels.set(id, DependsOn === undefined ? 0 : levels.get(String(DependsOn))! + 1);
  }
  const sizes = Map.groupBy(levels.values(), (level) => level);
  expect([...sizes.values()].every(({ length }) => length <= 8)).toBe(true);
  expect(sizes.size).toBe(Math.ceil(queries.length / 8));
});

describe('each', () => {
  let lake: Awaited<ReturnType<typeof emptyLake>>;
  let engine: QueryEngine;
  const now = Math.floor(Date.now() / 1000);
  beforeAll(async () => {
    lake = await emptyLake();
    await writeRecords(lake.folder, [
      flow({ action: 'REJECT', dstport: 22, start: now - 3600 }),
      flow({ action: 'REJECT', dstport: 23, start: now - 72 * 3600 }),
    ]);
    engine = await openLake(lake.folder);
  });
  afterAll(async () => {
    engine.close();
    await lake.remove();
  });

  test.each(named)(
    '$Name runs as it is, within the limits of Athena',
    async ({ Name, Description, QueryString }) => {
      expect(QueryString).not.toMatch(/\{\{|\}\}/);
      expect(QueryString).toContain(
        "(day >= date_format(current_date - interval '1' day, '%Y-%m-%d')) /* time_range */",
      );
      expect(() => oneStatement(QueryString)).not.toThrow();
      await expect(engine.run(QueryString)).resolves.toHaveProperty('rows');
      expect(Name.length).toBeLessThanOrEqual(128);
      expect(Description.length).toBeGreaterThan(20);
      expect(Description.length).toBeLessThanOrEqual(1024);
      expect(Buffer.byteLength(QueryString)).toBeLessThanOrEqual(262_144);
    },
  );

  test('asks of yesterday and today', async () => {
    const { columns, rows } = await engine.run(textOf('top-rejected-ports'));
    const port = columns.findIndex(({ name }) => name === 'port');
    expect(rows.map((row) => row[port])).toEqual([22]);
  });
});

describe('the text', () => {
  test('says which days it asks of, and what to do with the answer', () => {
    const { QueryString } = deployed('SELECT 1 FROM receipts WHERE {{time_range}}');
    expect(QueryString).toMatch(/^-- Mine\n-- Why\?\n--\n-- It asks of yesterday and today \(UTC\)\./);
    expect(QueryString).toMatch(/\n--\n-- Look; think\.\nSELECT 1 FROM receipts\b/);
    expect(QueryString).not.toContain('Parameters');
    for (const line of QueryString.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
  });

  test('names each parameter behind its value, and says which value has to be replaced', () => {
    const { QueryString } = deployed(
      'SELECT {{who}}, {{net}} FROM flows WHERE {{time_range}} LIMIT {{limit}}',
      '-- parameter: who address; whose\n-- parameter: net cidr optional; where\n-- parameter: limit count = 20; rows\n',
    );
    expect(QueryString).toContain("SELECT '192.0.2.1' /* who */, CAST(NULL AS varchar) /* net */ FROM flows");
    expect(QueryString).toContain('LIMIT 20 /* limit */');
    expect(QueryString).toMatch(
      /^-- {3}\/\* who \*\/ whose: an IPv4 .* 192\.0\.2\.1 is an example to be replaced$/m,
    );
    expect(QueryString).toMatch(/^-- {3}\/\* net \*\/ where: a network .*, or NULL\n-- {5}for none$/m);
  });

  test.each([
    ['address', "'192.0.2.1'"],
    ['cidr', "'192.0.2.0/24'"],
    ['port', '443'],
    ['day', "'2000-01-01'"],
    ['count', '1'],
    ['number', '1'],
    ['text', "'change me'"],
  ])('has an example for a required %s', (type, literal) => {
    const { QueryString } = deployed(
      'SELECT {{x}} FROM flows WHERE {{time_range}}',
      `-- parameter: x ${type}; what\n`,
    );
    expect(QueryString).toContain(`SELECT ${literal} /* x */ FROM`);
  });

  test('of a question about two addresses asks of two that are in no log', () => {
    expect(textOf('conversation')).toContain("'192.0.2.1' /* source */ IN (srcaddr, pkt_srcaddr)");
  });
});
