-- title: Internal services rejected
-- question: Which services inside the network refuse which clients, by pair and port?
-- theme: troubleshooting
-- fields: interface_id, srcaddr, dstaddr, dstport, action
-- parameter: network cidr optional; only pairs with an end in this network
-- parameter: limit count = 50; rows to print
-- next: A pair that is always refused lacks a rule: look at the security group of the server first, then at the client's
--   outbound rules and at the network ACLs (the interface says whose). A pair that is let through elsewhere or at other
--   times: compare the interfaces, or look for a change with "conversation".

-- Requests only. With TCP flags a packet without SYN belongs to a connection that was open before, and is left out.
SELECT
  client_address AS client,
  server_address AS server,
  server_port AS port,
  protocol_name AS protocol,
  service,
  count_if(action = 'REJECT') AS rejected,
  count_if(action = 'ACCEPT') AS accepted,
  array_join(
    array_sort(array_agg(DISTINCT CASE WHEN action = 'REJECT' THEN coalesce(interface_id, resource_id) END)),
    ' '
  ) AS rejected_at,
  from_unixtime(min(CASE WHEN action = 'REJECT' THEN start END)) AS first_rejected,
  from_unixtime(max(CASE WHEN action = 'REJECT' THEN coalesce("end", start) END)) AS last_rejected
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
GROUP BY 1, 2, 3, 4, 5
HAVING count_if(action = 'REJECT') > 0
ORDER BY rejected DESC, client, server, port, protocol
LIMIT {{limit}}
