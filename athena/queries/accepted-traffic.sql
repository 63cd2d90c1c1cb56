-- title: Accepted traffic
-- question: Which connections were let through, where, and how much did they carry each way?
-- theme: traffic
-- fields: interface_id, srcaddr, dstaddr, action, bytes
-- parameter: network cidr optional; only connections with an end in this network
-- parameter: limit count = 50; rows to print
-- next: Look for what should not be there, then narrow the rule that lets it in. Rows are counted at one interface: what
--   both ends record has a row for each, so bytes of several rows must not be added up. Of two flow logs over one
--   interface the one that saw more counts.

-- ICMP has no ports that would tell client from server: both directions have a row.
WITH logs AS (
  SELECT
    coalesce(client_address, source_address) AS client,
    coalesce(server_address, destination_address) AS server,
    server_port AS port,
    protocol_name AS protocol,
    service,
    coalesce(interface_id, resource_id) AS interface_id,
    flow_log_id,
    count(*) AS flows,
    sum(CASE WHEN destination_address = coalesce(server_address, destination_address) THEN bytes ELSE 0 END)
      AS bytes_to_server,
    sum(CASE WHEN source_address = server_address THEN bytes ELSE 0 END) AS bytes_to_client,
    min(start) AS first_seen,
    max(coalesce("end", start)) AS last_seen
  FROM flows
  WHERE {{time_range}}
    AND action = 'ACCEPT'
    AND (
      {{network}} IS NULL
      OR contains({{network}}, TRY_CAST(source_address AS ipaddress))
      OR contains({{network}}, TRY_CAST(destination_address AS ipaddress))
    )
  GROUP BY 1, 2, 3, 4, 5, 6, 7
)
SELECT
  client,
  server,
  port,
  protocol,
  service,
  interface_id,
  max(flows) AS flows,
  max(bytes_to_server) AS bytes_to_server,
  max(bytes_to_client) AS bytes_to_client,
  from_unixtime(min(first_seen)) AS first_seen,
  from_unixtime(max(last_seen)) AS last_seen
FROM logs
GROUP BY 1, 2, 3, 4, 5, 6
ORDER BY flows DESC, bytes_to_client DESC, bytes_to_server DESC, client, server, port, protocol, interface_id
LIMIT {{limit}}
