import { GetTopicAttributesCommand, paginateListSubscriptionsByTopic } from '@aws-sdk/client-sns';
import { count } from '../../shared/findings/wording.ts';
import { DEPLOY_AGAIN, type Examination, type Finding, fail, ok, type Patient, warn } from './check.ts';
import { keyState } from './keys.ts';
import { admits, openToAll, statementsOf } from './policy.ts';

/** The topics: is anybody told? */
export const TOPICS: readonly Examination[] = [
  {
    name: 'topic of alerts',
    look: (patient) =>
      examineTopic(patient, patient.stack.alertsTopicArn, 'what the traffic shows', undefined),
  },
  {
    name: 'topic of operations',
    look: (patient) =>
      examineTopic(patient, patient.stack.operationsTopicArn, 'alarms', 'cloudwatch.amazonaws.com'),
  },
];

async function examineTopic(
  { aws }: Patient,
  TopicArn: string,
  what: string,
  publisher: string | undefined,
): Promise<readonly Finding[]> {
  const { Attributes = {} } = await aws.sns.send(new GetTopicAttributesCommand({ TopicArn }));
  const statements = statementsOf(Attributes.Policy);
  const name = TopicArn.slice(TopicArn.lastIndexOf(':') + 1);
  let confirmed = 0;
  let pending = 0;
  for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic(
    { client: aws.sns },
    { TopicArn },
  )) {
    for (const { SubscriptionArn } of Subscriptions) {
      if (SubscriptionArn === 'PendingConfirmation') pending++;
      else confirmed++;
    }
  }
  const findings: Finding[] = [];
  if (publisher !== undefined && !admits(statements, publisher, 'sns:Publish')) {
    findings.push(
      fail(
        `The policy of ${name} does not let ${publisher} publish: no alarm reaches anybody.`,
        DEPLOY_AGAIN,
      ),
    );
  }
  if (openToAll(statements).length > 0) {
    findings.push(fail(`The policy of ${name} lets everybody publish or subscribe.`, DEPLOY_AGAIN));
  }
  if (confirmed === 0) {
    findings.push(
      warn(
        `Nobody is told of ${what}: ${name} has no confirmed subscription${pending > 0 ? `, and ${pending} not confirmed` : ''}.`,
        pending > 0
          ? 'Confirm them by the link in the mail that each address got.'
          : 'Add addresses under alerts.emails and operations.emails of the stage file and deploy, or subscribe yourself.',
      ),
    );
  } else if (pending > 0) {
    findings.push(
      warn(`${count(pending, 'subscription')} to ${name} not confirmed.`, 'Confirm by the link in the mail.'),
    );
  }
  const { KmsMasterKeyId } = Attributes;
  if (KmsMasterKeyId !== undefined) {
    const key = await keyState(aws, KmsMasterKeyId, name);
    if (key.status !== 'ok') findings.push(key);
  }
  return findings.length > 0
    ? findings
    : [ok(`${count(confirmed, 'subscription')} to ${name}, and its key can be used.`)];
}
