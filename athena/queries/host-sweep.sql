-- title: Host sweep
-- question: Which source tried one port at many targets within an hour, and how many of them answered?
-- theme: security
-- fields: srcaddr, dstaddr, srcport, dstport, protocol, start
-- parameter: min_targets count = 20; different targets of one port in one hour that make a sweep
-- parameter: limit count = 50; rows to print
-- next: Many targets without answer: an inside source is a scanner or a monitor that you know, or a machine that looks for
--   others to infect; look at it now. For an outside source, close the port at the targets that answered. Where nearly all
--   answered, it is a client of large services (443), or an update server at work.

-- A target is probed by an opened connection, accepted or not: with TCP flags a SYN, without them a few packets to the
-- server. It answers with a SYN-ACK; without flags and over UDP with payload, more than the 80 bytes a packet that a
-- refusal has at most. Targets count once, however many interfaces and flow logs record them. What a NAT gateway sends
-- under its own address is left out where the format has interface-type.
WITH targets AS (
  SELECT
    client_address AS source,
    server_address AS target,
    server_port AS port,
    protocol_name AS protocol,
    start / 3600 AS hour_number,
    bool_or(
      source_address = client_address
      AND coalesce(protocol <> 6 OR bitwise_and(tcp_flags, 18) = 2, true)
      AND ((protocol = 6 AND tcp_flags IS NOT NULL) OR coalesce(packets, 1) <= 5)
    ) AS is_probed,
    coalesce(
      bool_or(
        source_address = server_address
        AND coalesce(bitwise_and(CASE WHEN protocol = 6 THEN tcp_flags END, 18) = 18, bytes > 80 * packets)
      ),
      false
    ) AS is_answered,
    coalesce(bool_or(action = 'REJECT'), false) AS is_rejected,
    min(start) AS first_seen,
    max(coalesce("end", start)) AS last_seen
  FROM flows
  WHERE {{time_range}}
    AND server_port IS NOT NULL
    AND protocol IN (6, 17, 132)
    AND NOT (
      coalesce(interface_type, '') = 'nat_gateway' AND source_address = srcaddr AND destination_address = dstaddr
    )
  GROUP BY 1, 2, 3, 4, 5
),
hours AS (
  SELECT
    source,
    port,
    protocol,
    hour_number,
    count(*) AS targets,
    count_if(is_answered) AS answered,
    count_if(is_rejected AND NOT is_answered) AS rejected,
    min(target) AS one_target,
    min(first_seen) AS first_seen,
    max(last_seen) AS last_seen
  FROM targets
  WHERE is_probed
  GROUP BY source, port, protocol, hour_number
  HAVING count(*) >= {{min_targets}}
)
SELECT
  source,
  port,
  protocol,
  max(targets - answered) AS unanswered_in_an_hour,
  max(targets) AS targets_in_an_hour,
  max_by(answered, targets) AS answered_targets,
  max_by(rejected, targets) AS rejected_targets,
  max_by(one_target, targets) AS one_target,
  count(*) AS hours,
  from_unixtime(min(first_seen)) AS first_seen,
  from_unixtime(max(last_seen)) AS last_seen
FROM hours
GROUP BY 1, 2, 3
ORDER BY unanswered_in_an_hour DESC, targets_in_an_hour DESC, source, port, protocol
LIMIT {{limit}}
