-- title: SSH and RDP traffic
-- question: Who connected by SSH or RDP to what, when and for how long, and was it let through and answered?
-- theme: traffic
-- fields: srcaddr, dstaddr, srcport, dstport, protocol, packets, bytes, start, action
-- parameter: network cidr optional; only connections with an end in this network
-- parameter: limit count = 100; connections to print, the latest first
-- next: A long answered connection is a session: somebody worked there. Many short ones are log-ins that failed: see
--   "ssh-brute-force". For one line a pair, and other ports of administration, ask "admin-port-traffic". A file that was
--   copied shows in the bytes: with SSH, uploads in bytes_to_server, downloads in bytes_to_client.

-- A connection is a client's port: one that is used again in the time range is one row. Answered means that a SYN-ACK was
-- seen, or payload both ways. RDP over UDP is left out: it has a TCP connection beside it.
WITH asked AS (
  SELECT *
  FROM flows
  WHERE {{time_range}}
    AND server_port IN (22, 3389)
    AND (
      {{network}} IS NULL
      OR contains({{network}}, TRY_CAST(source_address AS ipaddress))
      OR contains({{network}}, TRY_CAST(destination_address AS ipaddress))
    )
),
{{connections}}
SELECT
  from_unixtime(first_seen) AS first_seen,
  from_unixtime(last_seen) AS last_seen,
  last_seen - first_seen AS seconds,
  client,
  client_port,
  server,
  CASE port WHEN 22 THEN 'ssh' ELSE 'rdp' END AS service,
  is_from_internet AS from_internet,
  CASE WHEN is_answered THEN 'answered' WHEN is_rejected THEN 'rejected' ELSE 'unanswered' END AS result,
  bytes_to_server,
  bytes_to_client
FROM connections
ORDER BY first_seen DESC, last_seen DESC, client, server, service, client_port
LIMIT {{limit}}
