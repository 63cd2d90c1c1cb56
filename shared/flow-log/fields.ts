/**
 * The field catalogue: every field that a VPC or transit gateway flow log can hold.
 *
 * The parser, the table definitions and the documentation are derived from these two tables, so a new AWS
 * field is one new line here. Order and names are AWS's; column types follow AWS's Parquet delivery.
 *
 * Sources: "Flow log records" (Amazon VPC User Guide) and "AWS Transit Gateway Flow Logs" (Transit gateways guide).
 */

/** Athena column types of flow log fields. `int` and `bigint` are signed 32 and 64 bit. */
export type ColumnType = 'int' | 'bigint' | 'string';

export interface Field {
  /** AWS's name, as in a header line: `interface-id`. */
  readonly name: string;
  /** Flow log version that introduced the field. */
  readonly version: number;
  /** Column name in the lake: the name with hyphens as underscores. */
  readonly column: string;
  readonly type: ColumnType;
  readonly description: string;
}

/** What a flow log was taken of. Each kind has its own fields and its own table. */
export type FlowLogKind = 'vpc' | 'transit-gateway';

function field(name: string, version: number, type: ColumnType, description: string): Field {
  return { name, version, column: columnName(name), type, description };
}

/** The column name of a field name: `pkt-src-aws-service` becomes `pkt_src_aws_service`. */
export function columnName(fieldName: string): string {
  return fieldName.replaceAll('-', '_');
}

/** The 54 VPC flow log fields, versions 2 to 11, in AWS's order. Version 6 has none. */
export const VPC_FIELDS: readonly Field[] = [
  field('version', 2, 'int', 'Highest version among the fields of the format'),
  field('account-id', 2, 'string', 'Owner of the source interface: 12 digits, or unknown'),
  field('interface-id', 2, 'string', 'Interface that recorded the flow; absent for regional NAT gateways'),
  field('srcaddr', 2, 'string', "Sender; on egress the interface's own primary address"),
  field('dstaddr', 2, 'string', "Receiver; on ingress the interface's own primary address"),
  field('srcport', 2, 'int', 'Source port; 0 for ICMP'),
  field('dstport', 2, 'int', 'Destination port; 0 for ICMP'),
  field('protocol', 2, 'int', 'IANA protocol number'),
  field('packets', 2, 'bigint', 'Packets in the interval'),
  field('bytes', 2, 'bigint', 'Bytes in the interval; absent for Block Public Access rejections'),
  field('start', 2, 'bigint', 'First packet of the interval, Unix seconds'),
  field('end', 2, 'bigint', 'Last packet of the interval, Unix seconds'),
  field('action', 2, 'string', 'ACCEPT or REJECT'),
  field('log-status', 2, 'string', 'OK, NODATA (no traffic) or SKIPDATA (AWS lost records)'),
  field('vpc-id', 3, 'string', 'VPC of the interface'),
  field('subnet-id', 3, 'string', 'Subnet of the interface'),
  field('instance-id', 3, 'string', 'Instance of the interface; absent for requester-managed interfaces'),
  field('tcp-flags', 3, 'int', 'FIN 1, SYN 2, RST 4, SYN-ACK 18, combined by OR over the interval'),
  field('type', 3, 'string', 'IPv4, IPv6 or EFA'),
  field('pkt-srcaddr', 3, 'string', 'Original source address inside the packet'),
  field('pkt-dstaddr', 3, 'string', 'Original destination address inside the packet'),
  field('region', 4, 'string', 'Region of the interface'),
  field('az-id', 4, 'string', 'Availability Zone id of the interface'),
  field('sublocation-type', 4, 'string', 'wavelength, outpost or localzone'),
  field('sublocation-id', 4, 'string', 'Id of the sublocation'),
  field('pkt-src-aws-service', 5, 'string', 'AWS address range that pkt-srcaddr falls in, for example S3'),
  field('pkt-dst-aws-service', 5, 'string', 'AWS address range that pkt-dstaddr falls in'),
  field('flow-direction', 5, 'string', 'ingress or egress, as seen by the interface'),
  field('traffic-path', 5, 'int', 'Route of egress traffic, 1 to 8; absent for ingress'),
  field('ecs-cluster-arn', 7, 'string', 'ARN of the ECS cluster'),
  field('ecs-cluster-name', 7, 'string', 'Name of the ECS cluster'),
  field('ecs-container-instance-arn', 7, 'string', 'ARN of the ECS container instance, EC2 capacity only'),
  field('ecs-container-instance-id', 7, 'string', 'Id of the ECS container instance, EC2 capacity only'),
  field('ecs-container-id', 7, 'string', 'Runtime id of the first container of the task'),
  field('ecs-second-container-id', 7, 'string', 'Runtime id of the second container of the task'),
  field('ecs-service-name', 7, 'string', 'ECS service that started the task'),
  field('ecs-task-definition-arn', 7, 'string', 'ARN of the task definition'),
  field('ecs-task-arn', 7, 'string', 'ARN of the task'),
  field('ecs-task-id', 7, 'string', 'Id of the task'),
  field(
    'reject-reason',
    8,
    'string',
    'BPA (Block Public Access) or EC (encryption controls); absent otherwise',
  ),
  field('resource-id', 9, 'string', 'Regional NAT gateway that recorded the flow'),
  field('encryption-status', 10, 'int', '0 none, 1 Nitro, 2 application layer, 3 both'),
  field('instance-tag', 11, 'string', 'Value of the first configured instance tag, percent-encoded'),
  field('instance-tag-2', 11, 'string', 'Value of the second configured instance tag, percent-encoded'),
  field('interface-tag', 11, 'string', 'Value of the first configured interface tag, percent-encoded'),
  field('interface-tag-2', 11, 'string', 'Value of the second configured interface tag, percent-encoded'),
  field('asg-tag', 11, 'string', 'Value of the first configured Auto Scaling group tag, percent-encoded'),
  field('asg-tag-2', 11, 'string', 'Value of the second configured Auto Scaling group tag, percent-encoded'),
  field('interface-type', 11, 'string', 'Service behind the interface, for example nat_gateway'),
  field('next-hop-interface-id', 11, 'string', 'Interface that receives (egress) or sends (ingress)'),
  field('next-hop-subnet-id', 11, 'string', 'Subnet of the next hop'),
  field('next-hop-az-id', 11, 'string', 'Availability Zone id of the next hop'),
  field('next-hop-vpc-id', 11, 'string', 'VPC of the next hop'),
  field('next-hop-interface-type', 11, 'string', 'Service behind the next hop'),
];

