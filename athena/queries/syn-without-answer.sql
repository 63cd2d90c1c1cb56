-- title: SYN without answer
-- question: Which accepted TCP requests got no packet back at all, and did they reach their target?
-- theme: troubleshooting
-- fields: srcaddr, dstaddr, srcport, dstport, protocol, tcp_flags, action
-- parameter: min_unanswered count = 1; unanswered connections from one client to one server and port
-- parameter: limit count = 50; rows to print
-- next: Reached the target: nothing listens behind a host firewall, or the host is down. Not reached, although the target is
--   logged: routes, peering, transit gateway or a firewall between. One client with many servers is a scan ("host-sweep").
--   Connections of the last minutes may still be answered. Between private addresses only flow-direction tells the target.

-- What several interfaces or flow logs record of one attempt counts once; a source port that is used again is another
-- attempt. A reset is an answer, too. What goes to a NAT gateway itself is left out where the format has interface-type: it
-- logs ACCEPT for what it drops.
WITH asked AS (
  SELECT *
  FROM flows
  WHERE {{time_range}}
    AND protocol = 6
    AND server_port IS NOT NULL
    AND NOT (
      coalesce(interface_type, '') = 'nat_gateway' AND source_address = srcaddr AND destination_address = dstaddr
    )
),
{{attempts}},
connections AS (
  SELECT
    client_address AS client,
    server_address AS server,
    server_port AS port,
    CASE WHEN source_address = server_address THEN dstport ELSE srcport END AS client_port,
    attempt,
    coalesce(bool_or(source_address = client_address AND bitwise_and(tcp_flags, 18) = 2), false) AS has_syn,
    bool_or(source_address = server_address) AS is_answered,
    coalesce(bool_or(action = 'REJECT'), false) AS is_rejected,
    coalesce(bool_or(observed_at = 'target' AND source_address = client_address), false) AS has_reached,
    min(start) AS first_seen,
    max(coalesce("end", start)) AS last_seen
  FROM attempts
  GROUP BY 1, 2, 3, 4, 5
)
SELECT
  client,
  server,
  port,
  count_if(NOT is_answered) AS unanswered,
  count_if(NOT is_answered AND has_reached) AS reached_target,
  count_if(is_answered) AS answered,
  from_unixtime(min(CASE WHEN NOT is_answered THEN first_seen END)) AS first_unanswered,
  from_unixtime(max(CASE WHEN NOT is_answered THEN last_seen END)) AS last_unanswered
FROM connections
WHERE has_syn AND NOT is_rejected
GROUP BY client, server, port
HAVING count_if(NOT is_answered) > 0 AND count_if(NOT is_answered) >= {{min_unanswered}}
ORDER BY unanswered DESC, client, server, port
LIMIT {{limit}}
