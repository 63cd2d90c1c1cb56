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
WITH asked AS (
  SELECT *
  FROM flows
  WHERE {{time_range}}
    AND action = 'ACCEPT'
    AND (
      {{network}} IS NULL
      OR contains({{network}}, TRY_CAST(source_address AS ipaddress))
      OR contains({{network}}, TRY_CAST(destination_address AS ipaddress))
    )
),
{{conversations}}
SELECT
  client,
  server,
  port,
  protocol,
  service,
  observer AS interface_id,
  max(flows) AS flows,
  max(bytes_to_server) AS bytes_to_server,
  max(bytes_to_client) AS bytes_to_client,
  from_unixtime(min(first_seen)) AS first_seen,
  from_unixtime(max(last_seen)) AS last_seen
FROM conversations
GROUP BY 1, 2, 3, 4, 5, 6
ORDER BY flows DESC, bytes_to_client DESC, bytes_to_server DESC, client, server, port, protocol, interface_id
LIMIT {{limit}}
