-- title: Port scan
-- question: Which source tried many different ports of one target within an hour?
-- theme: security
-- fields: srcaddr, dstaddr, dstport, protocol, start
-- parameter: min_ports count = 10; different ports of one target in one hour that make a scan
-- parameter: limit count = 50; rows to print
-- next: An inside source is a vulnerability scanner that you know, or a machine to look at now. For an outside source see
--   the ports that were not rejected: they are reachable. Slow scans need a lower min_ports.

-- Probes are opened connections, accepted or not: with TCP flags a SYN without ACK; without flags few packets that do not
-- come from the port that looks more like a service's, because the replies of a busy server look like a scan of its client.
WITH probes AS (
  SELECT
    source_address AS source,
    destination_address AS target,
    dstport,
    action,
    start,
    coalesce("end", start) AS last
  FROM flows
  WHERE {{time_range}}
    AND dstport IS NOT NULL
    AND coalesce(protocol, 6) IN (6, 17, 132)
    AND CASE
      WHEN protocol = 6 AND tcp_flags IS NOT NULL THEN bitwise_and(tcp_flags, 18) = 2
      ELSE coalesce(packets, 1) <= 5 AND NOT coalesce(source_address = server_address, false)
    END
),
hours AS (
  SELECT
    source,
    target,
    start / 3600 AS hour_number,
    count(DISTINCT dstport) AS ports,
    count(DISTINCT CASE WHEN action = 'REJECT' THEN dstport END) AS rejected_ports,
    array_join(slice(array_sort(array_agg(DISTINCT dstport)), 1, 10), ' ') AS lowest_ports,
    min(start) AS first_seen,
    max(last) AS last_seen
  FROM probes
  WHERE source IS NOT NULL AND target IS NOT NULL
  GROUP BY 1, 2, 3
  HAVING count(DISTINCT dstport) >= {{min_ports}}
)
SELECT
  source,
  target,
  max(ports) AS ports_in_an_hour,
  max_by(rejected_ports, ports) AS rejected_ports,
  max_by(lowest_ports, ports) AS lowest_ports,
  count(*) AS hours,
  from_unixtime(min(first_seen)) AS first_seen,
  from_unixtime(max(last_seen)) AS last_seen
FROM hours
GROUP BY 1, 2
ORDER BY ports_in_an_hour DESC, source, target
LIMIT {{limit}}
