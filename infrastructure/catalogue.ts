import { TABLES, type Table } from '../athena/tables.ts';
import { logicalId } from './logical-id.ts';
import { ATHENA_RESULTS, databaseName, workgroupName } from './names.ts';
import type { StackParameters } from './parameters.ts';
import { type Resource, type Resources, ref, sub } from './template.ts';

const GIGABYTE = 1_000_000_000;

/** Whether Athena works out a table's partitions itself. The others' are registered. */
const isProjected = ({ partitions }: Table) => partitions.every(({ name }) => name === 'day');

/**
 * The lake as people query it: a Glue database with a table for each folder, and the Athena workgroup to query it with.
 * All of it is made of what the lake holds and goes with the stack; nothing in the lake does.
 *
 * Sources: "AWS::Glue::Table" and "AWS::Athena::WorkGroup" (CloudFormation Template Reference), "Hive JSON SerDe" and
 * "Partition projection" (Amazon Athena User Guide).
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
          classification: 'json',
          ...(isProjected(table) ? dayProjection(table) : {}),
        },
        PartitionKeys: table.partitions.map(glueColumn),
        StorageDescriptor: {
          Columns: table.columns.map(glueColumn),
          Location: sub(`s3://\${LakeBucket}/${table.prefix}`),
          // Text of any compression: Athena picks the codec by the object's suffix.
          InputFormat: 'org.apache.hadoop.mapred.TextInputFormat',
          OutputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
          // Not the OpenX SerDe, whose results AWS calls non-deterministic.
          SerdeInfo: { SerializationLibrary: 'org.apache.hive.hcatalog.data.JsonSerDe' },
        },
      },
    },
  };
}

function glueColumn({ name, type, description }: Table['columns'][number]) {
  return { Name: name, Type: type, Comment: description };
}

/**
 * Lets Athena work out a table's partitions from the days that there can be: none before 2010, which is also the
 * earliest time that ingest believes without a stamp, and tomorrow at most, for clocks that are ahead.
 */
function dayProjection({ prefix }: Table): Readonly<Record<string, unknown>> {
  return {
    'projection.enabled': 'true',
    'projection.day.type': 'date',
    'projection.day.format': 'yyyy-MM-dd',
    'projection.day.range': '2010-01-01,NOW+1DAYS',
    'projection.day.interval': '1',
    'projection.day.interval.unit': 'DAYS',
    // `${!day}` is what Fn::Sub turns into Athena's `${day}`.
    'storage.location.template': sub(`s3://\${LakeBucket}/${prefix}day=\${!day}/`),
  };
}
