import { join } from 'node:path';
import { CloudFormationClient, CreateStackCommand, DeleteStackCommand } from '@aws-sdk/client-cloudformation';
import { inject } from 'vitest';
import { type Outcome, runFlowlogs } from '../../cli/run-flowlogs.ts';
import type { Pipeline } from './pipeline.ts';
import { STAGE } from './stack-package.ts';

/** Someone who runs the pipeline from a terminal. */
export interface Operator {
  /** Runs the real command in a process of its own. */
  flowlogs(...args: string[]): Promise<Outcome>;
  /** The same, so many seconds from now. */
  flowlogsLater(seconds: number, ...args: string[]): Promise<Outcome>;
}

/**
 * Makes the pipeline's stack known to CloudFormation, with its outputs, so that commands find it.
 *
 * @param policy the logical id of the managed policy that the person has, or `everything` for one who may deploy.
 */
export async function startOperator(
  { names, gateUrl }: Pipeline,
  policy: 'OperatorPolicy' | 'everything' = 'OperatorPolicy',
): Promise<Operator> {
  const endpoint = inject('motoUrl');
  const door = policy === 'everything' ? endpoint : gateUrl;
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const cloudFormation = new CloudFormationClient({ endpoint, region: 'eu-west-1', credentials });
  const outputs: Readonly<Record<string, string | undefined>> = {
    FlowLogDestination: `arn:aws:s3:::${names.RawBucket}`,
    RawBucketName: names.RawBucket,
    LakeBucketName: names.LakeBucket,
    AthenaDatabase: names.GlueDatabase,
    AthenaWorkgroup: names.Workgroup,
    IngestDeadLetterQueueUrl: names.IngestDeadLetterQueue,
    PartitionDeadLetterQueueUrl: names.PartitionDeadLetterQueue,
    FindingDeadLetterQueueUrl: names.FindingDeadLetterQueue,
    DeliveryDeadLetterQueueUrl: names.DeliveryDeadLetterQueue,
    AlertsTopicArn: names.AlertsTopic,
    OperationsTopicArn: names.OperationsTopic,
  };
  // There may be one with other outputs.
  await cloudFormation.send(new DeleteStackCommand({ StackName: `flowlogs-${STAGE}` })).catch(() => {});
  await cloudFormation.send(
    new CreateStackCommand({
      StackName: `flowlogs-${STAGE}`,
      TemplateBody: JSON.stringify({
        // A stack has to have a resource; those of the pipeline exist already.
        Resources: { Nothing: { Type: 'AWS::CloudFormation::WaitConditionHandle' } },
        Outputs: Object.fromEntries(
          Object.entries(outputs).map(([name, value]) => [name, { Value: value?.replace(endpoint, door) }]),
        ),
      }),
    }),
  );
  cloudFormation.destroy();
  const flowlogsLater = (seconds: number, ...args: string[]) =>
    runFlowlogs(import.meta.dirname, args, {
      env: {
        HOME: '/nonexistent',
        AWS_ENDPOINT_URL: door,
        AWS_REGION: 'eu-west-1',
        AWS_ACCESS_KEY_ID: policy,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        FLOWLOGS_STAGE: STAGE,
        NODE_OPTIONS: `--import ${join(import.meta.dirname, 'clock.ts')}`,
        CLOCK_AHEAD: String(seconds * 1000),
      },
    });
  return { flowlogsLater, flowlogs: (...args) => flowlogsLater(0, ...args) };
}

/** What a command printed with `-o json`. @throws Error with what it said if it failed. */
export function answerOf<T = Readonly<Record<string, unknown>>[]>({ status, stdout, stderr }: Outcome): T {
  if (status !== 0) throw new Error(`flowlogs ended with ${status}:\n${stderr}`);
  return JSON.parse(stdout);
}
