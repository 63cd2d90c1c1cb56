-- title: Top rejected ports
-- question: On which ports are people knocking in vain, from how many sources and at how many targets?
-- theme: security
-- fields: srcaddr, dstaddr, dstport, protocol, action
-- parameter: limit count = 20; rows to print
-- next: Many sources on one port is background scanning of the internet. Few, inside sources on a port that you serve is
--   a missing rule: ask "rejected-traffic" who they are.

-- TCP, UDP and SCTP, the protocols with ports. Refused replies are left out (see rejected-traffic): their target port is
-- some client's and says nothing. Of two flow logs over one interface the one that saw more counts, hour by hour.
WITH logs AS (
  SELECT
    dstport,
    protocol,
    source_address,
    destination_address,
    coalesce(interface_id, resource_id) AS observer,
    day,
    hour,
    flow_log_id,
    count(*) AS log_flows,
    sum(packets) AS log_packets,
    min(start) AS first_seen,
    max(coalesce("end", start)) AS last_seen
  FROM flows
  WHERE {{time_range}}
    AND action = 'REJECT'
    AND dstport IS NOT NULL
    AND coalesce(protocol, 6) IN (6, 17, 132)
    AND NOT coalesce(source_address = server_address, false)
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
),
hours AS (
  SELECT
    dstport,
    protocol,
    source_address,
    destination_address,
    max(log_flows) AS hour_flows,
    max(log_packets) AS hour_packets,
    min(first_seen) AS first_seen,
    max(last_seen) AS last_seen
  FROM logs
  GROUP BY dstport, protocol, source_address, destination_address, observer, day, hour
)
SELECT
  dstport AS port,
  protocol,
  sum(hour_flows) AS flows,
  sum(hour_packets) AS packets,
  count(DISTINCT source_address) AS sources,
  count(DISTINCT destination_address) AS targets,
  from_unixtime(min(first_seen)) AS first_seen,
  from_unixtime(max(last_seen)) AS last_seen
FROM hours
GROUP BY 1, 2
ORDER BY flows DESC, packets DESC, port, protocol
LIMIT {{limit}}
