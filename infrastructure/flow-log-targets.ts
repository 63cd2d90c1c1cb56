import { excerpt } from '../shared/errors.ts';
import type { FlowLogKind } from '../shared/flow-log/fields.ts';
import type { StackParameters } from './parameters.ts';

/** A type of thing whose traffic AWS logs. */
export interface TargetType {
  /** How ids of this type begin, without the hyphen before the hex digits. */
  readonly prefix: string;
  /** `ResourceType` of an `AWS::EC2::FlowLog`. */
  readonly resourceType: string;
  readonly kind: FlowLogKind;
}

/** Source: "AWS::EC2::FlowLog" (CloudFormation Template Reference). */
export const TARGET_TYPES: readonly TargetType[] = [
  { prefix: 'vpc', resourceType: 'VPC', kind: 'vpc' },
  { prefix: 'subnet', resourceType: 'Subnet', kind: 'vpc' },
  { prefix: 'eni', resourceType: 'NetworkInterface', kind: 'vpc' },
  // Zonal NAT gateways have the same ids; they are logged by their interface and AWS refuses them here.
  { prefix: 'nat', resourceType: 'RegionalNatGateway', kind: 'vpc' },
  { prefix: 'tgw', resourceType: 'TransitGateway', kind: 'transit-gateway' },
  { prefix: 'tgw-attach', resourceType: 'TransitGatewayAttachment', kind: 'transit-gateway' },
];

/** A regular expression that matches the ids of a type, for JavaScript and for CloudFormation. */
export const idPattern = ({ prefix }: TargetType) => `${prefix}-([0-9a-f]{8}|[0-9a-f]{17})`;

/** Something to be logged. */
export interface Target {
  readonly id: string;
  readonly type: TargetType;
}

/**
 * The targets of the stage file.
 *
 * @throws Error for the first id that is wrong or stands there twice.
 */
export function flowLogTargets({ targets }: StackParameters['flowLogs']): readonly Target[] {
  return targets.map((id, index) => {
    const type = TARGET_TYPES.find((candidate) => new RegExp(`^${idPattern(candidate)}$`).test(id));
    if (type === undefined) {
      const prefixes = TARGET_TYPES.map(({ prefix }) => `${prefix}-`).join(', ');
      throw new Error(
        `flowLogs.targets has "${excerpt(id)}", which is no id of something that can be logged. An id begins with one ` +
          `of ${prefixes} and ends in 8 or 17 digits or letters a to f.`,
      );
    }
    if (targets.indexOf(id) < index) {
      throw new Error(`flowLogs.targets has ${id} twice. AWS would bill and log it twice; remove one.`);
    }
    return { id, type };
  });
}

/**
 * The properties of an `AWS::EC2::FlowLog` that say what of a target is logged. Values may be intrinsic functions.
 *
 * Transit gateways take no traffic type and only 60 seconds. They keep AWS's default format: it has all of their
 * fields, and a format of VPC fields doesn't fit them.
 */
export function capture(
  type: TargetType,
  vpcSettings: {
    readonly trafficType: unknown;
    /** Seconds. */
    readonly interval: unknown;
    readonly format: object;
  },
): Readonly<Record<string, unknown>> {
  const { resourceType: ResourceType, kind } = type;
  if (kind === 'transit-gateway') return { ResourceType, MaxAggregationInterval: 60 };
  const { trafficType: TrafficType, interval: MaxAggregationInterval, format } = vpcSettings;
  return { ResourceType, TrafficType, MaxAggregationInterval, ...format };
}
