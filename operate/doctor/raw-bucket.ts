import { DescribeRuleCommand, ListTargetsByRuleCommand } from '@aws-sdk/client-eventbridge';
import {
  GetBucketNotificationConfigurationCommand,
  type GetBucketNotificationConfigurationCommandOutput,
  GetBucketPolicyCommand,
} from '@aws-sdk/client-s3';
import { GetSubscriptionAttributesCommand } from '@aws-sdk/client-sns';
import { queueArn } from './arns.ts';
import { DEPLOY_AGAIN, type Examination, type Finding, fail, ok, type Patient, warn } from './check.ts';
import { bucketKey } from './keys.ts';
import { admits, statementsOf } from './policy.ts';

/** The bucket that AWS delivers to: does it tell the pipeline, may AWS write, does its key work? */
export const RAW_BUCKET: readonly Examination[] = [
  { name: 'raw objects are announced', look: announcement },
  { name: 'AWS may deliver', look: delivery },
  {
    name: "raw bucket's key",
    look: ({ stack, aws }) => bucketKey(aws, stack.rawBucket, 'delivery.logs.amazonaws.com'),
  },
];

const ASK_OWNER =
  'The output RawBucketNotification of the stack says what the owner of the bucket has to apply (npm run -s outputs).';

/** Which of the three ways the stack was deployed for, see infrastructure/raw-events.ts. */
async function announcement(patient: Patient): Promise<readonly Finding[]> {
  const { resources } = patient;
  if (resources.has('RawObjectsRule')) return byRule(patient);
  if (resources.has('RawTopicSubscription')) return byTopic(patient);
  return byBucket(patient);
}

async function notificationsOf({
  aws,
  stack,
}: Patient): Promise<GetBucketNotificationConfigurationCommandOutput> {
  return aws.s3.send(new GetBucketNotificationConfigurationCommand({ Bucket: stack.rawBucket }));
}

async function byBucket(patient: Patient): Promise<readonly Finding[]> {
  const { stack, aws, resources } = patient;
  const arn = await queueArn(aws.sqs, stack.queues.ingest.queue);
  const { QueueConfigurations = [] } = await notificationsOf(patient);
  const own = QueueConfigurations.filter(({ QueueArn }) => QueueArn === arn);
  const todo = resources.has('RawBucket') ? DEPLOY_AGAIN : ASK_OWNER;
  if (own.length === 0) {
    return [
      fail(
        `${stack.rawBucket} does not announce its objects to the ingest queue: nothing is ingested but by reconcile.`,
        todo,
      ),
    ];
  }
  const isTold = own.some(
    ({ Events = [], Filter }) =>
      Events.some((event) => event === 's3:ObjectCreated:*') &&
      (Filter?.Key?.FilterRules ?? []).every(
        ({ Name, Value = '' }) => Name?.toLowerCase() === 'prefix' && stack.rawPrefix.startsWith(Value),
      ),
  );
  return [
    isTold
      ? ok(`${stack.rawBucket} announces new objects to the ingest queue.`)
      : fail(
          `${stack.rawBucket} announces some of its new objects only: others are ingested a day late, by reconcile.`,
          `It has to announce s3:ObjectCreated:* of everything below "${stack.rawPrefix}". ${todo}`,
        ),
  ];
}

async function byRule(patient: Patient): Promise<readonly Finding[]> {
  const { stack, aws, resources } = patient;
  // Of a rule on a bus of its own CloudFormation's id is `bus|rule`.
  const [Name = '', EventBusName] = resources.get('RawObjectsRule')!.split('|').reverse();
  const bus = EventBusName === undefined ? {} : { EventBusName };
  const [{ State, EventPattern = '' }, { Targets = [] }, arn] = await Promise.all([
    aws.eventBridge.send(new DescribeRuleCommand({ ...bus, Name })),
    aws.eventBridge.send(new ListTargetsByRuleCommand({ ...bus, Rule: Name })),
    queueArn(aws.sqs, stack.queues.ingest.queue),
  ]);
  const findings: Finding[] = [];
  if (State !== 'ENABLED') {
    findings.push(
      fail(
        `The rule ${Name} is ${State}: nothing is ingested but by reconcile.`,
        `aws events enable-rule --name ${Name}`,
      ),
    );
  } else if (!Targets.some(({ Arn }) => Arn === arn)) {
    findings.push(fail(`The rule ${Name} does not send to the ingest queue.`, DEPLOY_AGAIN));
  } else if (!EventPattern.includes(JSON.stringify(stack.rawBucket))) {
    findings.push(fail(`The rule ${Name} is not about ${stack.rawBucket}.`, DEPLOY_AGAIN));
  } else {
    findings.push(ok(`The rule ${Name} sends new objects of ${stack.rawBucket} to the ingest queue.`));
  }
  const { EventBridgeConfiguration } = await notificationsOf(patient);
  findings.push(
    EventBridgeConfiguration === undefined
      ? fail(`EventBridge is off in ${stack.rawBucket}: the rule hears nothing.`, ASK_OWNER)
      : ok(`EventBridge is on in ${stack.rawBucket}.`),
  );
  return findings;
}

async function byTopic(patient: Patient): Promise<readonly Finding[]> {
  const { aws, stack, resources } = patient;
  const SubscriptionArn = resources.get('RawTopicSubscription')!;
  const { Attributes = {} } = await aws.sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
  const isConfirmed = Attributes.PendingConfirmation !== 'true';
  const findings: Finding[] = [
    isConfirmed
      ? ok('The ingest queue is subscribed to the topic.')
      : fail(
          'The subscription of the ingest queue to the topic is not confirmed.',
          'The output RawTopicPolicyStatements of the stack says what the owner of the topic has to apply; then deploy again.',
        ),
  ];
  const { TopicConfigurations = [] } = await notificationsOf(patient);
  findings.push(
    TopicConfigurations.some(({ TopicArn }) => TopicArn === Attributes.TopicArn)
      ? ok(`${stack.rawBucket} notifies the topic.`)
      : warn(
          `${stack.rawBucket} does not notify the topic ${Attributes.TopicArn} itself.`,
          'Unless something else publishes its events there, have the owner of the bucket add the notification.',
        ),
  );
  return findings;
}

async function delivery({ aws, stack, resources }: Patient): Promise<readonly Finding[]> {
  const { Policy } = await aws.s3.send(new GetBucketPolicyCommand({ Bucket: stack.rawBucket }));
  const below = statementsOf(Policy).filter(({ Resource }) =>
    [Resource ?? []].flat().some((arn) => {
      const folder = arn.slice(arn.indexOf(':::') + 3, arn.indexOf('*'));
      const wanted = `${stack.rawBucket}/${stack.rawPrefix}AWSLogs/`;
      // A statement for one account's folder is as good as AWS makes it itself.
      return arn.includes('*') && (wanted.startsWith(folder) || folder.startsWith(wanted));
    }),
  );
  return [
    admits(below, 'delivery.logs.amazonaws.com', 's3:PutObject')
      ? ok(`The policy of ${stack.rawBucket} lets AWS's log delivery write.`)
      : fail(
          `The policy of ${stack.rawBucket} does not let AWS's log delivery write below ${stack.rawPrefix}AWSLogs/.`,
          resources.has('RawBucket')
            ? DEPLOY_AGAIN
            : 'The output RawBucketPolicyStatements of the stack says what the owner of the bucket has to apply.',
        ),
  ];
}
