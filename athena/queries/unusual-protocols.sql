-- title: Unusual protocols
-- question: What is neither TCP, UDP nor ICMP, between whom, and was it let through?
-- theme: security
-- fields: srcaddr, dstaddr, protocol, action
-- parameter: limit count = 50; rows to print
-- next: GRE, ESP, AH and IP-in-IP are tunnels: know both ends of each, since what is inside passes unseen. Protocols without
--   a name that were accepted come from rules that allow all protocols; narrow them.

-- The observer that saw most counts, so what both ends or two flow logs record counts once.
WITH observed AS (
  SELECT
    protocol,
    protocol_name,
    source_address AS source,
    destination_address AS destination,
    coalesce(interface_id, resource_id) AS observer,
    flow_log_id,
    count_if(action = 'ACCEPT') AS accepted,
    count_if(action = 'REJECT') AS rejected,
    sum(packets) AS observed_packets,
    sum(bytes) AS observed_bytes,
    min(start) AS first_seen,
    max(coalesce("end", start)) AS last_seen
  FROM flows
  WHERE {{time_range}} AND protocol NOT IN (1, 6, 17, 58)
  GROUP BY 1, 2, 3, 4, 5, 6
)
SELECT
  protocol,
  protocol_name,
  source,
  destination,
  max(accepted) AS accepted_records,
  max(rejected) AS rejected_records,
  max(observed_packets) AS packets,
  max(observed_bytes) AS bytes,
  from_unixtime(min(first_seen)) AS first_seen,
  from_unixtime(max(last_seen)) AS last_seen
FROM observed
GROUP BY 1, 2, 3, 4
ORDER BY accepted_records DESC, rejected_records DESC, protocol, source, destination
LIMIT {{limit}}
