-- title: Unencrypted flows
-- question: Which connections does AWS say are not encrypted, and how much do they carry?
-- theme: security
-- fields: srcaddr, dstaddr, dstport, bytes, encryption_status
-- parameter: limit count = 50; rows to print
-- next: Move the ends to instance types that encrypt between each other, or use TLS. Status 0 does not know of TLS on other
--   ports than 443, so a row can be encrypted by its application; a plain protocol (http, ldap, redis) is not. The field is
--   empty where encryption controls are off.

-- The observer that saw most counts, so what both ends or two flow logs record counts once.
WITH observed AS (
  SELECT
    coalesce(client_address, source_address) AS client,
    coalesce(server_address, destination_address) AS server,
    server_port AS port,
    protocol_name AS protocol,
    service,
    coalesce(interface_id, resource_id) AS observer,
    flow_log_id,
    max(path) AS path,
    sum(packets) AS observed_packets,
    sum(bytes) AS observed_bytes,
    min(start) AS first_seen,
    max(coalesce("end", start)) AS last_seen
  FROM flows
  WHERE {{time_range}} AND encryption_status = 0 AND action IS DISTINCT FROM 'REJECT'
  GROUP BY 1, 2, 3, 4, 5, 6, 7
)
SELECT
  client,
  server,
  port,
  protocol,
  service,
  max(path) AS path,
  max(observed_bytes) AS bytes,
  max(observed_packets) AS packets,
  from_unixtime(min(first_seen)) AS first_seen,
  from_unixtime(max(last_seen)) AS last_seen
FROM observed
GROUP BY 1, 2, 3, 4, 5
ORDER BY bytes DESC, client, server, port, protocol
LIMIT {{limit}}
