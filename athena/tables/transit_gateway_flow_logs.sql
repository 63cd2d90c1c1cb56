-- Rendered by athena/table-statement.ts. Put the name of your lake's bucket in the place of LAKE-BUCKET.
-- Partitions have to be registered, each hour anew. For those that are there: MSCK REPAIR TABLE transit_gateway_flow_logs
CREATE EXTERNAL TABLE IF NOT EXISTS transit_gateway_flow_logs (
  `version` int COMMENT 'Highest version among the fields of the format',
  `resource_type` string COMMENT 'TransitGateway or TransitGatewayAttachment',
  `account_id` string COMMENT 'Owner of the source transit gateway',
  `tgw_id` string COMMENT 'Transit gateway that recorded the flow',
  `tgw_attachment_id` string COMMENT 'Attachment that recorded the flow',
  `tgw_src_vpc_account_id` string COMMENT 'Account of the source VPC',
  `tgw_dst_vpc_account_id` string COMMENT 'Account of the destination VPC',
  `tgw_src_vpc_id` string COMMENT 'Source VPC',
  `tgw_dst_vpc_id` string COMMENT 'Destination VPC',
  `tgw_src_subnet_id` string COMMENT 'Source subnet',
  `tgw_dst_subnet_id` string COMMENT 'Destination subnet',
  `tgw_src_eni` string COMMENT 'Attachment interface on the source side',
  `tgw_dst_eni` string COMMENT 'Attachment interface on the destination side',
  `tgw_src_az_id` string COMMENT 'Availability Zone id on the source side',
  `tgw_dst_az_id` string COMMENT 'Availability Zone id on the destination side',
  `tgw_pair_attachment_id` string COMMENT 'The other attachment of the flow',
  `srcaddr` string COMMENT 'Source address',
  `dstaddr` string COMMENT 'Destination address',
  `srcport` int COMMENT 'Source port, 0 for ICMP',
  `dstport` int COMMENT 'Destination port, 0 for ICMP',
  `protocol` int COMMENT 'IANA protocol number',
  `packets` bigint COMMENT 'Packets in the interval',
  `bytes` bigint COMMENT 'Bytes in the interval',
  `start` bigint COMMENT 'First packet of the interval, Unix seconds',
  `end` bigint COMMENT 'Last packet of the interval, Unix seconds',
  `log_status` string COMMENT 'OK, NODATA (no traffic) or SKIPDATA (AWS lost records)',
  `type` string COMMENT 'IPv4, IPv6 or EFA',
  `packets_lost_no_route` bigint COMMENT 'Packets dropped because no route matched',
  `packets_lost_blackhole` bigint COMMENT 'Packets dropped by a blackhole route',
  `packets_lost_mtu_exceeded` bigint COMMENT 'Packets dropped because they were larger than the MTU',
  `packets_lost_ttl_expired` bigint COMMENT 'Packets dropped because their time to live ran out',
  `tcp_flags` int COMMENT 'FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, combined by OR over the interval',
  `region` string COMMENT 'Region of the transit gateway',
  `flow_direction` string COMMENT 'ingress or egress, as seen by the transit gateway',
  `pkt_src_aws_service` string COMMENT 'AWS address range that srcaddr falls in',
  `pkt_dst_aws_service` string COMMENT 'AWS address range that dstaddr falls in'
)
PARTITIONED BY (
  `aws_account_id` string COMMENT 'Account that delivered the log, or unknown',
  `aws_region` string COMMENT 'Region that delivered the log, or unknown',
  `day` string COMMENT 'UTC day, 2026-11-20',
  `hour` string COMMENT 'UTC hour, 00 to 23'
)
ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'
STORED AS
  INPUTFORMAT 'org.apache.hadoop.mapred.TextInputFormat'
  OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
LOCATION 's3://LAKE-BUCKET/transit_gateway_flow_logs/'
TBLPROPERTIES (
  'classification' = 'json'
)
