import { VIEWS, type View } from '../athena/views.ts';
import { glueColumn } from './catalogue.ts';
import { logicalId } from './logical-id.ts';
import { databaseName } from './names.ts';
import type { StackParameters } from './parameters.ts';
import { type Resource, type Resources, ref } from './template.ts';

/**
 * The views in the form that Athena itself gives them in the Glue catalogue: a table without data, whose text is a comment
 * with the query and its columns as JSON in base64. AWS does not document the form; Trino does by its source.
 *
 * Sources: "AWS::Glue::Table" (CloudFormation Template Reference); `ViewReaderUtil` and `ConnectorViewDefinition` (Trino).
 */
export function viewResources(parameters: StackParameters): Resources {
  return Object.fromEntries(
    VIEWS.map((view) => [`${logicalId(view.name)}View`, glueView(view, databaseName(parameters))]),
  );
}

function glueView({ name, description, columns, sql }: View, database: string): Resource {
  const definition = {
    originalSql: sql,
    catalog: 'awsdatacatalog',
    schema: database,
    columns: columns.map((column) => ({ name: column.name, type: trinoType(column.type) })),
  };
  const encoded = Buffer.from(JSON.stringify(definition)).toString('base64');
  return {
    Type: 'AWS::Glue::Table',
    Properties: {
      CatalogId: ref('AWS::AccountId'),
      DatabaseName: ref('GlueDatabase'),
      TableInput: {
        Name: name,
        Description: description,
        TableType: 'VIRTUAL_VIEW',
        // Trino takes it for a view of its own by these two.
        Parameters: { presto_view: 'true', comment: 'Presto View' },
        PartitionKeys: [],
        ViewOriginalText: `/* Presto View: ${encoded} */`,
        ViewExpandedText: '/* Presto View */',
        StorageDescriptor: { Columns: columns.map(glueColumn), Location: '', SerdeInfo: {} },
      },
    },
  };
}

const TRINO_TYPES: Readonly<Record<string, string>> = {
  int: 'integer',
  bigint: 'bigint',
  string: 'varchar',
  timestamp: 'timestamp(3)',
};

/** The type of a view's column as Trino writes it. */
function trinoType(type: string): string {
  const trino = TRINO_TYPES[type];
  if (trino === undefined)
    throw new Error(`The column type ${type} has no Trino type here: add it to TRINO_TYPES.`);
  return trino;
}
