-- title: SSH brute force
-- question: Which source opens one SSH connection after the other to the same target?
-- theme: security
-- fields: srcaddr, dstaddr, srcport, dstport, protocol, action, start
-- parameter: min_connections count = 30; connections to one target in one hour that make a brute force
-- parameter: limit count = 50; rows to print
-- next: Accepted connections of few bytes each are failed log-ins. Look for one that is longer or larger than the others,
--   then close port 22 to the source, or to the internet. Automation inside the network may look the same.

-- A connection is a source port: the same one that two interfaces record counts once, and so does one that is cut into
-- intervals.
WITH connections AS (
  SELECT
    source_address AS source,
    destination_address AS target,
    srcport,
    start / 3600 AS hour_number,
    max(CASE WHEN action = 'REJECT' THEN 0 ELSE 1 END) AS is_accepted,
    max(bytes) AS bytes,
    min(start) AS first_seen,
    max(coalesce("end", start)) AS last_seen
  FROM flows
  WHERE {{time_range}} AND dstport = 22 AND protocol = 6
  GROUP BY 1, 2, 3, 4
)
SELECT
  source,
  target,
  count(*) AS connections,
  sum(is_accepted) AS accepted,
  approx_percentile(bytes, 0.5) AS median_bytes,
  max(bytes) AS largest_bytes,
  from_unixtime(min(first_seen)) AS first_seen,
  from_unixtime(max(last_seen)) AS last_seen
FROM connections
WHERE source IS NOT NULL AND target IS NOT NULL
GROUP BY source, target, hour_number
HAVING count(*) >= {{min_connections}}
ORDER BY connections DESC, source, target, first_seen
LIMIT {{limit}}
