-- title: Admin port traffic
-- question: Who reaches SSH, RDP and other ports of administration, from the internet and inside, and are they answered?
-- theme: security
-- fields: srcaddr, dstaddr, srcport, dstport, protocol, packets, bytes
-- parameter: network cidr optional; only clients in this network
-- parameter: limit count = 50; rows to print
-- next: Answered from the internet: close the port to it at once, and use a session manager or a bastion. Unanswered: it
--   is let through, but nothing replied; close it, too. Refused ones are background noise.

-- SSH, Telnet, RDP, VNC, WinRM and Webmin. Answered means that a SYN-ACK was seen, or payload both ways.
WITH asked AS (
  SELECT *
  FROM flows
  WHERE {{time_range}}
    AND server_port IN (22, 23, 3389, 5900, 5985, 5986, 10000)
    AND ({{network}} IS NULL OR contains({{network}}, TRY_CAST(client_address AS ipaddress)))
),
{{connections}}
SELECT
  client,
  server,
  port,
  bool_or(is_from_internet) AS from_internet,
  count_if(is_answered) AS answered,
  count_if(NOT is_answered AND NOT is_rejected) AS unanswered,
  count_if(NOT is_answered AND is_rejected) AS rejected,
  sum(bytes_to_server) AS bytes_to_server,
  sum(bytes_to_client) AS bytes_to_client,
  from_unixtime(min(first_seen)) AS first_seen,
  from_unixtime(max(last_seen)) AS last_seen
FROM connections
GROUP BY 1, 2, 3
ORDER BY from_internet DESC, answered DESC, unanswered DESC, rejected DESC, client, server, port
LIMIT {{limit}}
