-- title: Findings overview
-- question: What was found, of which kind, on which path or for which cause, and how widely?
-- theme: log
-- fields: kind, path, cause, flows, first_time
-- parameter: limit count = 50; rows to print
-- next: REJECT: ask "rejected-traffic" or "internal-services-rejected". SKIPDATA: ask "skipdata-by-interface". PACKET_LOSS:
--   ask "transit-gateway-loss". Findings are facts about one object each: a condition that lasts has many.

-- Findings lie in the day of their object. If that is the next one, they belong to its first hour.
WITH dated AS (
  SELECT
    *,
    first_time AS start,
    CASE
      WHEN date_format(from_unixtime(first_time), '%Y-%m-%d') = day
        THEN date_format(from_unixtime(first_time), '%H')
      ELSE '00'
    END AS hour
  FROM findings
)
SELECT
  kind,
  coalesce(path, cause) AS path_or_cause,
  count(*) AS findings,
  count(DISTINCT resource_id) AS resources,
  count(DISTINCT aws_account_id) AS accounts,
  sum(flows) AS flows,
  sum(packets) AS packets,
  sum(refused_requests) AS refused_requests,
  sum(refused_replies) AS refused_replies,
  sum(late_packets) AS late_packets,
  sum(skipped_seconds) AS skipped_seconds,
  from_unixtime(min(first_time)) AS first_seen,
  from_unixtime(max(last_time)) AS last_seen
FROM dated
WHERE {{time_range}}
GROUP BY 1, 2
ORDER BY flows DESC, kind, path_or_cause
LIMIT {{limit}}