/** The 36 transit gateway flow log fields, versions 2 to 6, in AWS's order, which is also the default format. */
export const TRANSIT_GATEWAY_FIELDS: readonly Field[] = [
  field('version', 2, 'int', 'Highest version among the fields of the format'),
  field('resource-type', 6, 'string', 'TransitGateway or TransitGatewayAttachment'),
  field('account-id', 2, 'string', 'Owner of the source transit gateway'),
  field('tgw-id', 6, 'string', 'Transit gateway that recorded the flow'),
  field('tgw-attachment-id', 6, 'string', 'Attachment that recorded the flow'),
  field('tgw-src-vpc-account-id', 6, 'string', 'Account of the source VPC'),
  field('tgw-dst-vpc-account-id', 6, 'string', 'Account of the destination VPC'),
  field('tgw-src-vpc-id', 6, 'string', 'Source VPC'),
  field('tgw-dst-vpc-id', 6, 'string', 'Destination VPC'),
  field('tgw-src-subnet-id', 6, 'string', 'Source subnet'),
  field('tgw-dst-subnet-id', 6, 'string', 'Destination subnet'),
  field('tgw-src-eni', 6, 'string', 'Attachment interface on the source side'),
  field('tgw-dst-eni', 6, 'string', 'Attachment interface on the destination side'),
  field('tgw-src-az-id', 6, 'string', 'Availability Zone id on the source side'),
  field('tgw-dst-az-id', 6, 'string', 'Availability Zone id on the destination side'),
  field('tgw-pair-attachment-id', 6, 'string', 'The other attachment of the flow'),
  field('srcaddr', 2, 'string', 'Source address'),
  field('dstaddr', 2, 'string', 'Destination address'),
  field('srcport', 2, 'int', 'Source port; 0 for ICMP'),
  field('dstport', 2, 'int', 'Destination port; 0 for ICMP'),
  field('protocol', 2, 'int', 'IANA protocol number'),
  field('packets', 2, 'bigint', 'Packets in the interval'),
  field('bytes', 2, 'bigint', 'Bytes in the interval'),
  field('start', 2, 'bigint', 'First packet of the interval, Unix seconds'),
  field('end', 2, 'bigint', 'Last packet of the interval, Unix seconds'),
  field('log-status', 2, 'string', 'OK, NODATA (no traffic) or SKIPDATA (AWS lost records)'),
  field('type', 3, 'string', 'IPv4, IPv6 or EFA'),
  field('packets-lost-no-route', 6, 'bigint', 'Packets dropped because no route matched'),
  field('packets-lost-blackhole', 6, 'bigint', 'Packets dropped by a blackhole route'),
  field('packets-lost-mtu-exceeded', 6, 'bigint', 'Packets dropped because they were larger than the MTU'),
  field('packets-lost-ttl-expired', 6, 'bigint', 'Packets dropped because their time to live ran out'),
  field(
    'tcp-flags',
    3,
    'int',
    'FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, combined by OR over the interval',
  ),
  field('region', 4, 'string', 'Region of the transit gateway'),
  field('flow-direction', 5, 'string', 'ingress or egress, as seen by the transit gateway'),
  field('pkt-src-aws-service', 5, 'string', 'AWS address range that srcaddr falls in'),
  field('pkt-dst-aws-service', 5, 'string', 'AWS address range that dstaddr falls in'),
];

/** Field names of the format that AWS uses when none is configured: the 14 version 2 fields. */
export const DEFAULT_VPC_FORMAT: readonly string[] = VPC_FIELDS.filter((f) => f.version === 2).map(
  (f) => f.name,
);

const BY_COLUMN: Record<FlowLogKind, ReadonlyMap<string, Field>> = {
  vpc: new Map(VPC_FIELDS.map((f) => [f.column, f])),
  'transit-gateway': new Map(TRANSIT_GATEWAY_FIELDS.map((f) => [f.column, f])),
};

/** The field of a kind of flow log with this column name, or undefined for one the catalogue does not know. */
export function fieldOfColumn(kind: FlowLogKind, column: string): Field | undefined {
  return BY_COLUMN[kind].get(column);
}

/** All fields of a kind of flow log, in AWS's order. */
export function fieldsOf(kind: FlowLogKind): readonly Field[] {
  return kind === 'vpc' ? VPC_FIELDS : TRANSIT_GATEWAY_FIELDS;
}
