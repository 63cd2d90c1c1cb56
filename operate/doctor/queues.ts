import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { QUEUES } from '../../infrastructure/metrics.ts';
import { type QueueName, queueName } from '../../infrastructure/names.ts';
import { count } from '../../shared/findings/wording.ts';
import { bucketArn } from './arns.ts';
import { DEPLOY_AGAIN, type Examination, type Finding, fail, ok, type Patient, warn } from './check.ts';
import { admits, openToAll, statementsOf } from './policy.ts';

/** The queues: who may send, where failures go, and what lies there. */
export const QUEUE_CHECKS: readonly Examination[] = QUEUES.map((queue) => ({
  name: `queue ${queue}`,
  look: (patient) => examineQueue(patient, queue),
}));

async function examineQueue(patient: Patient, queue: QueueName): Promise<readonly Finding[]> {
  const { stack, aws } = patient;
  const urls = stack.queues[queue];
  const name = queueName(stack, queue);
  const attributesOf = async (QueueUrl: string): Promise<Partial<Record<string, string>>> => {
    const { Attributes = {} } = await aws.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
    );
    return Attributes;
  };
  const [own, dead] = await Promise.all([attributesOf(urls.queue), attributesOf(urls.deadLetters)]);
  const statements = statementsOf(own.Policy);
  const findings: Finding[] = [];

  const sender = senderOf(patient, queue, own.QueueArn ?? '');
  if (!admits(statements, sender.service, 'sqs:SendMessage', sender.source)) {
    findings.push(
      fail(
        `The policy of ${name} does not let ${sender.what} send to it: new objects are not announced.`,
        DEPLOY_AGAIN,
      ),
    );
  }
  if (openToAll(statements).length > 0) {
    findings.push(fail(`The policy of ${name} lets everybody send to it, or read it.`, DEPLOY_AGAIN));
  }
  const { deadLetterTargetArn } = JSON.parse(own.RedrivePolicy ?? '{}') as { deadLetterTargetArn?: string };
  if (deadLetterTargetArn === undefined || deadLetterTargetArn !== dead.QueueArn) {
    findings.push(
      fail(
        `What fails five times in ${name} does not go to ${name}-dlq: it is lost after four days.`,
        DEPLOY_AGAIN,
      ),
    );
  }
  if (findings.length === 0)
    findings.push(ok(`${sender.what} may send to ${name}, and failures go to ${name}-dlq.`));

  const letters = Number(dead.ApproximateNumberOfMessages ?? 0);
  if (letters > 0) {
    findings.push(
      warn(
        `${count(letters, 'dead letter')} in ${name}-dlq, kept for 14 days.`,
        `flowlogs dlq list --stage ${stack.stage} --queue ${queue}`,
      ),
    );
  }
  return findings;
}

/** Who announces objects to a queue, and the ARN that it does so for. See infrastructure/queues.ts and raw-events.ts. */
function senderOf({ stack, resources }: Patient, queue: QueueName, neighbour: string) {
  if (queue !== 'ingest') {
    return {
      what: 'the lake bucket',
      service: 's3.amazonaws.com',
      source: bucketArn(stack.lakeBucket, neighbour),
    };
  }
  if (resources.has('RawObjectsRule')) {
    const [rule = ''] = resources.get('RawObjectsRule')!.split('|').reverse();
    return { what: `the rule ${rule}`, service: 'events.amazonaws.com', source: rule };
  }
  if (resources.has('RawTopicSubscription')) {
    return { what: 'the topic', service: 'sns.amazonaws.com', source: undefined };
  }
  return {
    what: 'the raw bucket',
    service: 's3.amazonaws.com',
    source: bucketArn(stack.rawBucket, neighbour),
  };
}
