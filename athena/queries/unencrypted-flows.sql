-- title: Unencrypted flows
-- question: Which connections does AWS say are not encrypted, and how much do they carry?
-- theme: security
-- fields: srcaddr, dstaddr, dstport, bytes, encryption_status
-- parameter: limit count = 50; rows to print
-- next: Move the ends to instance types that encrypt between each other, or use TLS. Status 0 does not know of TLS on other
--   ports than 443, so a row can be encrypted by its application; a plain protocol (http, ldap, redis) is not. The field is
--   empty where encryption controls are off.

-- The observer that saw most counts, so what both ends or two flow logs record counts once.
WITH asked AS (
  SELECT *
  FROM flows
  WHERE {{time_range}} AND encryption_status = 0 AND action IS DISTINCT FROM 'REJECT'
),
{{conversations}}
SELECT
  client,
  server,
  port,
  protocol,
  service,
  max(path) AS path,
  max(bytes_to_server + bytes_to_client) AS bytes,
  max(packets) AS packets,
  from_unixtime(min(first_seen)) AS first_seen,
  from_unixtime(max(last_seen)) AS last_seen
FROM conversations
GROUP BY 1, 2, 3, 4, 5
ORDER BY bytes DESC, client, server, port, protocol
LIMIT {{limit}}
