-- title: IPv6 egress
-- question: Which hosts open connections to the internet over IPv6, past NAT gateways and IPv4 rules?
-- theme: security
-- fields: interface_id, srcaddr, dstaddr, bytes, flow_direction
-- parameter: limit count = 50; rows to print
-- next: IPv6 needs no NAT gateway, so what is private over IPv4 may be open over IPv6. Use an egress-only internet gateway,
--   and give security groups rules for ::/0 that equal those for 0.0.0.0/0. AWS's own services are left out where the
--   format has pkt-dst-aws-service.

-- The observer that saw most of a pair counts, so what two flow logs record counts once.
WITH observed AS (
  SELECT
    client_address AS client,
    server_address AS server,
    coalesce(interface_id, resource_id) AS observer,
    flow_log_id,
    sum(CASE WHEN source_address = client_address THEN bytes ELSE 0 END) AS sent,
    sum(CASE WHEN source_address = server_address THEN bytes ELSE 0 END) AS received,
    min(start) AS first_seen,
    max(coalesce("end", start)) AS last_seen
  FROM flows
  WHERE {{time_range}}
    AND path = 'subnet-to-internet'
    AND strpos(client_address, ':') > 0
    AND action IS DISTINCT FROM 'REJECT'
  GROUP BY 1, 2, 3, 4
),
pairs AS (
  SELECT
    client,
    server,
    max(sent) AS sent,
    max(received) AS received,
    min(first_seen) AS first_seen,
    max(last_seen) AS last_seen
  FROM observed
  GROUP BY client, server
)
SELECT
  client,
  count(*) AS servers,
  sum(sent) AS bytes_sent,
  sum(received) AS bytes_received,
  max_by(server, sent) AS largest_server,
  from_unixtime(min(first_seen)) AS first_seen,
  from_unixtime(max(last_seen)) AS last_seen
FROM pairs
GROUP BY client
ORDER BY bytes_sent DESC, bytes_received DESC, client
LIMIT {{limit}}
