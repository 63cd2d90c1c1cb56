-- title: Beaconing
-- question: Which inside host calls one server on the internet again and again at regular intervals?
-- theme: security
-- fields: srcaddr, dstaddr, srcport, dstport, protocol, start
-- parameter: min_calls count = 10; calls from one host to one server and port, below which nothing is regular
-- parameter: min_seconds count = 30; calls closer than this to the one before belong to it
-- parameter: max_deviation number = 0.2; median deviation from the median interval, as a share of it; 0 is a clock, and
--   calls at random have 0.7
-- parameter: limit count = 50; rows to print
-- next: Updates, monitoring, time servers and AWS's own services call regularly, too: strike out the servers that you
--   know. For the others find the process. A time stamp is up to a minute late, so intervals below about five minutes
--   look less regular than they are: allow a larger max_deviation. A day or more as the time range finds slow beacons.

-- A call opens a connection, let through or not: with TCP flags a SYN, without them a new client port. So a connection that
-- stays open is one call, though it has a record in each aggregation interval; but calls from one fixed port without TCP
-- flags are not told from it. What several interfaces and flow logs record of a call has one client port, too. What a NAT
-- gateway sends under its own address is left out where the format has interface-type.
WITH openings AS (
  SELECT
    client_address AS client,
    server_address AS server,
    server_port AS port,
    protocol_name AS protocol,
    srcport AS client_port,
    start,
    protocol = 6 AND tcp_flags IS NOT NULL AS has_flags,
    coalesce(action = 'REJECT', false) AS is_rejected
  FROM flows
  WHERE {{time_range}}
    AND path = 'subnet-to-internet'
    AND source_address = client_address
    AND protocol IN (6, 17, 132)
    AND coalesce(protocol <> 6 OR bitwise_and(tcp_flags, 18) = 2, true)
    AND start IS NOT NULL
    AND NOT (
      coalesce(interface_type, '') = 'nat_gateway' AND source_address = srcaddr AND destination_address = dstaddr
    )
),
of_ports AS (
  SELECT
    *,
    lag(start) OVER (PARTITION BY client, server, port, protocol, client_port ORDER BY start) AS previous_of_port
  FROM openings
),
-- A SYN that is sent again, because nothing answered, comes from the same port within about two minutes.
attempts AS (
  SELECT
    *,
    lag(start) OVER (PARTITION BY client, server, port, protocol ORDER BY start) AS previous
  FROM of_ports
  WHERE previous_of_port IS NULL OR (has_flags AND start - previous_of_port > 180)
),
calls AS (
  SELECT
    *,
    start - lag(start) OVER (PARTITION BY client, server, port, protocol ORDER BY start) AS seconds
  FROM attempts
  WHERE previous IS NULL OR start - previous >= {{min_seconds}}
),
placed AS (
  SELECT
    *,
    row_number() OVER (PARTITION BY client, server, port, protocol ORDER BY seconds NULLS LAST) AS place,
    count(seconds) OVER (PARTITION BY client, server, port, protocol) AS places
  FROM calls
),
medians AS (
  SELECT
    *,
    max(CASE WHEN place = (places + 1) / 2 THEN seconds END)
      OVER (PARTITION BY client, server, port, protocol) AS median_seconds
  FROM placed
),
-- Medians, because a night in which the host was switched off is one long interval and must not hide the others.
beacons AS (
  SELECT
    client,
    server,
    port,
    protocol,
    count(*) AS calls,
    count_if(is_rejected) AS rejected,
    max(median_seconds) AS interval_seconds,
    approx_percentile(abs(seconds - median_seconds), 0.5) AS deviation_seconds,
    min(start) AS first_seen,
    max(start) AS last_seen
  FROM medians
  GROUP BY client, server, port, protocol
)
SELECT
  client,
  server,
  port,
  protocol,
  calls,
  rejected,
  interval_seconds,
  deviation_seconds,
  CAST(deviation_seconds AS double) / nullif(interval_seconds, 0) AS deviation,
  from_unixtime(first_seen) AS first_seen,
  from_unixtime(last_seen) AS last_seen
FROM beacons
WHERE calls >= {{min_calls}} AND deviation_seconds <= {{max_deviation}} * interval_seconds
ORDER BY deviation, calls DESC, client, server, port, protocol
LIMIT {{limit}}
