import { type CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { type QueueName, queueIds, situationTableName, stackName } from '../infrastructure/names.ts';

/** A queue of the stack and its dead-letter queue, as URLs. */
export interface QueueUrls {
  readonly queue: string;
  readonly deadLetters: string;
}

/** A stack as CloudFormation knows it: where everything is that people who run it look at. */
export interface DeployedStack {
  readonly stage: string;
  readonly name: string;
  /** CloudFormation's word, such as UPDATE_COMPLETE. */
  readonly status: string;
  readonly rawBucket: string;
  /** The folder in front of `AWSLogs/`, with its slash, or empty. */
  readonly rawPrefix: string;
  readonly lakeBucket: string;
  readonly database: string;
  readonly workgroup: string;
  readonly situationTable: string;
  readonly queues: Readonly<Record<QueueName, QueueUrls>>;
  readonly alertsTopicArn: string;
  readonly operationsTopicArn: string;
}

/**
 * Finds the stack of a stage by its outputs (`infrastructure/outputs.ts`).
 *
 * Source: "DescribeStacks" (AWS CloudFormation API Reference).
 *
 * @throws Error that says what to do if there is no such stack, or if an older release deployed it; the SDK's errors.
 */
export async function findStack(cloudFormation: CloudFormationClient, stage: string): Promise<DeployedStack> {
  const name = stackName({ stage });
  const { Stacks = [] } = await cloudFormation
    .send(new DescribeStacksCommand({ StackName: name }))
    .catch((error: Error) => {
      if (!/does not exist/.test(error.message)) throw error;
      throw new Error(
        `There is no stack ${name} here. Name what was deployed: the stage, and with --region and --profile its Region ` +
          'and account.',
        { cause: error },
      );
    });
  const { Outputs = [], StackStatus = '' } = Stacks[0] ?? {};
  const outputs = new Map(Outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
  const output = (key: string): string => {
    const value = outputs.get(key);
    if (value !== undefined) return value;
    throw new Error(
      `The stack ${name} (${StackStatus}) has no output ${key}. Deploy it with this release: npm run deploy -- --stage ${stage}`,
    );
  };
  // The ARN of the bucket, and behind it the folder if there is one.
  const [, rawPrefix = ''] = /^[^/]*\/?(.*)$/.exec(output('FlowLogDestination')) ?? [];
  const urls = (queue: QueueName): QueueUrls => {
    const deadLetters = output(`${queueIds(queue).deadLetterQueue}Url`);
    // Their names differ by this, see infrastructure/queues.ts.
    return { queue: deadLetters.replace(/-dlq$/, ''), deadLetters };
  };
  return {
    stage,
    name,
    status: StackStatus,
    rawBucket: output('RawBucketName'),
    rawPrefix,
    lakeBucket: output('LakeBucketName'),
    database: output('AthenaDatabase'),
    workgroup: output('AthenaWorkgroup'),
    situationTable: situationTableName({ stage }),
    queues: {
      ingest: urls('ingest'),
      partition: urls('partition'),
      finding: urls('finding'),
      delivery: urls('delivery'),
    },
    alertsTopicArn: output('AlertsTopicArn'),
    operationsTopicArn: output('OperationsTopicArn'),
  };
}
