-- Rendered by athena/table-statement.ts. Put the name of your lake's bucket in the place of LAKE-BUCKET.
-- Partitions have to be registered, each hour anew. For those that are there: MSCK REPAIR TABLE flow_logs
CREATE EXTERNAL TABLE IF NOT EXISTS flow_logs (
  `version` int COMMENT 'Highest version among the fields of the format',
  `account_id` string COMMENT 'Owner of the source interface: 12 digits, or unknown',
  `interface_id` string COMMENT 'Interface that recorded the flow, absent for regional NAT gateways',
  `srcaddr` string COMMENT 'Sender, on egress the interface\'s own primary address',
  `dstaddr` string COMMENT 'Receiver, on ingress the interface\'s own primary address',
  `srcport` int COMMENT 'Source port, 0 for ICMP',
  `dstport` int COMMENT 'Destination port, 0 for ICMP',
  `protocol` int COMMENT 'IANA protocol number',
  `packets` bigint COMMENT 'Packets in the interval',
  `bytes` bigint COMMENT 'Bytes in the interval, absent for Block Public Access rejections',
  `start` bigint COMMENT 'First packet of the interval, Unix seconds',
  `end` bigint COMMENT 'Last packet of the interval, Unix seconds',
  `action` string COMMENT 'ACCEPT or REJECT',
  `log_status` string COMMENT 'OK, NODATA (no traffic) or SKIPDATA (AWS lost records)',
  `vpc_id` string COMMENT 'VPC of the interface',
  `subnet_id` string COMMENT 'Subnet of the interface',
  `instance_id` string COMMENT 'Instance of the interface, absent for requester-managed interfaces',
  `tcp_flags` int COMMENT 'FIN 1, SYN 2, RST 4, SYN-ACK 18, combined by OR over the interval',
  `type` string COMMENT 'IPv4, IPv6 or EFA',
  `pkt_srcaddr` string COMMENT 'Original source address inside the packet',
  `pkt_dstaddr` string COMMENT 'Original destination address inside the packet',
  `region` string COMMENT 'Region of the interface',
  `az_id` string COMMENT 'Availability Zone id of the interface',
  `sublocation_type` string COMMENT 'wavelength, outpost or localzone',
  `sublocation_id` string COMMENT 'Id of the sublocation',
  `pkt_src_aws_service` string COMMENT 'AWS address range that pkt-srcaddr falls in, for example S3',
  `pkt_dst_aws_service` string COMMENT 'AWS address range that pkt-dstaddr falls in',
  `flow_direction` string COMMENT 'ingress or egress, as seen by the interface',
  `traffic_path` int COMMENT 'Route of egress traffic, 1 to 8, absent for ingress',
  `ecs_cluster_arn` string COMMENT 'ARN of the ECS cluster',
  `ecs_cluster_name` string COMMENT 'Name of the ECS cluster',
  `ecs_container_instance_arn` string COMMENT 'ARN of the ECS container instance, EC2 capacity only',
  `ecs_container_instance_id` string COMMENT 'Id of the ECS container instance, EC2 capacity only',
  `ecs_container_id` string COMMENT 'Runtime id of the first container of the task',
  `ecs_second_container_id` string COMMENT 'Runtime id of the second container of the task',
  `ecs_service_name` string COMMENT 'ECS service that started the task',
  `ecs_task_definition_arn` string COMMENT 'ARN of the task definition',
  `ecs_task_arn` string COMMENT 'ARN of the task',
  `ecs_task_id` string COMMENT 'Id of the task',
  `reject_reason` string COMMENT 'BPA (Block Public Access) or EC (encryption controls), absent otherwise',
  `resource_id` string COMMENT 'Regional NAT gateway that recorded the flow',
  `encryption_status` int COMMENT '0 none, 1 Nitro, 2 application layer, 3 both',
  `instance_tag` string COMMENT 'Value of the first configured instance tag, percent-encoded',
  `instance_tag_2` string COMMENT 'Value of the second configured instance tag, percent-encoded',
  `interface_tag` string COMMENT 'Value of the first configured interface tag, percent-encoded',
  `interface_tag_2` string COMMENT 'Value of the second configured interface tag, percent-encoded',
  `asg_tag` string COMMENT 'Value of the first configured Auto Scaling group tag, percent-encoded',
  `asg_tag_2` string COMMENT 'Value of the second configured Auto Scaling group tag, percent-encoded',
  `interface_type` string COMMENT 'Service behind the interface, for example nat_gateway',
  `next_hop_interface_id` string COMMENT 'Interface that receives (egress) or sends (ingress)',
  `next_hop_subnet_id` string COMMENT 'Subnet of the next hop',
  `next_hop_az_id` string COMMENT 'Availability Zone id of the next hop',
  `next_hop_vpc_id` string COMMENT 'VPC of the next hop',
  `next_hop_interface_type` string COMMENT 'Service behind the next hop'
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
LOCATION 's3://LAKE-BUCKET/flow_logs/'
TBLPROPERTIES (
  'classification' = 'json'
)
