-- title: Rejected TCP
-- question: Which TCP connections were refused, and was it a request, a reply or what came after the close?
-- theme: traffic
-- fields: interface_id, srcaddr, dstaddr, protocol, action
-- parameter: port port optional; only this server port
-- parameter: limit count = 50; rows to print
-- next: A refused request: look at the security group and the network ACL of the interface. A refused reply: the network
--   ACL, since security groups let replies pass. Late packets belong to a connection that was open before; they are
--   harmless unless it is cut off again and again.

-- With TCP flags a request has SYN, a reply SYN-ACK, and what has neither is late. Without flags the ports tell. Of two
-- flow logs over one interface the one that saw more counts, hour by hour.
WITH logs AS (
  SELECT
    client_address AS client,
    server_address AS server,
    server_port AS port,
    service,
    CASE
      WHEN bitwise_and(tcp_flags, 2) = 0 THEN 'late packets'
      WHEN source_address = server_address THEN 'reply'
      ELSE 'request'
    END AS refused,
    interface_id,
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
    AND protocol = 6
    AND ({{port}} IS NULL OR server_port = {{port}})
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
),
hours AS (
  SELECT
    client,
    server,
    port,
    service,
    refused,
    interface_id,
    max(log_flows) AS hour_flows,
    max(log_packets) AS hour_packets,
    min(first_seen) AS first_seen,
    max(last_seen) AS last_seen
  FROM logs
  GROUP BY client, server, port, service, refused, interface_id, day, hour
)
SELECT
  client,
  server,
  port,
  service,
  refused,
  interface_id,
  sum(hour_flows) AS flows,
  sum(hour_packets) AS packets,
  from_unixtime(min(first_seen)) AS first_seen,
  from_unixtime(max(last_seen)) AS last_seen
FROM hours
GROUP BY 1, 2, 3, 4, 5, 6
ORDER BY flows DESC, packets DESC, client, server, port, refused, interface_id
LIMIT {{limit}}
