-- title: Reset ratio
-- question: Which servers and ports end connections by a reset, and are they refused at once or aborted later?
-- theme: troubleshooting
-- fields: srcaddr, dstaddr, srcport, dstport, protocol, action, tcp_flags
-- parameter: min_connections count = 5; servers and ports with fewer connections are left out
-- parameter: limit count = 50; rows to print
-- next: Refused: nothing listens on that port, or a firewall resets; look whether the service runs there. Aborted by the
--   server: a crash, a full queue or an idle timeout; look at its log. Aborted by the client: an impatient client, a
--   health check or a scanner; mostly harmless. Ask "conversation" when it began.

-- What several interfaces or flow logs record of a connection counts once; a source port that is used again, after a close
-- or three minutes after its SYN, is another connection. Refused: the server reset
-- what began with a SYN and never had a SYN-ACK. Aborted is any other reset, by the server if both sent one. Rejected
-- packets are left out: they did not arrive. So is what a NAT gateway sends and receives under its own address, where
-- the format has interface-type.
WITH asked AS (
  SELECT *
  FROM flows
  WHERE {{time_range}}
    AND protocol = 6
    AND tcp_flags IS NOT NULL
    AND server_port IS NOT NULL
    AND action IS DISTINCT FROM 'REJECT'
    AND NOT (
      coalesce(interface_type, '') = 'nat_gateway' AND source_address = srcaddr AND destination_address = dstaddr
    )
),
{{attempts}},
directions AS (
  SELECT
    attempt,
    source_address,
    srcport,
    source_end,
    destination_address,
    dstport,
    destination_end,
    bool_or(bitwise_and(tcp_flags, 18) = 2) AS has_syn,
    bool_or(bitwise_and(tcp_flags, 18) = 18) AS has_syn_ack,
    bool_or(bitwise_and(tcp_flags, 4) = 4) AS has_reset,
    CASE
      WHEN bool_or(bitwise_and(tcp_flags, 18) = 2) THEN true
      WHEN bool_or(bitwise_and(tcp_flags, 18) = 18) THEN false
      ELSE coalesce(bool_or(source_address = client_address), true)
    END AS is_request,
    max(service) AS service,
    min(CASE WHEN bitwise_and(tcp_flags, 4) = 4 THEN start END) AS first_reset,
    max(CASE WHEN bitwise_and(tcp_flags, 4) = 4 THEN coalesce("end", start) END) AS last_reset
  FROM attempts
  GROUP BY 1, 2, 3, 4, 5, 6, 7
),
told AS (
  SELECT
    *,
    -- A direction with SYN tells for both who serves; without it only the ports do, and high ones may deceive.
    CASE WHEN has_syn OR has_syn_ack THEN 1 ELSE 0 END AS weight
  FROM directions
),
connections AS (
  SELECT
    max_by(CASE WHEN is_request THEN source_address ELSE destination_address END, weight) AS client,
    max_by(CASE WHEN is_request THEN destination_address ELSE source_address END, weight) AS server,
    max_by(CASE WHEN is_request THEN dstport ELSE srcport END, weight) AS port,
    max(service) AS service,
    bool_or(has_syn) AS has_syn,
    bool_or(has_syn_ack) AS has_syn_ack,
    max(CASE WHEN has_reset THEN source_end END) AS one_resetter,
    min(CASE WHEN has_reset THEN source_end END) AS other_resetter,
    max_by(CASE WHEN is_request THEN destination_end ELSE source_end END, weight) AS server_end,
    min(first_reset) AS first_reset,
    max(last_reset) AS last_reset
  FROM told
  GROUP BY least(source_end, destination_end), greatest(source_end, destination_end), attempt
),
outcomes AS (
  SELECT
    *,
    CASE
      WHEN server_end IN (one_resetter, other_resetter) AND has_syn AND NOT has_syn_ack THEN 'refused'
      WHEN server_end IN (one_resetter, other_resetter) THEN 'aborted by server'
      WHEN one_resetter IS NOT NULL THEN 'aborted by client'
    END AS outcome
  FROM connections
)
SELECT
  server,
  port,
  max(service) AS service,
  count(DISTINCT CASE WHEN outcome IS NOT NULL THEN client END) AS clients,
  count(*) AS connections,
  count_if(outcome = 'refused') AS refused,
  count_if(outcome = 'aborted by server') AS aborted_by_server,
  count_if(outcome = 'aborted by client') AS aborted_by_client,
  CAST(count(outcome) AS double) * 100 / nullif(count(*), 0) AS reset_percent,
  from_unixtime(min(first_reset)) AS first_reset,
  from_unixtime(max(last_reset)) AS last_reset
FROM outcomes
GROUP BY server, port
HAVING count(outcome) > 0 AND count(*) >= {{min_connections}}
ORDER BY reset_percent DESC, connections DESC, server, port
LIMIT {{limit}}
