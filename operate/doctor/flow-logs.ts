import { type FlowLog, paginateDescribeFlowLogs } from '@aws-sdk/client-ec2';
import { count, several } from '../../shared/findings/wording.ts';
import { FlowLogFormatError, NAMED_VPC_FORMATS, parseVpcFormat } from '../../shared/flow-log/vpc-format.ts';
import { type Examination, type Finding, fail, ok, type Patient, warn } from './check.ts';

/** The flow logs of this account and Region that deliver to the raw bucket. Others can't be seen from here. */
export const FLOW_LOGS: readonly Examination[] = [{ name: 'flow logs', look: examineFlowLogs }];

async function examineFlowLogs({ aws, stack }: Patient): Promise<readonly Finding[]> {
  const flowLogs: FlowLog[] = [];
  for await (const page of paginateDescribeFlowLogs({ client: aws.ec2 }, {})) {
    flowLogs.push(...(page.FlowLogs ?? []).filter((flowLog) => bucketOf(flowLog) === stack.rawBucket));
  }
  if (flowLogs.length === 0) {
    return [
      warn(
        `No flow log of this account and Region delivers to ${stack.rawBucket}. Those of other accounts can't be seen from here.`,
        'If there should be one: flowLogs.targets of the stage file, or docs/deploy.md.',
      ),
    ];
  }
  const problems = [...flowLogs.flatMap(problemsOf), ...twice(flowLogs)];
  const sound = flowLogs.length - new Set(problems.map(({ of }) => of)).size;
  return sound > 0 ? [ok(`${count(sound, 'flow log')} without a problem.`), ...problems] : problems;
}

function bucketOf({ LogDestination = '' }: FlowLog): string | undefined {
  return /^arn:[^:]+:s3:::([^/]+)/.exec(LogDestination)?.[1];
}

/** Source: "FlowLog" (Amazon EC2 API Reference). */
function problemsOf({
  FlowLogId: of = '',
  ResourceId = '',
  FlowLogStatus,
  DeliverLogsStatus,
  DeliverLogsErrorMessage,
  DestinationOptions,
  LogFormat = '',
}: FlowLog): Finding[] {
  if (DeliverLogsStatus === 'FAILED') {
    return [
      {
        of,
        ...fail(
          `AWS can't deliver the flow log of ${ResourceId}: ${DeliverLogsErrorMessage ?? 'it does not say why'}.`,
          'Access error: the policy of the raw bucket or of its key. Rate limited: wait. What was not delivered is lost.',
        ),
      },
    ];
  }
  if (FlowLogStatus !== undefined && FlowLogStatus !== 'ACTIVE') {
    return [
      { of, ...fail(`The flow log of ${ResourceId} is ${FlowLogStatus}.`, 'Delete it and create it anew.') },
    ];
  }
  if (DestinationOptions?.FileFormat === 'parquet') {
    return [
      {
        of,
        ...fail(
          `The flow log of ${ResourceId} delivers Parquet, which is not read.`,
          'A flow log can not be changed: create one in plain text, then delete this one.',
        ),
      },
    ];
  }
  // The formats of transit gateways have other fields, and all of them by default.
  if (ResourceId.startsWith('tgw-')) return [];
  return formatProblems(LogFormat).map((finding) => ({ of, ...finding }));
}

function formatProblems(format: string): Finding[] {
  try {
    const fields = parseVpcFormat(format);
    const missing = NAMED_VPC_FORMATS.standard!.filter((field) => !fields.includes(field));
    if (missing.length === 0) return [];
    return [
      warn(
        `Its format lacks ${several(missing, (field) => field)} of the format "standard": some questions have no answer.`,
        'Create a flow log with the fields that you need (flowLogs.format of the stage file), then delete this one.',
      ),
    ];
  } catch (error) {
    if (!(error instanceof FlowLogFormatError)) throw error;
    return [
      warn(
        `${error.message} Its values are kept as text, in no column.`,
        'Look for a newer release of flowlogs.',
      ),
    ];
  }
}

/** What is logged twice is billed twice, and counted twice by questions that don't mind it. */
function twice(flowLogs: readonly FlowLog[]): Finding[] {
  return [...Map.groupBy(flowLogs, ({ ResourceId }) => ResourceId)].flatMap(([resource, own]) =>
    own.length < 2
      ? []
      : [
          {
            of: own[0]!.FlowLogId ?? '',
            ...warn(
              `${resource} has ${own.length} flow logs to this bucket (${several(own, ({ FlowLogId = '' }) => FlowLogId)}): it is billed and counted more than once.`,
              'Delete all but one, unless a new one is just taking the place of the other. "flowlogs query logged-twice" shows what overlaps.',
            ),
          },
        ],
  );
}
