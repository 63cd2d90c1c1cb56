-- VPC flow logs with names, true ends, client and server, path, and place of observation.
-- Rendered by athena/views.ts: change it there.
CREATE OR REPLACE VIEW flows AS
WITH ends AS (
  SELECT
    *,
    "$path" AS object_path,
    CASE WHEN protocol = 6 THEN tcp_flags END AS flags,
    coalesce(pkt_srcaddr, srcaddr) AS source_address,
    coalesce(pkt_dstaddr, dstaddr) AS destination_address,
    CASE
      WHEN srcport BETWEEN 1 AND 1023 THEN 3
      WHEN srcport IN (
        1194, 1433, 1434, 1521, 1723, 1812, 1813, 1883, 2049, 2181, 2375, 2376, 2379, 2380, 3000,
        3128, 3260, 3268, 3269, 3306, 3389, 3478, 4369, 4500, 4789, 5000, 5044, 5060, 5061, 5222,
        5353, 5432, 5439, 5601, 5671, 5672, 5701, 5900, 5984, 5985, 5986, 6081, 6379, 6443, 6514,
        7001, 7077, 7199, 7687, 8000, 8008, 8080, 8081, 8086, 8088, 8123, 8125, 8140, 8200, 8300,
        8301, 8443, 8500, 8600, 8883, 8888, 9000, 9042, 9090, 9092, 9093, 9094, 9098, 9100, 9160,
        9200, 9300, 9418, 9443, 10250, 10255, 11211, 11434, 15672, 26379, 27017, 27018, 27019
      ) THEN 2
      WHEN srcport BETWEEN 1024 AND 32767 THEN 1
      ELSE 0
    END AS source_rank,
    CASE
      WHEN dstport BETWEEN 1 AND 1023 THEN 3
      WHEN dstport IN (
        1194, 1433, 1434, 1521, 1723, 1812, 1813, 1883, 2049, 2181, 2375, 2376, 2379, 2380, 3000,
        3128, 3260, 3268, 3269, 3306, 3389, 3478, 4369, 4500, 4789, 5000, 5044, 5060, 5061, 5222,
        5353, 5432, 5439, 5601, 5671, 5672, 5701, 5900, 5984, 5985, 5986, 6081, 6379, 6443, 6514,
        7001, 7077, 7199, 7687, 8000, 8008, 8080, 8081, 8086, 8088, 8123, 8125, 8140, 8200, 8300,
        8301, 8443, 8500, 8600, 8883, 8888, 9000, 9042, 9090, 9092, 9093, 9094, 9098, 9100, 9160,
        9200, 9300, 9418, 9443, 10250, 10255, 11211, 11434, 15672, 26379, 27017, 27018, 27019
      ) THEN 2
      WHEN dstport BETWEEN 1024 AND 32767 THEN 1
      ELSE 0
    END AS destination_rank
  FROM flow_logs
),
ranges AS (
  SELECT
    *,
    CASE
      WHEN regexp_like(
        source_address,
        '^(10|127|169\.254|192\.168|172\.(1[6-9]|2[0-9]|3[01])|100\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])|22[4-9]|2[3-5][0-9])\.'
      ) THEN 'private'
      WHEN regexp_like(source_address, '^[1-9][0-9]*\.') THEN 'public'
      WHEN regexp_like(source_address, '^(f[cd][0-9a-f]{2}|fe[89ab][0-9a-f]|ff[0-9a-f]{2}):') THEN 'private'
      -- Global unicast, and NAT64: an IPv4 host behind a NAT gateway.
      WHEN regexp_like(source_address, '^([23][0-9a-f]{3}|64:ff9b):') THEN 'public'
      ELSE 'unknown'
    END AS source_range,
    CASE
      WHEN regexp_like(
        destination_address,
        '^(10|127|169\.254|192\.168|172\.(1[6-9]|2[0-9]|3[01])|100\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])|22[4-9]|2[3-5][0-9])\.'
      ) THEN 'private'
      WHEN regexp_like(destination_address, '^[1-9][0-9]*\.') THEN 'public'
      WHEN regexp_like(destination_address, '^(f[cd][0-9a-f]{2}|fe[89ab][0-9a-f]|ff[0-9a-f]{2}):') THEN 'private'
      -- Global unicast, and NAT64: an IPv4 host behind a NAT gateway.
      WHEN regexp_like(destination_address, '^([23][0-9a-f]{3}|64:ff9b):') THEN 'public'
      ELSE 'unknown'
    END AS destination_range,
    CASE
      WHEN bitwise_and(flags, 18) = 2 THEN 'destination'
      WHEN bitwise_and(flags, 18) = 18 THEN 'source'
      WHEN source_rank < destination_rank THEN 'destination'
      WHEN source_rank > destination_rank THEN 'source'
      WHEN action = 'REJECT' AND flags IS NULL THEN 'destination'
      -- Both ports look alike: the lower one, which is the same for both directions.
      WHEN dstport < srcport THEN 'destination'
      WHEN srcport < dstport THEN 'source'
      WHEN action = 'REJECT' THEN 'destination'
    END AS serving_end
  FROM ends
),
directed AS (
  SELECT
    *,
    CASE
      WHEN flow_direction IS NOT NULL THEN flow_direction
      -- Only what leaves has a route.
      WHEN traffic_path IS NOT NULL THEN 'egress'
      -- What passes through has the interface's own address as its sender on the way out, as its receiver on the way in.
      WHEN pkt_srcaddr <> srcaddr AND pkt_dstaddr = dstaddr THEN 'egress'
      WHEN pkt_dstaddr <> dstaddr AND pkt_srcaddr = srcaddr THEN 'ingress'
      -- An interface's own IPv4 address is private, so of a private and a public one it is clear which is its own. Not so
      -- at a regional NAT gateway, which has no interface, nor for IPv6, whose addresses are public.
      WHEN interface_id IS NULL OR strpos(srcaddr, ':') > 0 THEN NULL
      WHEN source_address <> srcaddr OR destination_address <> dstaddr THEN NULL
      WHEN source_range = 'private' AND destination_range = 'public' THEN 'egress'
      WHEN source_range = 'public' AND destination_range = 'private' THEN 'ingress'
    END AS direction,
    nullif(
      CASE
        WHEN srcport = dstport THEN dstport
        ELSE CASE serving_end WHEN 'source' THEN srcport WHEN 'destination' THEN dstport END
      END,
      0
    ) AS server_port,
    coalesce(
      regexp_extract(source_address, '^(([0-9a-f]{1,4}:){3})', 1) || substr(
        lpad(coalesce(regexp_extract(source_address, '^([0-9a-f]{1,4}:){3}([0-9a-f]{1,4})', 2), '0'), 4, '0'),
        1,
        2
      ),
      regexp_extract(source_address, '^([0-9a-f]{1,4}:[0-9a-f]{1,4}:):', 1) || '0:00'
    ) AS source_56,
    coalesce(
      regexp_extract(destination_address, '^(([0-9a-f]{1,4}:){3})', 1) || substr(
        lpad(coalesce(regexp_extract(destination_address, '^([0-9a-f]{1,4}:){3}([0-9a-f]{1,4})', 2), '0'), 4, '0'),
        1,
        2
      ),
      regexp_extract(destination_address, '^([0-9a-f]{1,4}:[0-9a-f]{1,4}:):', 1) || '0:00'
    ) AS destination_56
  FROM ranges
),
owned AS (
  SELECT
    *,
    CASE
      WHEN direction = 'egress' AND source_address = srcaddr THEN 'source'
      WHEN direction = 'ingress' AND destination_address = dstaddr THEN 'destination'
    END AS own_end
  FROM directed
),
placed AS (
  SELECT
    *,
    CASE
      WHEN own_end = 'source' THEN 'inside'
      WHEN own_end IS NOT NULL AND (source_address = destination_address OR source_56 = destination_56)
        THEN 'inside'
      WHEN pkt_src_aws_service IN ('EC2', 'GLOBALACCELERATOR', 'CLOUDFRONT', 'CLOUDFRONT_ORIGIN_FACING', 'CODEBUILD')
        THEN 'internet'
      WHEN pkt_src_aws_service IS NOT NULL THEN 'aws-service'
      WHEN source_range = 'private' THEN 'inside'
      WHEN source_range = 'public' THEN 'internet'
      ELSE 'unknown'
    END AS source_place,
    CASE
      WHEN own_end = 'destination' THEN 'inside'
      WHEN own_end IS NOT NULL AND (source_address = destination_address OR source_56 = destination_56)
        THEN 'inside'
      -- The route that the packet left by: see shared/findings/path.ts.
      WHEN traffic_path = 1 AND strpos(destination_address, ':') > 0 THEN 'inside'
      WHEN traffic_path = 2 AND pkt_dst_aws_service IN ('S3', 'DYNAMODB') THEN 'aws-service'
      WHEN traffic_path = 2 THEN 'internet'
      WHEN traffic_path = 3 THEN 'on-premises'
      WHEN traffic_path IN (4, 5) THEN 'inside'
      WHEN traffic_path = 7 THEN 'aws-service'
      WHEN traffic_path = 8 THEN 'internet'
      WHEN pkt_dst_aws_service IN ('EC2', 'GLOBALACCELERATOR', 'CLOUDFRONT', 'CLOUDFRONT_ORIGIN_FACING', 'CODEBUILD')
        THEN 'internet'
      WHEN pkt_dst_aws_service IS NOT NULL THEN 'aws-service'
      WHEN destination_range = 'private' THEN 'inside'
      WHEN destination_range = 'public' THEN 'internet'
      ELSE 'unknown'
    END AS destination_place,
    CASE
      WHEN interface_type IN ('nat_gateway', 'regional_nat_gateway', 'transit_gateway') THEN 'middle'
      -- A regional NAT gateway has no interface.
      WHEN interface_id IS NULL AND resource_id IS NOT NULL THEN 'middle'
      WHEN own_end = 'source' THEN 'source'
      WHEN own_end = 'destination' THEN 'target'
      -- The packet's own address is not the interface's. A public one is elsewhere; a private one may as well be that of a
      -- pod or a second address of the interface.
      WHEN direction = 'egress' AND source_range = 'public' AND strpos(source_address, ':') = 0 THEN 'middle'
      WHEN direction = 'ingress' AND destination_range = 'public' AND strpos(destination_address, ':') = 0
        THEN 'middle'
    END AS observed_at
  FROM owned
)
SELECT
  version,
  account_id,
  interface_id,
  srcaddr,
  dstaddr,
  srcport,
  dstport,
  protocol,
  packets,
  bytes,
  start,
  "end",
  action,
  log_status,
  vpc_id,
  subnet_id,
  instance_id,
  tcp_flags,
  type,
  pkt_srcaddr,
  pkt_dstaddr,
  region,
  az_id,
  sublocation_type,
  sublocation_id,
  pkt_src_aws_service,
  pkt_dst_aws_service,
  flow_direction,
  traffic_path,
  ecs_cluster_arn,
  ecs_cluster_name,
  ecs_container_instance_arn,
  ecs_container_instance_id,
  ecs_container_id,
  ecs_second_container_id,
  ecs_service_name,
  ecs_task_definition_arn,
  ecs_task_arn,
  ecs_task_id,
  reject_reason,
  resource_id,
  encryption_status,
  instance_tag,
  instance_tag_2,
  interface_tag,
  interface_tag_2,
  asg_tag,
  asg_tag_2,
  interface_type,
  next_hop_interface_id,
  next_hop_subnet_id,
  next_hop_az_id,
  next_hop_vpc_id,
  next_hop_interface_type,
  aws_account_id,
  aws_region,
  day,
  hour,
  CASE WHEN start BETWEEN 0 AND 253402300799 THEN
    date_add('second', start, TIMESTAMP '1970-01-01 00:00:00.000')
  END AS start_time,
  CASE WHEN "end" BETWEEN 0 AND 253402300799 THEN
    date_add('second', "end", TIMESTAMP '1970-01-01 00:00:00.000')
  END AS end_time,
  CASE protocol
    WHEN 1 THEN 'icmp' WHEN 2 THEN 'igmp' WHEN 4 THEN 'ipip' WHEN 6 THEN 'tcp' WHEN 17 THEN 'udp'
    WHEN 41 THEN 'ipv6' WHEN 47 THEN 'gre' WHEN 50 THEN 'esp' WHEN 51 THEN 'ah'
    WHEN 58 THEN 'icmpv6' WHEN 89 THEN 'ospf' WHEN 112 THEN 'vrrp' WHEN 132 THEN 'sctp'
    ELSE CAST(protocol AS varchar)
  END AS protocol_name,
  CASE WHEN flags IS NOT NULL THEN
    concat_ws(
      ' ',
      CASE WHEN bitwise_and(flags, 1) <> 0 THEN 'FIN' END,
      CASE WHEN bitwise_and(flags, 2) <> 0 THEN 'SYN' END,
      CASE WHEN bitwise_and(flags, 4) <> 0 THEN 'RST' END,
      CASE WHEN bitwise_and(flags, 8) <> 0 THEN 'PSH' END,
      CASE WHEN bitwise_and(flags, 16) <> 0 THEN 'ACK' END,
      CASE WHEN bitwise_and(flags, 32) <> 0 THEN 'URG' END
    )
  END AS tcp_flag_names,
  direction,
  CASE
    WHEN source_address IS NULL AND destination_address IS NULL THEN NULL
    WHEN 'unknown' IN (source_place, destination_place) THEN 'unknown'
    WHEN 'aws-service' IN (source_place, destination_place) THEN 'aws-service'
    WHEN 'on-premises' IN (source_place, destination_place) THEN 'on-premises'
    WHEN source_place = 'inside' AND destination_place = 'inside' THEN 'subnet-to-subnet'
    WHEN source_place = destination_place OR serving_end IS NULL THEN 'unknown'
    WHEN (serving_end = 'source') = (source_place = 'internet') THEN 'subnet-to-internet'
    ELSE 'internet-to-subnet'
  END AS path,
  source_address,
  destination_address,
  CASE serving_end WHEN 'source' THEN destination_address WHEN 'destination' THEN source_address END AS client_address,
  CASE serving_end WHEN 'source' THEN source_address WHEN 'destination' THEN destination_address END AS server_address,
  server_port,
  CASE server_port
    WHEN 20 THEN 'ftp-data' WHEN 21 THEN 'ftp' WHEN 22 THEN 'ssh' WHEN 23 THEN 'telnet'
    WHEN 25 THEN 'smtp' WHEN 53 THEN 'dns' WHEN 67 THEN 'dhcp' WHEN 80 THEN 'http'
    WHEN 88 THEN 'kerberos' WHEN 110 THEN 'pop3' WHEN 123 THEN 'ntp' WHEN 135 THEN 'rpc'
    WHEN 137 THEN 'netbios' WHEN 139 THEN 'netbios' WHEN 143 THEN 'imap' WHEN 161 THEN 'snmp'
    WHEN 389 THEN 'ldap' WHEN 443 THEN 'https' WHEN 445 THEN 'smb' WHEN 465 THEN 'smtps'
    WHEN 500 THEN 'ike' WHEN 514 THEN 'syslog' WHEN 587 THEN 'submission' WHEN 636 THEN 'ldaps'
    WHEN 853 THEN 'dns-over-tls' WHEN 993 THEN 'imaps' WHEN 995 THEN 'pop3s'
    WHEN 1433 THEN 'sql-server' WHEN 1521 THEN 'oracle' WHEN 2049 THEN 'nfs' WHEN 2379 THEN 'etcd'
    WHEN 3306 THEN 'mysql' WHEN 3389 THEN 'rdp' WHEN 4500 THEN 'ipsec' WHEN 5060 THEN 'sip'
    WHEN 5432 THEN 'postgresql' WHEN 5671 THEN 'amqps' WHEN 5672 THEN 'amqp' WHEN 5985 THEN 'winrm'
    WHEN 5986 THEN 'winrm-https' WHEN 6379 THEN 'redis' WHEN 8080 THEN 'http-alt'
    WHEN 8443 THEN 'https-alt' WHEN 9092 THEN 'kafka' WHEN 9200 THEN 'elasticsearch'
    WHEN 11211 THEN 'memcached' WHEN 27017 THEN 'mongodb'
  END AS service,
  observed_at,
  regexp_extract(object_path, '-(fl-[0-9a-f]+)-[0-9]{8}T[0-9]{4}Z-[^/]*$', 1) AS flow_log_id,
  regexp_extract(object_path, '([^/]+)\.json\.(zst|gz)$', 1) AS source_object
FROM placed
