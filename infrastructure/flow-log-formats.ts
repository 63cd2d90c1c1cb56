import { FlowLogFormatError, parseVpcFormat } from '../shared/flow-log/vpc-format.ts';
import type { StackParameters } from './parameters.ts';

/** The properties of an `AWS::EC2::FlowLog` that say which fields its records have. */
export interface FlowLogFormat {
  /** AWS's notation, `${version} ${srcaddr} …`. Without it a flow log has AWS's default format. */
  readonly LogFormat?: string;
  /** The tag keys whose values the tag fields show. */
  readonly TagFieldSpecifications?: readonly { ResourceType: string; TagKeys: readonly string[] }[];
}

/** The fields that show a resource's tags: first the value of the first configured key, then of the second. */
const TAG_FIELDS = [
  { resource: 'network-interface', fields: ['interface-tag', 'interface-tag-2'] },
  { resource: 'instance', fields: ['instance-tag', 'instance-tag-2'] },
  { resource: 'auto-scaling-group', fields: ['asg-tag', 'asg-tag-2'] },
] as const;

/**
 * The format of the flow logs of VPCs, subnets, network interfaces and NAT gateways.
 *
 * A tag field without a tag key shows nothing, and so does a tag key without a field: both are refused.
 *
 * Sources: "AWS::EC2::FlowLog" (CloudFormation Template Reference), "TagFieldSpecificationRequest" (EC2 API Reference),
 * "Flow log records" (Amazon VPC User Guide).
 *
 * @throws Error that names the parameter and says what is wrong with it.
 */
export function vpcFlowLogFormat(parameters: StackParameters['flowLogs']): FlowLogFormat {
  const { format, ecsFields, tagKeys } = parameters;
  const tagFields = TAG_FIELDS.flatMap(({ resource, fields }) =>
    fields.map((field, index) => ({ resource, field, key: tagKeys[resource][index] })),
  );
  const isAskedFor = (name: string) => {
    if (name.startsWith('ecs-')) return ecsFields;
    const tagField = tagFields.find(({ field }) => field === name);
    return tagField === undefined || tagField.key !== undefined;
  };
  const names = fieldNames(format).filter((name) => format !== 'full' || isAskedFor(name));

  if (ecsFields && format !== 'full') {
    throw new Error(
      'flowLogs.ecsFields adds to the format "full" only. Set flowLogs.format to full, or name the ECS fields in it.',
    );
  }
  for (const { resource, field, key } of tagFields) {
    if (names.includes(field) && key === undefined) {
      throw new Error(
        `flowLogs.format names ${field}, but flowLogs.tagKeys.${resource} has no key whose value it could show. ` +
          'Add the key, or leave the field out.',
      );
    }
    if (key !== undefined && !names.includes(field)) {
      throw new Error(
        `flowLogs.tagKeys.${resource} has the key "${key}", but flowLogs.format has no ${field} to show its value. ` +
          'Add the field, or set flowLogs.format to full.',
      );
    }
  }
  const specifications = TAG_FIELDS.map(({ resource }) => ({
    ResourceType: resource,
    TagKeys: tagKeys[resource],
  })).filter(({ TagKeys }) => TagKeys.length > 0);
  return {
    ...(format === 'default' ? {} : { LogFormat: names.map((name) => `\${${name}}`).join(' ') }),
    ...(specifications.length === 0 ? {} : { TagFieldSpecifications: specifications }),
  };
}

function fieldNames(format: string): readonly string[] {
  try {
    return parseVpcFormat(format);
  } catch (error) {
    if (!(error instanceof FlowLogFormatError)) throw error;
    throw new Error(
      `flowLogs.format can't be used: ${error.message} It takes standard, default, full, or the fields of a VPC flow ` +
        `log as AWS writes them, in quotes: '\${version} \${srcaddr}'.`,
      { cause: error },
    );
  }
}
