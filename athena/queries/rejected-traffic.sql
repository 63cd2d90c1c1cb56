-- title: Rejected traffic
-- question: Which connections were refused, where, how often, and was it the request or the reply?
-- theme: troubleshooting
-- fields: interface_id, srcaddr, dstaddr, action
-- parameter: network cidr optional; only connections with an end in this network
-- parameter: limit count = 50; rows to print
-- next: A refused request: look at the security group and the network ACL of the interface. A refused reply: the network
--   ACL has no rule for it (security groups let replies pass), or the packets came after the connection had closed.

-- Client and server are the connection's ends: for a reply they are swapped. It is a reply if TCP flags say so (SYN-ACK),
-- and without flags if it goes from the port that looks more like a service's. Of two flow logs over one interface the one
-- that saw more counts, hour by hour.
WITH logs AS (
  SELECT
    client_address AS client,
    server_address AS server,
    CASE WHEN source_address = server_address THEN srcport ELSE dstport END AS port,
    protocol,
    CASE WHEN source_address = server_address THEN 'reply' ELSE 'request' END AS refused,
    interface_id,
    reject_reason,
    day,
    hour,
    flow_log_id,
    count(*) AS log_flows,
    sum(packets) AS log_packets,
    min(start) AS first_seen,
    max(coalesce("end", start)) AS last_seen
  FROM flows
  WHERE {{time_range}}
    AND action = 'REJECT'
    AND (
      {{network}} IS NULL
      OR contains({{network}}, TRY_CAST(source_address AS ipaddress))
      OR contains({{network}}, TRY_CAST(destination_address AS ipaddress))
    )
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
),
hours AS (
  SELECT
    client,
    server,
    port,
    protocol,
    refused,
    interface_id,
    reject_reason,
    max(log_flows) AS hour_flows,
    max(log_packets) AS hour_packets,
    min(first_seen) AS first_seen,
    max(last_seen) AS last_seen
  FROM logs
  GROUP BY client, server, port, protocol, refused, interface_id, reject_reason, day, hour
)
SELECT
  client,
  server,
  port,
  protocol,
  refused,
  interface_id,
  reject_reason,
  sum(hour_flows) AS flows,
  sum(hour_packets) AS packets,
  from_unixtime(min(first_seen)) AS first_seen,
  from_unixtime(max(last_seen)) AS last_seen
FROM hours
GROUP BY 1, 2, 3, 4, 5, 6, 7
ORDER BY flows DESC, packets DESC, client, server, port, protocol, refused, interface_id, reject_reason
LIMIT {{limit}}
