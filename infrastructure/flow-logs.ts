import { vpcFlowLogFormat } from './flow-log-formats.ts';
import { capture, flowLogTargets, type Target } from './flow-log-targets.ts';
import { logicalId } from './logical-id.ts';
import { flowLogDestination } from './names.ts';
import type { StackParameters } from './parameters.ts';
import { arnText, getAtt, policy, type Resource, type Resources, ref, sub } from './template.ts';

/** Resources that a template holds ("CloudFormation quotas"), less what the rest of the stack may come to. */
const MAX_FLOW_LOGS = 500 - 150;

/**
 * The flow logs of the stage's targets: each to the raw bucket, and on request to CloudWatch Logs as well.
 *
 * Every change of a flow log replaces it: AWS knows no updates. The new one is created before the old one is deleted,
 * so for some minutes both deliver.
 *
 * Sources: "AWS::EC2::FlowLog" (CloudFormation Template Reference), "Publish flow logs to CloudWatch Logs" (Amazon VPC
 * User Guide).
 *
 * @throws Error with a sentence about the first target or format that can't be used, or about too many targets.
 */
export function flowLogResources(parameters: StackParameters): Resources {
  const { trafficType, interval, cloudWatchLogs } = parameters.flowLogs;
  const targets = flowLogTargets(parameters.flowLogs);
  const most = cloudWatchLogs === undefined ? MAX_FLOW_LOGS : MAX_FLOW_LOGS / 2;
  if (targets.length > most) {
    throw new Error(
      `flowLogs.targets has ${targets.length} ids, but a stack has room for ${most}. Log whole VPCs in place of their ` +
        'parts, or create the others with the template flow-logs-member-account.json (see docs/deploy.md).',
    );
  }
  const format = vpcFlowLogFormat(parameters.flowLogs);

  const flowLog = ({ id, type }: Target, destination: Readonly<Record<string, unknown>>) => ({
    ResourceId: id,
    ...capture(type, { trafficType, interval, format }),
    ...destination,
    Tags: [{ Key: 'Name', Value: `flowlogs-${parameters.stage}-${id}` }],
  });
  const toS3 = (target: Target): Resource => ({
    Type: 'AWS::EC2::FlowLog',
    // AWS checks on creation that it may deliver. The owner of an existing bucket has applied the policy before.
    ...(parameters.raw.bucket === undefined ? { DependsOn: 'RawBucketPolicy' } : {}),
    // No DestinationOptions: plain text in daily folders is the default. Parquet could not be read.
    Properties: flowLog(target, {
      LogDestinationType: 's3',
      LogDestination: sub(flowLogDestination(parameters)),
    }),
  });
  const toCloudWatchLogs = (target: Target): Resource => ({
    Type: 'AWS::EC2::FlowLog',
    Properties: flowLog(target, {
      LogDestinationType: 'cloud-watch-logs',
      LogGroupName: ref('FlowLogGroup'),
      DeliverLogsPermissionArn: getAtt('FlowLogDeliveryRole', 'Arn'),
    }),
  });

  return {
    ...Object.fromEntries(targets.map((target) => [flowLogId(target), toS3(target)])),
    ...(cloudWatchLogs === undefined || targets.length === 0
      ? {}
      : {
          ...logGroup(cloudWatchLogs),
          ...Object.fromEntries(
            targets.map((target) => [`${flowLogId(target)}ToCloudWatchLogs`, toCloudWatchLogs(target)]),
          ),
        }),
  };
}

/**
 * A flow log's logical id. It must not depend on the target's position or change with a release: a flow log of another
 * logical id is a new one, and AWS refuses a second one with the same configuration.
 */
function flowLogId({ id }: Target): string {
  return `FlowLog${logicalId(id)}`;
}

function logGroup({
  logGroup,
  retentionDays,
}: NonNullable<StackParameters['flowLogs']['cloudWatchLogs']>): Resources {
  return {
    FlowLogGroup: {
      Type: 'AWS::Logs::LogGroup',
      // It goes with the stack: everything in it is in the raw bucket as well.
      DeletionPolicy: 'Delete',
      UpdateReplacePolicy: 'Delete',
      Properties: { LogGroupName: logGroup, RetentionInDays: retentionDays },
    },
    FlowLogDeliveryRole: {
      Type: 'AWS::IAM::Role',
      Properties: {
        Description: 'Lets VPC Flow Logs write to the log group of the flowlogs stack',
        AssumeRolePolicyDocument: policy([
          {
            Sid: 'FlowLogsOfThisAccount',
            Effect: 'Allow',
            Principal: { Service: 'vpc-flow-logs.amazonaws.com' },
            Action: 'sts:AssumeRole',
            Condition: {
              StringEquals: { 'aws:SourceAccount': ref('AWS::AccountId') },
              ArnLike: { 'aws:SourceArn': sub(arnText('ec2', 'vpc-flow-log/*')) },
            },
          },
        ]),
        Policies: [
          {
            PolicyName: 'deliver-flow-logs',
            PolicyDocument: policy([
              {
                Sid: 'WriteToTheLogGroup',
                Effect: 'Allow',
                Action: [
                  'logs:CreateLogGroup',
                  'logs:CreateLogStream',
                  'logs:PutLogEvents',
                  'logs:DescribeLogStreams',
                ],
                // The attribute ends in `:*`, which is the form that covers the group and its streams.
                Resource: getAtt('FlowLogGroup', 'Arn'),
              },
              {
                // AWS checks this one against all groups of the account and Region, whatever is asked for.
                Sid: 'FindTheLogGroup',
                Effect: 'Allow',
                Action: 'logs:DescribeLogGroups',
                Resource: sub(arnText('logs', 'log-group:*')),
              },
            ]),
          },
        ],
      },
    },
  };
}
