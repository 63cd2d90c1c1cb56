import { vpcFlowLogFormat } from './flow-log-formats.ts';
import { capture, idPattern, TARGET_TYPES, type TargetType } from './flow-log-targets.ts';
import { logicalId } from './logical-id.ts';
import { stageParameters } from './parameters.ts';
import { type Resource, ref, sub } from './template.ts';

/** How many targets of each type one stack logs. With more, the template outgrows what StackSets take as text. */
const SLOTS = 8;

interface Parameter {
  readonly Type: 'String' | 'Number';
  readonly Description?: string;
  readonly Default?: string | number;
  readonly AllowedValues?: readonly (string | number)[];
  readonly AllowedPattern?: string;
  readonly ConstraintDescription?: string;
}

/** A CloudFormation template without transforms: StackSets with service-managed permissions refuse them. */
export interface Template {
  readonly AWSTemplateFormatVersion: '2010-09-09';
  readonly Description: string;
  readonly Metadata: Readonly<Record<string, unknown>>;
  readonly Parameters: Readonly<Record<string, Parameter>>;
  readonly Conditions: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<Record<string, Resource & { readonly Condition: string }>>;
}

/** A parameter that may name a target, and the flow log that is made of it. */
interface Slot {
  readonly name: string;
  readonly type: TargetType;
}

/**
 * A template that creates only flow logs, for the accounts that deliver to the raw bucket of the stack's account.
 *
 * Each type of target has parameters of its own, so CloudFormation checks each id; with one list for all types, the type
 * would have to be looked up by the id's beginning, which `Fn::FindInMap` can't do without a transform.
 *
 * Sources: "CreateStackSet" (CloudFormation API Reference), "AWS::EC2::FlowLog" (CloudFormation Template Reference).
 */
export function memberAccountTemplate(): Template {
  const defaults = stageParameters.shape.flowLogs.parse(undefined);
  const groups = TARGET_TYPES.map((type) => ({ type, slots: slotsOf(type) }));
  const slots = groups.flatMap((group) => group.slots);
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description:
      'Flow logs that deliver to the raw bucket of a flowlogs stack in another account. For one account, or as a ' +
      'StackSet whose parameters name the targets of each account.',
    Metadata: {
      'AWS::CloudFormation::Interface': {
        ParameterGroups: [
          {
            Label: { default: 'What is logged, and where to' },
            Parameters: ['Destination', 'TrafficType', 'Interval', 'LogFormat'],
          },
          ...groups.map((group) => ({
            Label: { default: `Targets: ${group.type.resourceType}` },
            Parameters: group.slots.map(({ name }) => name),
          })),
        ],
      },
    },
    Parameters: {
      Destination: {
        Type: 'String',
        Description: 'ARN of the raw bucket, with its folder if it has one: arn:aws:s3:::bucket/folder/',
        AllowedPattern: '^arn:aws[a-z-]*:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/|/(?!AWSLogs/).+/)?$',
        ConstraintDescription:
          'takes the ARN of a bucket, and a folder that ends in a slash and is not AWSLogs/',
      },
      TrafficType: {
        Type: 'String',
        Description: 'Not for transit gateways, whose traffic is always logged whole',
        Default: defaults.trafficType,
        AllowedValues: ['ALL', 'ACCEPT', 'REJECT'],
      },
      Interval: {
        Type: 'Number',
        Description: 'Seconds over which packets are summed up. Transit gateways always have 60.',
        Default: defaults.interval,
        AllowedValues: [60, 600],
      },
      LogFormat: {
        Type: 'String',
        Description:
          "The fields, as AWS writes them; empty for AWS's default format. Transit gateways always have all of theirs.",
        Default: vpcFlowLogFormat(defaults).LogFormat ?? '',
        AllowedPattern: '^(\\$\\{[a-z0-9-]+\\}( \\$\\{[a-z0-9-]+\\})*)?$',
        ConstraintDescription: `takes fields separated by single spaces: \${version} \${srcaddr}`,
      },
      ...Object.fromEntries(slots.map((slot) => [slot.name, parameterOf(slot)])),
    },
    Conditions: {
      HasLogFormat: isGiven('LogFormat'),
      ...Object.fromEntries(slots.map(({ name }) => [`Has${name}`, isGiven(name)])),
    },
    Resources: Object.fromEntries(slots.map((slot) => [`FlowLog${slot.name}`, flowLogOf(slot)])),
  };
}

function slotsOf(type: TargetType): readonly Slot[] {
  return Array.from({ length: SLOTS }, (_, index) => ({
    name: `${logicalId(type.prefix)}${index + 1}`,
    type,
  }));
}

function parameterOf({ type }: Slot): Parameter {
  return {
    Type: 'String',
    Default: '',
    AllowedPattern: `^(${idPattern(type)})?$`,
    ConstraintDescription: `takes an id such as ${type.prefix}-0123456789abcdef0, or nothing`,
  };
}

function isGiven(name: string) {
  return { 'Fn::Not': [{ 'Fn::Equals': [ref(name), ''] }] };
}

function flowLogOf({ name, type }: Slot) {
  return {
    Type: 'AWS::EC2::FlowLog',
    Condition: `Has${name}`,
    Properties: {
      ResourceId: ref(name),
      ...capture(type, {
        trafficType: ref('TrafficType'),
        interval: ref('Interval'),
        format: { LogFormat: { 'Fn::If': ['HasLogFormat', ref('LogFormat'), ref('AWS::NoValue')] } },
      }),
      LogDestinationType: 's3',
      LogDestination: ref('Destination'),
      Tags: [{ Key: 'Name', Value: sub(`flowlogs-\${${name}}`) }],
    },
  };
}
