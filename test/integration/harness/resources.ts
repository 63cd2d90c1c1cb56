import { type AthenaClient, CreateWorkGroupCommand } from '@aws-sdk/client-athena';
import {
  CreateTableCommand as CreateDynamoDbTableCommand,
  type CreateTableCommandInput,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { CreateDatabaseCommand, CreateTableCommand, type GlueClient } from '@aws-sdk/client-glue';
import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { CreateTopicCommand, type SNSClient } from '@aws-sdk/client-sns';
import { CreateQueueCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Properties, ResourcesOfType } from './template.ts';

export interface Clients {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
  readonly glue: GlueClient;
  readonly athena: AthenaClient;
  readonly dynamoDb: DynamoDBClient;
}

/** By logical id what `Ref` gives: a bucket's name, a queue's URL, a topic's ARN. */
export type Names = Readonly<Record<string, string>>;

/** Creates a template's queues, topics, buckets, tables, of Glue and of DynamoDB, and its workgroup. */
export async function createResources(
  { s3, sqs, sns, glue, athena, dynamoDb }: Clients,
  resources: ResourcesOfType,
  region: string,
): Promise<Names> {
  const names: Record<string, string> = {};

  // Dead-letter queues first: the others name them.
  const queues = resources('AWS::SQS::Queue');
  for (const [logicalId, properties] of queues.toSorted(([, a], [, b]) => redrives(a) - redrives(b))) {
    const { QueueUrl } = await sqs.send(new CreateQueueCommand(queueInput(properties)));
    names[logicalId] = QueueUrl!;
  }
  for (const [logicalId, { TopicName }] of resources('AWS::SNS::Topic')) {
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: TopicName }));
    names[logicalId] = TopicArn!;
  }
  for (const [logicalId, properties] of resources('AWS::S3::Bucket')) {
    const { BucketName: Bucket, VersioningConfiguration, NotificationConfiguration } = properties;
    // The framework's own bucket, where deployment packages lie, is the only one without a name.
    if (Bucket === undefined) continue;
    names[logicalId] = Bucket;
    const CreateBucketConfiguration = { LocationConstraint: region as BucketLocationConstraint };
    await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration }));
    if (VersioningConfiguration !== undefined) {
      await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
    }
    await s3.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket,
        NotificationConfiguration: notifications(NotificationConfiguration),
      }),
    );
  }
  for (const [logicalId, { DatabaseInput }] of resources('AWS::Glue::Database')) {
    await glue.send(new CreateDatabaseCommand({ DatabaseInput }));
    names[logicalId] = DatabaseInput.Name;
  }
  for (const [, { DatabaseName, TableInput }] of resources('AWS::Glue::Table')) {
    await glue.send(new CreateTableCommand({ DatabaseName, TableInput }));
  }
  for (const [logicalId, { Name, WorkGroupConfiguration }] of resources('AWS::Athena::WorkGroup')) {
    await athena.send(new CreateWorkGroupCommand({ Name, Configuration: WorkGroupConfiguration }));
    names[logicalId] = Name;
  }
  for (const [logicalId, properties] of resources('AWS::DynamoDB::Table')) {
    await createDynamoDbTable(dynamoDb, properties);
    names[logicalId] = properties.TableName;
  }
  return names;
}

/** Creates a table as its properties say, without what only time or an accident would show. */
export async function createDynamoDbTable(dynamoDb: DynamoDBClient, properties: Properties): Promise<void> {
  const { TimeToLiveSpecification: _, PointInTimeRecoverySpecification: __, ...table } = properties;
  await dynamoDb.send(new CreateDynamoDbTableCommand(table as CreateTableCommandInput));
}

function redrives({ RedrivePolicy }: Properties): number {
  return RedrivePolicy === undefined ? 0 : 1;
}

/** A queue's properties as the API takes them: everything but the name is text. */
function queueInput({ QueueName, ...attributes }: Properties) {
  const texts = Object.entries(attributes).map(([name, value]) => [
    name,
    typeof value === 'object' ? JSON.stringify(value) : String(value),
  ]);
  return { QueueName, Attributes: Object.fromEntries(texts) };
}

/** A bucket's notifications as the API takes them: some names differ from CloudFormation's. */
function notifications({ QueueConfigurations = [] }: Properties = {}) {
  return {
    QueueConfigurations: QueueConfigurations.map(({ Queue, Event, Filter }: Properties) => ({
      QueueArn: Queue,
      Events: [Event],
      ...(Filter === undefined ? {} : { Filter: { Key: { FilterRules: Filter.S3Key.Rules } } }),
    })),
  };
}
