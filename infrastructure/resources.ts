import { access } from 'node:fs/promises';
import type { SavedQuery } from '../athena/query-file.ts';
import { savedQueries } from '../athena/saved-queries.ts';
import { alarmResources } from './alarms.ts';
import { catalogueResources } from './catalogue.ts';
import { dashboardResources } from './dashboard.ts';
import { functionEnvironment } from './environment.ts';
import { flowLogResources } from './flow-logs.ts';
import { lakeBucketResources } from './lake-bucket.ts';
import { namedQueryResources } from './named-queries.ts';
import { stackOutputs } from './outputs.ts';
import { checkStage, parseStageParameters, type StackParameters } from './parameters.ts';
import { queueResources } from './queues.ts';
import { rawBucketResources } from './raw-bucket.ts';
import { rawEventResources } from './raw-events.ts';
import { roleResources } from './roles.ts';
import { situationTableResources } from './situation-table.ts';
import type { Resources } from './template.ts';
import { topicResources } from './topics.ts';
import { viewResources } from './views.ts';

/** How a function of a file in serverless.yml asks for variables. */
interface Variables {
  /** The value of `sls:stage`, `file(…)` and the like. */
  resolveVariable(variable: string): Promise<unknown>;
}

/** What serverless.yml takes from here: everything that depends on the stage. */
export default async function stack({ resolveVariable }: Variables) {
  const stage = checkStage(String(await resolveVariable('sls:stage')));
  const file = `stages/${stage}.yml`;
  await access(file).catch(() => {
    throw new Error(
      `The stage "${stage}" has no parameters: ${file} is missing. Copy stages/example.yml to ${file} and change what ` +
        'you need there, or name another stage with --stage.',
    );
  });
  const parameters = parseStageParameters(await resolveVariable(`file(${file})`), file);
  return stackOf({ ...parameters, stage }, await savedQueries());
}

/** Everything of a stage that depends on its parameters. */
export function stackOf(parameters: StackParameters, queries: readonly SavedQuery[]) {
  return {
    region: parameters.region,
    logRetentionInDays: parameters.operations.logRetentionDays,
    environment: functionEnvironment(parameters),
    resources: {
      Resources: together(
        rawBucketResources(parameters),
        rawEventResources(parameters),
        lakeBucketResources(parameters),
        queueResources(parameters),
        roleResources(parameters),
        flowLogResources(parameters),
        catalogueResources(parameters),
        viewResources(parameters),
        namedQueryResources(queries),
        topicResources(parameters),
        situationTableResources(parameters),
        alarmResources(parameters),
        dashboardResources(parameters),
      ),
      Outputs: stackOutputs(parameters),
    },
  };
}

/** One set of resources of several, none of which may replace another's. */
function together(...parts: readonly Resources[]): Resources {
  const all: Record<string, Resources[string]> = {};
  for (const [id, resource] of parts.flatMap((part) => Object.entries(part))) {
    if (all[id] !== undefined) throw new Error(`Two resources have the logical id ${id}: rename one.`);
    all[id] = resource;
  }
  return all;
}
