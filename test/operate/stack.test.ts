import { readFileSync } from 'node:fs';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, test } from 'vitest';
import { queueName, stackName } from '../../infrastructure/names.ts';
import { stackOutputs } from '../../infrastructure/outputs.ts';
import { queueResources } from '../../infrastructure/queues.ts';
import { findStack } from '../../operate/stack.ts';
import { stackParameters } from '../infrastructure/stack-parameters.ts';

const mock = mockClient(CloudFormationClient);
const client = new CloudFormationClient({ region: 'eu-west-1' });

beforeEach(() => {
  mock.reset();
});

/** A stack with these outputs; what their values come to is CloudFormation's business. */
function deployed(names: readonly string[], values: Readonly<Record<string, string>> = {}): void {
  const Outputs = names.map((OutputKey) => ({ OutputKey, OutputValue: values[OutputKey] ?? OutputKey }));
  mock.on(DescribeStacksCommand, { StackName: 'flowlogs-prod' }).resolves({
    Stacks: [
      { StackName: 'flowlogs-prod', CreationTime: new Date(0), StackStatus: 'UPDATE_COMPLETE', Outputs },
    ],
  });
}

const ALL = Object.keys(stackOutputs(stackParameters()));

test.each([
  ['without a prefix', 'arn:aws:s3:::logs', ''],
  ['with a prefix', 'arn:aws:s3:::logs/network/vpc/', 'network/vpc/'],
])('a stack is found by the outputs of its template, %s', async (_, FlowLogDestination, rawPrefix) => {
  const deadLetters = `https://sqs.eu-west-1.amazonaws.com/111111111111/${queueName({ stage: 'prod' }, 'ingest')}-dlq`;
  deployed(ALL, { FlowLogDestination, IngestDeadLetterQueueUrl: deadLetters });
  expect(await findStack(client, 'prod')).toMatchObject({
    ...{ stage: 'prod', name: 'flowlogs-prod', status: 'UPDATE_COMPLETE', rawPrefix },
    ...{
      rawBucket: 'RawBucketName',
      lakeBucket: 'LakeBucketName',
      situationTable: 'flowlogs-prod-situations',
    },
    queues: {
      ingest: { deadLetters, queue: 'https://sqs.eu-west-1.amazonaws.com/111111111111/flowlogs-prod-ingest' },
    },
  });
});

test('a dead-letter queue is called like its queue, with -dlq', () => {
  const names = Object.values(queueResources(stackParameters())).flatMap(({ Properties }) =>
    Properties?.QueueName === undefined ? [] : [String(Properties.QueueName)],
  );
  const dead = names.filter((name) => name.endsWith('-dlq'));
  expect(dead).toHaveLength(4);
  expect(names).toEqual(expect.arrayContaining(dead.map((name) => name.replace(/-dlq$/, ''))));
});

test('the stack is called as the framework calls it: service and stage', () => {
  const serverless = readFileSync(new URL('../../serverless.yml', import.meta.url), 'utf8');
  const [, service] = /^service: (.+)$/m.exec(serverless) ?? [];
  expect(stackName({ stage: 'prod' })).toBe(`${service}-prod`);
});

test('a stack of an older release is to be deployed anew', async () => {
  deployed(ALL.filter((name) => name !== 'DeliveryDeadLetterQueueUrl'));
  await expect(findStack(client, 'prod')).rejects.toThrow(
    /flowlogs-prod \(UPDATE_COMPLETE\) has no output DeliveryDeadLetterQueueUrl\. Deploy it with this release/,
  );
});

test('a stack that is not there is to be named', async () => {
  mock.on(DescribeStacksCommand).rejects(new Error('Stack with id flowlogs-dev does not exist'));
  await expect(findStack(client, 'dev')).rejects.toThrow(
    /no stack flowlogs-dev here.*--region and --profile/,
  );
});
