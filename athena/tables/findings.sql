-- Rendered by athena/table-statement.ts. Put the name of your lake's bucket in the place of LAKE-BUCKET.
-- Athena works out the partitions itself: nothing has to be registered.
CREATE EXTERNAL TABLE IF NOT EXISTS findings (
  `kind` string COMMENT 'REJECT, SKIPDATA or PACKET_LOSS',
  `severity` string COMMENT 'The highest of its meanings: info, warning or critical',
  `meanings` array<string> COMMENT 'What it may mean, the most severe first. NULL in older findings',
  `path` string COMMENT 'From where to where the connection goes: internet-to-subnet, subnet-to-subnet, subnet-to-internet, on-premises, aws-service or unknown',
  `cause` string COMMENT 'Why packets were lost: no-route, blackhole, mtu-exceeded or ttl-expired',
  `aws_account_id` string COMMENT 'Account that delivered the log, or unknown',
  `aws_region` string COMMENT 'Region that delivered the log, or unknown',
  `resource_type` string COMMENT 'interface, nat-gateway, transit-gateway-attachment or transit-gateway',
  `resource_id` string COMMENT 'What recorded the flows',
  `resources` string COMMENT 'Only where an object has too many resources for a finding each: how many this one adds up, exact to 64, then 64+',
  `vpc_id` string COMMENT 'VPC of the resource',
  `subnet_id` string COMMENT 'Subnet of the resource',
  `instance_id` string COMMENT 'Instance of the resource',
  `interface_type` string COMMENT 'AWS service behind the resource',
  `tgw_id` string COMMENT 'Transit gateway of the resource',
  `first_time` bigint COMMENT 'Smallest start of a flow, Unix seconds',
  `last_time` bigint COMMENT 'Largest end of a flow, Unix seconds',
  `flows` bigint COMMENT 'Records: rejected flows, SKIPDATA records, or flows that lost packets',
  `packets` bigint COMMENT 'Packets of these flows, for PACKET_LOSS those lost',
  `bytes` bigint COMMENT 'Bytes of these flows, as far as the log has them',
  `skipped_seconds` bigint COMMENT 'Length of the SKIPDATA intervals together',
  `refused_requests` bigint COMMENT 'Flows from client to server that are nothing but a request',
  `refused_replies` bigint COMMENT 'Flows from server to client whose request was accepted here and that never were themselves',
  `late_packets` bigint COMMENT 'Flows of a connection that was open before: TCP without SYN, or accepted by the same resource in this object',
  `tcp_with_syn` bigint COMMENT 'TCP flows with SYN or SYN-ACK',
  `tcp_without_syn` bigint COMMENT 'TCP flows whose flags lack SYN',
  `tcp_flags_unknown` bigint COMMENT 'TCP flows whose flags the log does not give',
  `reply_like` bigint COMMENT 'Flows that go from the service to the client',
  `request_accepted` bigint COMMENT 'Flows whose opposite direction the same resource accepted in this object, bounded evidence',
  `also_accepted` bigint COMMENT 'Flows that the same resource also accepted in this object, bounded evidence',
  `protocols` array<struct<protocol:int,flows:bigint>> COMMENT 'Flows by IANA protocol number, the 16 most frequent',
  `directions` array<struct<direction:string,flows:bigint>> COMMENT 'Flows by flow-direction',
  `reject_reasons` array<struct<reason:string,flows:bigint>> COMMENT 'Flows by reject-reason: BPA, EC',
  `top_sources` array<struct<address:string,inside:boolean,flows:bigint,packets:bigint,bytes:bigint,error:bigint,server_ports:string,destinations:string,interfaces:string>> COMMENT 'Senders of most flows. Flows are at most error too high. Distinct server ports and destinations that it asked for here, and distinct interfaces of the whole object at which it was refused: exact to 64, then 64+',
  `top_destinations` array<struct<address:string,inside:boolean,flows:bigint,packets:bigint,bytes:bigint,error:bigint>> COMMENT 'Receivers of most flows. Flows are at most error too high',
  `top_server_ports` array<struct<protocol:int,port:int,side:string,rejected_flows:bigint,error:bigint,accepted_flows:bigint,refused_requests:bigint,refused_replies:bigint,late_packets:bigint,clients:string,servers:string,server:string>> COMMENT 'The services\' ports, with flows that were rejected and flows that the same resource accepted. Side: the service is the own or the peer. Distinct clients and servers, the server where it is just one',
  `top_attachment_pairs` array<struct<pair_attachment_id:string,source_vpc_id:string,destination_vpc_id:string,flows:bigint,packets:bigint,error:bigint>> COMMENT 'The other attachments and the VPCs of flows that lost packets',
  `samples` array<string> COMMENT 'A few lines as they stand in the source',
  `source` string COMMENT 'The source object, as a URL or path'
)
PARTITIONED BY (
  `day` string COMMENT 'UTC day, 2026-11-20'
)
ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'
STORED AS
  INPUTFORMAT 'org.apache.hadoop.mapred.TextInputFormat'
  OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
LOCATION 's3://LAKE-BUCKET/findings/'
TBLPROPERTIES (
  'classification' = 'json',
  'projection.enabled' = 'true',
  'projection.day.type' = 'date',
  'projection.day.format' = 'yyyy-MM-dd',
  'projection.day.range' = '2010-01-01,NOW+1DAYS',
  'projection.day.interval' = '1',
  'projection.day.interval.unit' = 'DAYS',
  'storage.location.template' = 's3://LAKE-BUCKET/findings/day=${day}/'
)
