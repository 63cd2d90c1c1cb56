-- title: Internal services rejected
-- question: Which services inside the network refuse which clients, by pair and port?
-- theme: troubleshooting
-- fields: interface_id, srcaddr, dstaddr, dstport, action
-- parameter: network cidr optional; only pairs with an end in this network
-- parameter: limit count = 50; rows to print
-- next: A pair that is always refused lacks a rule: look at the security group of the server first, then at the client's
--   outbound rules and at the network ACLs (the interface says whose). A pair that is let through elsewhere or at other
--   times: compare the interfaces, or look for a change with "conversation".

-- Requests only. With TCP flags a packet without SYN belongs to a connection that was open before, and is left out. What
-- both ends let through counts at the one that saw more. Of two flow logs over one interface the one that saw more counts,
-- hour by hour.
WITH logs AS (
  SELECT
    client_address AS client,
    server_address AS server,
    server_port AS port,
    protocol_name AS protocol,
    service,
    coalesce(interface_id, resource_id) AS observer,
    day,
    hour,
    flow_log_id,
    count_if(action = 'REJECT') AS rejected_in_log,
    count_if(action = 'ACCEPT') AS accepted_in_log,
    min(CASE WHEN action = 'REJECT' THEN start END) AS first_rejected,
    max(CASE WHEN action = 'REJECT' THEN coalesce("end", start) END) AS last_rejected
  FROM flows
  WHERE {{time_range}}
    AND path = 'subnet-to-subnet'
    AND source_address = client_address
    AND coalesce(protocol <> 6 OR bitwise_and(tcp_flags, 2) = 2, true)
    AND (
      {{network}} IS NULL
      OR contains({{network}}, TRY_CAST(source_address AS ipaddress))
      OR contains({{network}}, TRY_CAST(destination_address AS ipaddress))
    )
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
),
hours AS (
  SELECT
    client,
    server,
    port,
    protocol,
    service,
    observer,
    max(rejected_in_log) AS rejected_in_hour,
    max(accepted_in_log) AS accepted_in_hour,
    min(first_rejected) AS first_rejected,
    max(last_rejected) AS last_rejected
  FROM logs
  GROUP BY client, server, port, protocol, service, observer, day, hour
),
observers AS (
  SELECT
    client,
    server,
    port,
    protocol,
    service,
    observer,
    sum(rejected_in_hour) AS observed_rejected,
    sum(accepted_in_hour) AS observed_accepted,
    min(first_rejected) AS first_rejected,
    max(last_rejected) AS last_rejected
  FROM hours
  GROUP BY 1, 2, 3, 4, 5, 6
)
SELECT
  client,
  server,
  port,
  protocol,
  service,
  sum(observed_rejected) AS rejected,
  max(observed_accepted) AS accepted,
  array_join(array_sort(array_agg(DISTINCT CASE WHEN observed_rejected > 0 THEN observer END)), ' ') AS rejected_at,
  from_unixtime(min(first_rejected)) AS first_rejected,
  from_unixtime(max(last_rejected)) AS last_rejected
FROM observers
GROUP BY 1, 2, 3, 4, 5
HAVING sum(observed_rejected) > 0
ORDER BY rejected DESC, client, server, port, protocol
LIMIT {{limit}}
