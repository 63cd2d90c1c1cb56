-- title: Replies dropped
-- question: Which replies were refused at an interface that had let the request through?
-- theme: troubleshooting
-- fields: interface_id, srcaddr, dstaddr, srcport, dstport, protocol, action
-- parameter: network cidr optional; only connections with an end in this network
-- parameter: limit count = 50; rows to print
-- next: Security groups let replies pass, so it is the network ACL of the interface's subnet: its outbound rules if the
--   reply left here (egress), its inbound rules if it came back (ingress). It must allow the ports that clients get,
--   1024 to 65535. Without TCP flags, a connection that opened before the time range can look like one of these.

-- The same addresses and ports at one interface: one direction was accepted, the other refused and never accepted. With
-- TCP flags only a refused SYN-ACK counts: a packet without it came after the connection had closed. Of two flow logs over
-- one interface the packets of the one that saw more count, hour by hour.
WITH logs AS (
  SELECT
    coalesce(interface_id, resource_id) AS interface_id,
    protocol_name,
    source_address,
    srcport,
    destination_address,
    dstport,
    day,
    hour,
    flow_log_id,
    count_if(action = 'ACCEPT') AS accepted,
    count_if(action = 'REJECT' AND coalesce(protocol <> 6 OR bitwise_and(tcp_flags, 18) = 18, true)) AS refused,
    sum(CASE WHEN action = 'REJECT' THEN packets ELSE 0 END) AS log_packets,
    max(direction) AS direction,
    min(start) AS first_seen,
    max(coalesce("end", start)) AS last_seen
  FROM flows
  WHERE {{time_range}}
    AND action IS NOT NULL
    AND (
      {{network}} IS NULL
      OR contains({{network}}, TRY_CAST(source_address AS ipaddress))
      OR contains({{network}}, TRY_CAST(destination_address AS ipaddress))
    )
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
),
hours AS (
  SELECT
    interface_id,
    protocol_name,
    source_address,
    srcport,
    destination_address,
    dstport,
    max(accepted) AS accepted,
    max(refused) AS refused,
    max(log_packets) AS hour_packets,
    max(direction) AS direction,
    min(first_seen) AS first_seen,
    max(last_seen) AS last_seen
  FROM logs
  GROUP BY interface_id, protocol_name, source_address, srcport, destination_address, dstport, day, hour
),
directions AS (
  SELECT
    interface_id,
    protocol_name,
    source_address,
    srcport,
    destination_address,
    dstport,
    concat(source_address, ' ', CAST(coalesce(srcport, 0) AS varchar)) AS source_end,
    concat(destination_address, ' ', CAST(coalesce(dstport, 0) AS varchar)) AS destination_end,
    sum(accepted) AS accepted,
    sum(refused) AS refused,
    sum(hour_packets) AS packets,
    max(direction) AS direction,
    min(first_seen) AS first_seen,
    max(last_seen) AS last_seen
  FROM hours
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
),
conversations AS (
  SELECT
    *,
    sum(accepted) OVER (
      PARTITION BY
        interface_id,
        protocol_name,
        least(source_end, destination_end),
        greatest(source_end, destination_end)
    ) AS accepted_both_ways
  FROM directions
)
SELECT
  destination_address AS client,
  source_address AS server,
  nullif(srcport, 0) AS port,
  protocol_name AS protocol,
  interface_id,
  direction AS reply_direction,
  count(*) AS connections,
  sum(packets) AS packets,
  from_unixtime(min(first_seen)) AS first_seen,
  from_unixtime(max(last_seen)) AS last_seen
FROM conversations
WHERE refused > 0 AND accepted = 0 AND accepted_both_ways > 0
GROUP BY 1, 2, 3, 4, 5, 6
ORDER BY connections DESC, packets DESC, client, server, port, protocol, interface_id
LIMIT {{limit}}
