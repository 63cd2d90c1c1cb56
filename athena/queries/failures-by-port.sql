-- title: Failures by path and port
-- question: Which ports fail from subnets to the internet, between subnets and from the internet to subnets, and for whom?
-- theme: troubleshooting
-- fields: interface_id, srcaddr, dstaddr, srcport, dstport, protocol, action
-- parameter: path text optional; only this one: subnet-to-internet, subnet-to-subnet, internet-to-subnet, on-premises or
--   aws-service
-- parameter: ports_of_path count = 20; ports to print for each path, those with most failures first
-- parameter: limit count = 100; rows to print
-- next: Rejected: ask "rejected-traffic" for the top pair's interface, whose security group or network ACL it was.
--   Unanswered: ask "syn-without-answer" whether requests reached the target. A port that nobody reaches is not served or
--   not allowed; one that only some reach has a rule for them alone. From the internet, most of it is background noise.

-- A failure that several interfaces or flow logs record counts once; with TCP flags a source port that is used again,
-- after a close or three minutes after its SYN, is another connection. Rejected: at one interface its request, or the reply to it, was refused and never accepted. With TCP flags only SYN and SYN-ACK count:
-- what is refused without came after the close. Unanswered: a TCP request that no packet came back for, not even a reset
-- ("reset-ratio"); silence over UDP is no failure. What a NAT gateway sends and receives under its own address is left out
-- where the format has interface-type: it logs ACCEPT for what it drops.
WITH asked AS (
  SELECT *
  FROM flows
  WHERE {{time_range}}
    AND action IS NOT NULL
    AND server_port IS NOT NULL
    AND NOT (
      coalesce(interface_type, '') = 'nat_gateway' AND source_address = srcaddr AND destination_address = dstaddr
    )
),
{{attempts}},
told AS (
  SELECT
    *,
    CASE WHEN protocol = 6 THEN tcp_flags END AS flags,
    -- How well a record tells the ends' roles and the path: best one with SYN, then one that knows the packet's route.
    CASE WHEN protocol = 6 AND bitwise_and(tcp_flags, 2) = 2 THEN 2 ELSE 0 END
      + CASE WHEN path = 'unknown' THEN -3 WHEN traffic_path IS NOT NULL THEN 1 ELSE 0 END AS weight
  FROM attempts
),
directions AS (
  SELECT
    observer,
    attempt,
    protocol_name,
    source_address,
    srcport,
    source_end,
    destination_address,
    dstport,
    destination_end,
    CASE
      WHEN bool_or(bitwise_and(flags, 18) = 2) THEN true
      WHEN bool_or(bitwise_and(flags, 18) = 18) THEN false
      ELSE coalesce(bool_or(source_address = client_address), true)
    END AS is_request,
    max_by(path, weight) AS path,
    max(weight) AS weight,
    max(service) AS service,
    bool_or(action = 'ACCEPT') AS is_accepted,
    bool_or(action = 'REJECT' AND coalesce(bitwise_and(flags, 2) = 2, true)) AS is_refused,
    bool_or(coalesce(bitwise_and(flags, 2) = 2, true)) AS may_open,
    min(start) AS first_seen,
    max(coalesce("end", start)) AS last_seen
  FROM told
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
),
connections AS (
  SELECT
    protocol_name AS protocol,
    max_by(CASE WHEN is_request THEN source_address ELSE destination_address END, weight) AS client,
    max_by(CASE WHEN is_request THEN destination_address ELSE source_address END, weight) AS server,
    max_by(CASE WHEN is_request THEN dstport ELSE srcport END, weight) AS port,
    CASE
      -- Over IPv6 each end takes the other for the internet, unless it knows the route. Both ends record it: both are inside.
      WHEN max(weight) IN (0, 2)
        AND bool_or(may_open AND path = 'subnet-to-internet')
        AND bool_or(may_open AND path = 'internet-to-subnet') THEN 'subnet-to-subnet'
      ELSE max_by(path, weight)
    END AS path,
    max(service) AS service,
    bool_or(is_request AND is_accepted) AS has_request,
    bool_or(NOT is_request AND is_accepted) AS has_reply,
    bool_or(is_request AND is_refused AND NOT is_accepted) AS has_refused_request,
    bool_or(NOT is_request AND is_refused AND NOT is_accepted) AS has_refused_reply,
    protocol_name = 'tcp'
      AND bool_or(is_request AND is_accepted AND may_open)
      AND min(source_end) = max(source_end) AS is_unanswered,
    min(first_seen) AS first_seen,
    max(last_seen) AS last_seen
  FROM directions
  GROUP BY protocol_name, least(source_end, destination_end), greatest(source_end, destination_end), attempt
),
outcomes AS (
  SELECT
    *,
    CASE
      WHEN has_refused_request AND NOT has_reply THEN 'rejected'
      WHEN has_refused_reply AND has_request THEN 'rejected'
      WHEN is_unanswered THEN 'unanswered'
      -- A refused reply without a request is an echo of somebody else's packets.
      WHEN has_request OR has_reply THEN 'accepted'
    END AS outcome
  FROM connections
  WHERE {{path}} IS NULL OR path = {{path}}
),
pairs AS (
  SELECT
    path,
    port,
    protocol,
    client,
    server,
    max(service) AS service,
    count_if(outcome = 'rejected') AS rejected,
    count_if(outcome = 'unanswered') AS unanswered,
    count_if(outcome = 'accepted') AS accepted,
    count_if(outcome IN ('rejected', 'unanswered')) AS failures,
    min(CASE WHEN outcome IN ('rejected', 'unanswered') THEN first_seen END) AS first_failed,
    max(CASE WHEN outcome IN ('rejected', 'unanswered') THEN last_seen END) AS last_failed
  FROM outcomes
  GROUP BY 1, 2, 3, 4, 5
),
ranked_pairs AS (
  SELECT
    *,
    row_number() OVER (PARTITION BY path, port, protocol ORDER BY failures DESC, client, server) AS place
  FROM pairs
),
ports AS (
  SELECT
    path,
    port,
    protocol,
    max(service) AS service,
    sum(failures) AS failures,
    sum(rejected) AS rejected,
    sum(unanswered) AS unanswered,
    sum(accepted) AS accepted,
    count(DISTINCT CASE WHEN failures > 0 THEN client END) AS clients,
    count(DISTINCT CASE WHEN failures > 0 THEN server END) AS servers,
    max(CASE WHEN place = 1 THEN client END) AS top_client,
    max(CASE WHEN place = 1 THEN server END) AS top_server,
    max(CASE WHEN place = 1 THEN failures END) AS top_pair_failures,
    min(first_failed) AS first_failed,
    max(last_failed) AS last_failed
  FROM ranked_pairs
  GROUP BY path, port, protocol
  HAVING sum(failures) > 0
),
ranked_ports AS (
  SELECT *, row_number() OVER (PARTITION BY path ORDER BY failures DESC, port, protocol) AS place
  FROM ports
)
SELECT
  path,
  port,
  protocol,
  service,
  rejected,
  unanswered,
  accepted,
  clients,
  servers,
  top_client,
  top_server,
  top_pair_failures,
  from_unixtime(first_failed) AS first_failed,
  from_unixtime(last_failed) AS last_failed
FROM ranked_ports
WHERE place <= {{ports_of_path}}
ORDER BY path, place
LIMIT {{limit}}
