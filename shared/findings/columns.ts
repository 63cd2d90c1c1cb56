import { columnIndex, type Format } from '../flow-log/format.ts';
import { LOSS_CAUSES, type LossCause } from './finding.ts';

/** Where a format has what findings look at: column indexes, -1 for what it lacks. No column is ever needed. */
export type FindingColumns = ReturnType<typeof findingColumns>;

/** Looks up the columns of a format, once for all its records. */
export function findingColumns(format: Format) {
  const column = (key: string) => columnIndex(format, key);
  return {
    accountId: column('account_id'),
    region: column('region'),
    interfaceId: column('interface_id'),
    resourceId: column('resource_id'),
    vpcId: column('vpc_id'),
    subnetId: column('subnet_id'),
    instanceId: column('instance_id'),
    interfaceType: column('interface_type'),
    sourceAddress: column('srcaddr'),
    destinationAddress: column('dstaddr'),
    packetSourceAddress: column('pkt_srcaddr'),
    packetDestinationAddress: column('pkt_dstaddr'),
    sourcePort: column('srcport'),
    destinationPort: column('dstport'),
    protocol: column('protocol'),
    packets: column('packets'),
    bytes: column('bytes'),
    start: column('start'),
    end: column('end'),
    action: column('action'),
    logStatus: column('log_status'),
    tcpFlags: column('tcp_flags'),
    direction: column('flow_direction'),
    rejectReason: column('reject_reason'),
    trafficPath: column('traffic_path'),
    sourceService: column('pkt_src_aws_service'),
    destinationService: column('pkt_dst_aws_service'),
    tgwId: column('tgw_id'),
    attachmentId: column('tgw_attachment_id'),
    pairAttachmentId: column('tgw_pair_attachment_id'),
    sourceVpcId: column('tgw_src_vpc_id'),
    destinationVpcId: column('tgw_dst_vpc_id'),
    losses: LOSS_CAUSES.map((cause) => ({ cause, column: column(lossColumn(cause)) })).filter(
      ({ column }) => column >= 0,
    ),
  };
}

function lossColumn(cause: LossCause): string {
  return `packets_lost_${cause.replaceAll('-', '_')}`;
}
