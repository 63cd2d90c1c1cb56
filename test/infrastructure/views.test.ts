import { describe, expect, test } from 'vitest';
import { VIEWS } from '../../athena/views.ts';
import { catalogueResources } from '../../infrastructure/catalogue.ts';
import { viewResources } from '../../infrastructure/views.ts';
import { stackParameters } from './stack-parameters.ts';

const parameters = { ...stackParameters(), stage: 'prod-eu' };
const resources = viewResources(parameters);

interface Column {
  readonly Name: string;
  readonly Type: string;
  readonly Comment: string;
}
interface TableInput {
  readonly Name: string;
  readonly TableType: string;
  readonly Parameters: unknown;
  readonly ViewOriginalText: string;
  readonly ViewExpandedText: string;
  readonly StorageDescriptor: { readonly Columns: readonly Column[] };
}
const inputOf = (id: string) => resources[id]?.Properties?.TableInput as TableInput;

test('both views are there, in the database of the tables', () => {
  expect(Object.keys(resources)).toEqual(['FlowsView', 'TransitFlowsView']);
  const ids = Object.keys(catalogueResources(parameters));
  expect(ids.filter((id) => id in resources)).toEqual([]);
  for (const { Type, Properties } of Object.values(resources)) {
    expect(Type).toBe('AWS::Glue::Table');
    expect(Properties).toMatchObject({ DatabaseName: { Ref: 'GlueDatabase' } });
  }
});

describe.each([
  ['FlowsView', VIEWS[0]!],
  ['TransitFlowsView', VIEWS[1]!],
])('%s', (id, view) => {
  const input = inputOf(id);
  const [, base64 = ''] =
    /^\/\* Presto View: ([A-Za-z0-9+/]+={0,2}) \*\/$/.exec(input.ViewOriginalText) ?? [];
  const definition = JSON.parse(Buffer.from(base64, 'base64').toString('utf8'));

  test('is what Athena takes for a view', () => {
    expect(input).toMatchObject({
      Name: view.name,
      TableType: 'VIRTUAL_VIEW',
      Parameters: { presto_view: 'true', comment: 'Presto View' },
      ViewExpandedText: '/* Presto View */',
    });
    // A limit of Glue's.
    expect(Buffer.byteLength(input.ViewOriginalText)).toBeLessThan(409_600);
  });

  test('has the query, and the database in which it finds its table', () => {
    expect(definition).toMatchObject({
      originalSql: view.sql,
      catalog: 'awsdatacatalog',
      schema: 'flowlogs_prod_eu',
    });
  });

  test("has the same columns in Trino's notation and in Glue's", () => {
    const types = { int: 'integer', bigint: 'bigint', string: 'varchar', timestamp: 'timestamp(3)' };
    const { Columns } = input.StorageDescriptor;
    expect(Columns.map(({ Name, Type }) => [Name, Type])).toEqual(
      view.columns.map(({ name, type }) => [name, type]),
    );
    expect(definition.columns).toEqual(
      Columns.map(({ Name, Type }) => ({ name: Name, type: types[Type as keyof typeof types] })),
    );
    for (const { Comment } of Columns) expect(Buffer.byteLength(Comment)).toBeLessThanOrEqual(255);
  });
});
