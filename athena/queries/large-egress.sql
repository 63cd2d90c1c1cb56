-- title: Large egress
-- question: Who sends how much out of the network, and to whom?
-- theme: security
-- fields: interface_id, srcaddr, dstaddr, bytes, action
-- parameter: min_megabytes count = 100; megabytes (millions of bytes) from one source to one destination
-- parameter: limit count = 50; rows to print
-- next: Backups, uploads and replication are large and have known destinations. For any other, ask "conversation" when it
--   began, and find out which process of the source it is. With first seen in mind: a new destination is worth more than
--   a large one.

-- Out of the network is what goes to an address that is not private. Where the format has traffic-path, what goes to a
-- peered VPC or down a private line is left out, and over IPv6, whose addresses are never private, what stays in the VPC
-- (over IPv4 such a path leads to a NAT gateway).
-- Each observer (instance, NAT gateway, transit gateway attachment) sees all of a transfer: the one that saw most counts.
-- Of two flow logs over one of them the one that saw more counts, hour by hour. A NAT gateway also sends under its own
-- address; that is left out where the format has interface-type.
WITH logs AS (
  SELECT
    source_address AS source,
    destination_address AS destination,
    coalesce(interface_id, resource_id) AS observer,
    day,
    hour,
    flow_log_id,
    sum(bytes) AS log_bytes,
    sum(packets) AS log_packets,
    min(start) AS first_seen,
    max(coalesce("end", start)) AS last_seen
  FROM flows
  WHERE {{time_range}}
    AND action IS DISTINCT FROM 'REJECT'
    AND coalesce(traffic_path, 0) NOT IN (3, 4, 5)
    AND NOT (coalesce(traffic_path, 0) = 1 AND strpos(dstaddr, ':') > 0)
    AND NOT (
      coalesce(interface_type, '') = 'nat_gateway' AND source_address = srcaddr AND destination_address = dstaddr
    )
  GROUP BY 1, 2, 3, 4, 5, 6
),
hours AS (
  SELECT
    source,
    destination,
    observer,
    max(log_bytes) AS hour_bytes,
    max(log_packets) AS hour_packets,
    min(first_seen) AS first_seen,
    max(last_seen) AS last_seen
  FROM logs
  GROUP BY source, destination, observer, day, hour
),
observed AS (
  SELECT
    source,
    destination,
    sum(hour_bytes) AS bytes,
    sum(hour_packets) AS packets,
    min(first_seen) AS first_seen,
    max(last_seen) AS last_seen
  FROM hours
  GROUP BY source, destination, observer
)
SELECT
  source,
  destination,
  max(bytes) AS bytes,
  max(packets) AS packets,
  from_unixtime(min(first_seen)) AS first_seen,
  from_unixtime(max(last_seen)) AS last_seen
FROM observed
WHERE (
    contains('10.0.0.0/8', TRY_CAST(source AS ipaddress))
    OR contains('172.16.0.0/12', TRY_CAST(source AS ipaddress))
    OR contains('192.168.0.0/16', TRY_CAST(source AS ipaddress))
    OR contains('100.64.0.0/10', TRY_CAST(source AS ipaddress))
    OR strpos(source, ':') > 0
  )
  AND NOT (
    contains('10.0.0.0/8', TRY_CAST(destination AS ipaddress))
    OR contains('172.16.0.0/12', TRY_CAST(destination AS ipaddress))
    OR contains('192.168.0.0/16', TRY_CAST(destination AS ipaddress))
    OR contains('100.64.0.0/10', TRY_CAST(destination AS ipaddress))
    OR contains('169.254.0.0/16', TRY_CAST(destination AS ipaddress))
    OR contains('fc00::/7', TRY_CAST(destination AS ipaddress))
    OR contains('fe80::/10', TRY_CAST(destination AS ipaddress))
  )
GROUP BY source, destination
-- As a double: as a 32-bit number 3,000 million is too much.
HAVING max(bytes) >= CAST({{min_megabytes}} AS double) * 1000000
ORDER BY bytes DESC, source, destination
LIMIT {{limit}}
