import { bucketArn, lakeBucketName, type QueueName, queueIds, queueName } from './names.ts';
import type { StackParameters } from './parameters.ts';
import { rawObjectSender } from './raw-events.ts';
import { arnText, getAtt, policy, type Resources, ref, type Statement, sub } from './template.ts';

const DAY = 86_400;

/**
 * Seconds for which a message that a function has received stays hidden from others: six times the function's timeout
 * plus the batching window, so that a batch that Lambda throttles isn't delivered twice. The timeouts and windows are
 * in serverless.yml.
 *
 * Source: "Using Lambda with Amazon SQS" (AWS Lambda Developer Guide).
 */
const VISIBILITY_TIMEOUT: Readonly<Record<QueueName, number>> = {
  ingest: 6 * 300 + 5,
  partition: 6 * 300 + 60,
  finding: 6 * 300 + 5,
  delivery: 6 * 60 + 60,
};

/** A message that was received so often without success goes to the dead-letter queue. */
const MAX_RECEIVE_COUNT = 5;

/** The queues in front of the functions, their dead-letter queues, and who may send to them. */
export function queueResources(parameters: StackParameters): Resources {
  return {
    ...queueWithDeadLetters(parameters, 'ingest', rawObjectSender(parameters)),
    ...queueWithDeadLetters(parameters, 'partition', lakeSender(parameters, 'partition')),
    ...queueWithDeadLetters(parameters, 'finding', lakeSender(parameters, 'finding')),
    ...queueWithDeadLetters(parameters, 'delivery', lakeSender(parameters, 'delivery')),
  };
}

function queueWithDeadLetters(parameters: StackParameters, queue: QueueName, sender: Statement): Resources {
  const ids = queueIds(queue);
  const name = queueName(parameters, queue);
  return {
    [ids.queue]: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        QueueName: name,
        MessageRetentionPeriod: 4 * DAY,
        VisibilityTimeout: VISIBILITY_TIMEOUT[queue],
        SqsManagedSseEnabled: true,
        RedrivePolicy: {
          deadLetterTargetArn: getAtt(ids.deadLetterQueue, 'Arn'),
          maxReceiveCount: MAX_RECEIVE_COUNT,
        },
      },
    },
    [ids.policy]: queuePolicy(ids.queue, [sender]),
    [ids.deadLetterQueue]: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        QueueName: `${name}-dlq`,
        // Counted from the message's first day, and longer than the queue's: there is always time to look at it.
        MessageRetentionPeriod: 14 * DAY,
        SqsManagedSseEnabled: true,
        RedriveAllowPolicy: {
          redrivePermission: 'byQueue',
          sourceQueueArns: [sub(arnText('sqs', name))],
        },
      },
    },
    [ids.deadLetterQueuePolicy]: queuePolicy(ids.deadLetterQueue, []),
  };
}

/** Everyone in the account needs permission by IAM as well; services are admitted here. */
function queuePolicy(queueId: string, senders: readonly Statement[]) {
  const tlsOnly: Statement = {
    Sid: 'TlsOnly',
    Effect: 'Deny',
    Principal: '*',
    Action: 'sqs:*',
    Resource: getAtt(queueId, 'Arn'),
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  };
  return {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: { Queues: [ref(queueId)], PolicyDocument: policy([tlsOnly, ...senders]) },
  };
}

/** The lake bucket may announce its new objects. */
function lakeSender(parameters: StackParameters, queue: QueueName): Statement {
  return {
    Sid: 'LakeBucket',
    Effect: 'Allow',
    Principal: { Service: 's3.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: getAtt(queueIds(queue).queue, 'Arn'),
    Condition: {
      ArnEquals: { 'aws:SourceArn': sub(bucketArn(lakeBucketName(parameters))) },
      // The ARN of a bucket doesn't say whose it is.
      StringEquals: { 'aws:SourceAccount': ref('AWS::AccountId') },
    },
  };
}
