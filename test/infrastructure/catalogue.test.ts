// biome-ignore-all lint/suspicious/noTemplateCurlyInString: CloudFormation's notation
import { describe, expect, test } from 'vitest';
import { TABLES } from '../../athena/tables.ts';
import { catalogueResources } from '../../infrastructure/catalogue.ts';
import { objectKey } from '../../shared/lake/layout.ts';
import { stackParameters } from './stack-parameters.ts';

const KEY = 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';

const resources = catalogueResources(stackParameters());

interface Column {
  readonly Name: string;
  readonly Type: string;
  readonly Comment: string;
}
interface TableInput {
  readonly Name: string;
  readonly TableType: string;
  readonly Parameters: Readonly<Record<string, unknown>>;
  readonly PartitionKeys: readonly Column[];
  readonly StorageDescriptor: {
    readonly Columns: readonly Column[];
    readonly Location: unknown;
    readonly SerdeInfo: unknown;
  };
}

const tables = new Map(
  Object.entries(resources)
    .filter(([, { Type }]) => Type === 'AWS::Glue::Table')
    .map(([id, { Properties }]) => [id, Properties?.TableInput as TableInput]),
);
const workgroupOf = (stageFile: object) =>
  catalogueResources(stackParameters(stageFile)).Workgroup?.Properties;

test('the database has the stage in its name, without hyphens', () => {
  const { GlueDatabase } = catalogueResources({ ...stackParameters(), stage: 'prod-eu' });
  expect(GlueDatabase?.Properties).toMatchObject({ DatabaseInput: { Name: 'flowlogs_prod_eu' } });
});

describe('the workgroup', () => {
  test('writes results to the lake bucket, whatever a client asks for, on engine 3', () => {
    expect(workgroupOf({})).toMatchObject({
      Name: 'flowlogs-test',
      WorkGroupConfiguration: {
        EnforceWorkGroupConfiguration: true,
        PublishCloudWatchMetricsEnabled: true,
        EngineVersion: { SelectedEngineVersion: 'Athena engine version 3' },
        ResultConfiguration: {
          OutputLocation: { 'Fn::Sub': 's3://${LakeBucket}/athena-results/' },
          EncryptionConfiguration: { EncryptionOption: 'SSE_S3' },
        },
      },
    });
  });

  test('encrypts results like the lake', () => {
    expect(workgroupOf({ lake: { kmsKeyArn: KEY } })).toMatchObject({
      WorkGroupConfiguration: {
        ResultConfiguration: { EncryptionConfiguration: { EncryptionOption: 'SSE_KMS', KmsKey: KEY } },
      },
    });
  });

  test.each([
    [100, 100_000_000_000],
    [0.01, 10_000_000],
    [2.5, 2_500_000_000],
  ])('stops a query at %d GB', (scanLimitGb, bytes) => {
    expect(workgroupOf({ athena: { scanLimitGb } })).toMatchObject({
      WorkGroupConfiguration: { BytesScannedCutoffPerQuery: bytes },
    });
  });
});

test('every table of the lake is there, with its columns and partitions', () => {
  expect([...tables.keys()]).toEqual([
    'FlowLogsTable',
    'TransitGatewayFlowLogsTable',
    'QuarantineTable',
    'FindingsTable',
    'ReceiptsTable',
    'AlertsTable',
  ]);
  for (const [index, { Name, PartitionKeys, StorageDescriptor }] of [...tables.values()].entries()) {
    const table = TABLES[index];
    expect(Name).toBe(table?.name);
    expect(StorageDescriptor.Columns.map((column) => [column.Name, column.Type])).toEqual(
      table?.columns.map(({ name, type }) => [name, type]),
    );
    expect(PartitionKeys.map((column) => [column.Name, column.Type])).toEqual(
      table?.partitions.map(({ name }) => [name, 'string']),
    );
  }
});

test('every table is one that Athena reads: external, JSON, in its folder of the lake', () => {
  for (const { Name, TableType, Parameters, StorageDescriptor } of tables.values()) {
    expect(TableType).toBe('EXTERNAL_TABLE');
    expect(Parameters).toMatchObject({ EXTERNAL: 'TRUE' });
    expect(StorageDescriptor).toMatchObject({
      Location: { 'Fn::Sub': `s3://\${LakeBucket}/${Name}/` },
      InputFormat: 'org.apache.hadoop.mapred.TextInputFormat',
      SerdeInfo: { SerializationLibrary: 'org.apache.hive.hcatalog.data.JsonSerDe' },
    });
  }
});

test('Glue takes every name and comment', () => {
  for (const { PartitionKeys, StorageDescriptor } of tables.values()) {
    for (const { Name, Comment } of [...PartitionKeys, ...StorageDescriptor.Columns]) {
      expect(Name).toMatch(/^[a-z][a-z0-9_]*$/);
      expect(Buffer.byteLength(Comment)).toBeLessThanOrEqual(255);
    }
  }
});

describe('partitions', () => {
  test('of records are registered: projection would hide them', () => {
    for (const id of ['FlowLogsTable', 'TransitGatewayFlowLogsTable']) {
      expect(tables.get(id)?.Parameters).toEqual({ EXTERNAL: 'TRUE', classification: 'json' });
    }
  });

  test.each(['quarantine', 'findings', 'receipts', 'alerts'] as const)(
    'of %s are projected to their folders',
    (name) => {
      const input = [...tables.values()].find(({ Name }) => Name === name);
      const location = input?.Parameters['storage.location.template'] as { 'Fn::Sub': string };
      // What CloudFormation makes of it, and then Athena.
      const folder = location['Fn::Sub'].replace('${LakeBucket}', 'lake').replace('${!day}', '2026-11-20');
      expect(`s3://lake/${objectKey(name, Date.UTC(2026, 10, 20) / 1000, 'id')}`).toBe(`${folder}id.json`);
      expect(input?.Parameters).toMatchObject({
        'projection.enabled': 'true',
        'projection.day.type': 'date',
        'projection.day.format': 'yyyy-MM-dd',
        'projection.day.range': '2010-01-01,NOW+1DAYS',
      });
    },
  );
});
