import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';

/** The ARN of a queue. */
export async function queueArn(sqs: SQSClient, QueueUrl: string): Promise<string> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  return Attributes.QueueArn ?? '';
}

/** The ARN of a bucket in the partition (aws, aws-cn …) of another ARN. */
export function bucketArn(bucket: string, neighbour: string): string {
  return `arn:${neighbour.split(':')[1] ?? 'aws'}:s3:::${bucket}`;
}
