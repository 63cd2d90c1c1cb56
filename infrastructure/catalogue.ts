import { JSON_LINES, tableProperties } from '../athena/table-statement.ts';
import { TABLES, type Table } from '../athena/tables.ts';
import { logicalId } from './logical-id.ts';
import { ATHENA_RESULTS, databaseName, workgroupName } from './names.ts';
import type { StackParameters } from './parameters.ts';
import { type Resource, type Resources, ref, sub } from './template.ts';

const GIGABYTE = 1_000_000_000;

/**
 * The lake as people query it: a Glue database with a table for each folder, and the Athena workgroup to query it with.
 * All of it is made of what the lake holds and goes with the stack; nothing in the lake does.
 *
 * Sources: "AWS::Glue::Table" and "AWS::Athena::WorkGroup" (CloudFormation Template Reference).
 */
export function catalogueResources(parameters: StackParameters): Resources {
  return {
    GlueDatabase: {
      Type: 'AWS::Glue::Database',
      Properties: {
        CatalogId: ref('AWS::AccountId'),
        DatabaseInput: {
          Name: databaseName(parameters),
          Description: `VPC and transit gateway flow logs of flowlogs, stage ${parameters.stage}`,
        },
      },
    },
    Workgroup: workgroup(parameters),
    ...Object.fromEntries(TABLES.map((table) => [`${logicalId(table.name)}Table`, glueTable(table)])),
  };
}

function workgroup(parameters: StackParameters): Resource {
  const { kmsKeyArn } = parameters.lake;
  return {
    Type: 'AWS::Athena::WorkGroup',
    Properties: {
      Name: workgroupName(parameters),
      Description: `Queries of flow logs, stage ${parameters.stage}`,
      // Without it the stack can't be removed once a query has run. Only the history goes, not the results.
      RecursiveDeleteOption: true,
      WorkGroupConfiguration: {
        // Nobody gets around the limit or writes results elsewhere.
        EnforceWorkGroupConfiguration: true,
        BytesScannedCutoffPerQuery: Math.round(parameters.athena.scanLimitGb * GIGABYTE),
        PublishCloudWatchMetricsEnabled: true,
        EngineVersion: { SelectedEngineVersion: 'Athena engine version 3' },
        ResultConfiguration: {
          OutputLocation: sub(`s3://\${LakeBucket}/${ATHENA_RESULTS}`),
          ExpectedBucketOwner: ref('AWS::AccountId'),
          EncryptionConfiguration:
            kmsKeyArn === undefined
              ? { EncryptionOption: 'SSE_S3' }
              : { EncryptionOption: 'SSE_KMS', KmsKey: kmsKeyArn },
        },
      },
    },
  };
}

function glueTable(table: Table): Resource {
  const location = `s3://\${LakeBucket}/${table.prefix}`;
  return {
    Type: 'AWS::Glue::Table',
    Properties: {
      CatalogId: ref('AWS::AccountId'),
      DatabaseName: ref('GlueDatabase'),
      TableInput: {
        Name: table.name,
        // Athena fails on tables without a type.
        TableType: 'EXTERNAL_TABLE',
        Parameters: {
          EXTERNAL: 'TRUE',
          ...Object.fromEntries(
            Object.entries(tableProperties(table, location)).map(([name, value]) => [name, property(value)]),
          ),
        },
        PartitionKeys: table.partitions.map(glueColumn),
        StorageDescriptor: {
          Columns: table.columns.map(glueColumn),
          Location: sub(location),
          InputFormat: JSON_LINES.inputFormat,
          OutputFormat: JSON_LINES.outputFormat,
          SerdeInfo: { SerializationLibrary: JSON_LINES.serde },
        },
      },
    },
  };
}

/** A column as Glue has it. */
export function glueColumn({ name, type, description }: Table['columns'][number]) {
  return { Name: name, Type: type, Comment: description };
}

/** `${!day}` is what Fn::Sub turns into Athena's `${day}`. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's notation
const property = (value: string) => sub(value.replace('${day}', '${!day}'));
