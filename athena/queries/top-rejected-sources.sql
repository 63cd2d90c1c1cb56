-- title: Top rejected sources
-- question: Who is refused most, from inside or from the internet, at how many targets and ports?
-- theme: security
-- fields: srcaddr, dstaddr, srcport, dstport, protocol, action
-- parameter: network cidr optional; only sources in this network
-- parameter: limit count = 20; rows to print
-- next: An inside source with few ports lacks a rule, or has an old address in its configuration: ask "rejected-traffic".
--   An inside source with many targets or ports looks for something: ask "port-scan" and "host-sweep". For a source on the
--   internet ask "bytes-from-address" what was let through; refusals alone are background noise.

-- A refusal is recorded where it happens, by each flow log over that interface. So each target and port counts in each
-- hour at the observer and flow log that saw most. Refused replies are left out (see rejected-traffic): they are late
-- answers, and their sender knocks nowhere.
WITH observed AS (
  SELECT
    source_address AS source,
    destination_address AS target,
    server_port AS port,
    protocol,
    start / 3600 AS hour_number,
    coalesce(interface_id, resource_id) AS observer,
    flow_log_id,
    max(
      CASE
        WHEN path = 'internet-to-subnet' THEN 'internet'
        WHEN path IN ('subnet-to-internet', 'subnet-to-subnet', 'on-premises') THEN 'inside'
        WHEN path = 'aws-service' THEN CASE WHEN pkt_src_aws_service IS NULL THEN 'inside' ELSE 'aws-service' END
      END
    ) AS source_place,
    count(*) AS flows,
    sum(packets) AS packets,
    min(start) AS first_seen,
    max(coalesce("end", start)) AS last_seen
  FROM flows
  WHERE {{time_range}}
    AND action = 'REJECT'
    AND source_address = client_address
    AND ({{network}} IS NULL OR contains({{network}}, TRY_CAST(source_address AS ipaddress)))
  GROUP BY 1, 2, 3, 4, 5, 6, 7
),
refused AS (
  SELECT
    source,
    target,
    port,
    max(source_place) AS source_place,
    max(flows) AS flows,
    max(packets) AS packets,
    min(first_seen) AS first_seen,
    max(last_seen) AS last_seen
  FROM observed
  GROUP BY source, target, port, protocol, hour_number
)
SELECT
  source,
  coalesce(max(source_place), 'unknown') AS source_place,
  sum(flows) AS flows,
  sum(packets) AS packets,
  count(DISTINCT target) AS targets,
  count(DISTINCT port) AS ports,
  array_join(slice(array_sort(array_agg(DISTINCT port) FILTER (WHERE port IS NOT NULL)), 1, 10), ' ')
    AS lowest_ports,
  from_unixtime(min(first_seen)) AS first_seen,
  from_unixtime(max(last_seen)) AS last_seen
FROM refused
GROUP BY source
ORDER BY flows DESC, packets DESC, source
LIMIT {{limit}}
