import type { FunctionName } from '../shared/config.ts';
import type { StackParameters } from './parameters.ts';

/**
 * Names and ARNs of what the stack is made of. They are composed, not referred to: so buckets and the queue policies
 * that name them don't wait for each other. Texts with `${…}` are for `Fn::Sub`.
 */

/** A queue by the stage of the pipeline that it feeds. */
export type QueueName = 'ingest' | 'partition' | 'finding' | 'delivery';

type Stage = Pick<StackParameters, 'stage'>;

/** What serverless.yml calls the stack: its service and the stage. */
export const stackName = ({ stage }: Stage) => `flowlogs-${stage}`;

export const lakeBucketName = ({ stage }: Stage) =>
  `flowlogs-${stage}-lake-\${AWS::AccountId}-\${AWS::Region}`;

/** The bucket that AWS delivers to: the one that exists or the one that the stack creates. */
export const rawBucketName = ({ stage, raw }: Pick<StackParameters, 'stage' | 'raw'>) =>
  raw.bucket ?? `flowlogs-${stage}-raw-\${AWS::AccountId}-\${AWS::Region}`;

export const bucketArn = (name: string) => `arn:\${AWS::Partition}:s3:::${name}`;

/** Where flow logs are to be delivered: the ARN of the bucket, with the folder if there is one. */
export const flowLogDestination = (parameters: Pick<StackParameters, 'stage' | 'raw'>) =>
  [bucketArn(rawBucketName(parameters)), parameters.raw.prefix].filter((part) => part !== '').join('/');

export const queueName = ({ stage }: Stage, queue: QueueName) => `flowlogs-${stage}-${queue}`;

/** Logical ids of a queue, its dead-letter queue and their policies. */
export function queueIds(queue: QueueName) {
  const id = queue.charAt(0).toUpperCase() + queue.slice(1);
  return {
    queue: `${id}Queue`,
    policy: `${id}QueuePolicy`,
    deadLetterQueue: `${id}DeadLetterQueue`,
    deadLetterQueuePolicy: `${id}DeadLetterQueuePolicy`,
  };
}

export const functionName = ({ stage }: Stage, name: FunctionName) => `flowlogs-${stage}-${name}`;

export const situationTableName = ({ stage }: Stage) => `flowlogs-${stage}-situations`;

/** Glue and Athena take no hyphens in names of databases. */
export const databaseName = ({ stage }: Stage) => `flowlogs_${stage.replaceAll('-', '_')}`;

export const workgroupName = ({ stage }: Stage) => `flowlogs-${stage}`;

/** The folder of the lake bucket that Athena writes results to. */
export const ATHENA_RESULTS = 'athena-results/';
