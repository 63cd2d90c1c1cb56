import { paginateListStackResources } from '@aws-sdk/client-cloudformation';
import { alarmsOn } from '../status.ts';
import { type Clients, type Examination, type Finding, fail, ok, type Patient, warn } from './check.ts';

/** The stack as a whole. */
export const STACK: readonly Examination[] = [
  { name: 'stack', look: async ({ stack: { name, status } }) => [examineStatus(name, status)] },
  { name: 'alarms', look: examineAlarms },
];

/** The stack's resources: physical ids by logical ids. */
export async function stackResources(
  { cloudFormation }: Pick<Clients, 'cloudFormation'>,
  StackName: string,
): Promise<ReadonlyMap<string, string>> {
  const resources = new Map<string, string>();
  for await (const page of paginateListStackResources({ client: cloudFormation }, { StackName })) {
    for (const { LogicalResourceId, PhysicalResourceId = '' } of page.StackResourceSummaries ?? []) {
      resources.set(LogicalResourceId!, PhysicalResourceId);
    }
  }
  return resources;
}

/** Source: "Stack status codes" (AWS CloudFormation User Guide). */
function examineStatus(name: string, status: string): Finding {
  const events = `aws cloudformation describe-stack-events --stack-name ${name}`;
  if (/^(?:UPDATE|IMPORT)_ROLLBACK_COMPLETE$/.test(status)) {
    return warn(`${name} is ${status}: the last deployment failed and was undone.`, `See why: ${events}`);
  }
  if (/_IN_PROGRESS$/.test(status))
    return warn(`${name} is ${status}: what follows may change.`, 'Try again when it is done.');
  if (/_COMPLETE$/.test(status) && !status.includes('ROLLBACK')) return ok(`${name} is ${status}.`);
  return fail(`${name} is ${status}.`, `See why: ${events}`);
}

async function examineAlarms({ aws, stack }: Patient): Promise<readonly Finding[]> {
  const alarms = await alarmsOn(aws.cloudWatch, stack);
  if (alarms.length === 0) return [ok('No alarm is on.')];
  return alarms.map(({ name, description }) => warn(`${name} is on.`, description));
}
