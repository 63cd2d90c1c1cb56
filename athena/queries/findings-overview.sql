-- title: Findings overview
-- question: What was found, of which kind, on which path or for which cause, and how widely?
-- theme: log
-- fields: kind, path, cause, flows, first_time
-- parameter: limit count = 50; rows to print
-- next: What may it mean? Ask "findings-by-meaning". REJECT: ask "rejected-traffic" or "internal-services-rejected". SKIPDATA: ask
--   "skipdata-by-interface". PACKET_LOSS: ask "transit-gateway-loss". Findings are facts about one object each: a condition
--   that lasts has many.

WITH {{dated_findings}},
-- Of two flow logs over one resource the one that found more counts, hour by hour. A finding without a resource is about
-- something of its own.
logs AS (
  SELECT
    kind,
    coalesce(path, cause) AS path_or_cause,
    aws_account_id,
    resource_id,
    coalesce(resource_id, source) AS observer,
    day,
    hour,
    regexp_extract(source, '_(fl-[0-9a-f]+)_', 1) AS flow_log_id,
    count(*) AS log_findings,
    sum(flows) AS log_flows,
    sum(packets) AS log_packets,
    sum(refused_requests) AS log_requests,
    sum(refused_replies) AS log_replies,
    sum(late_packets) AS log_late,
    sum(skipped_seconds) AS log_skipped,
    min(first_time) AS log_first,
    max(last_time) AS log_last
  FROM dated
  WHERE {{time_range}}
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
),
hours AS (
  SELECT
    kind,
    path_or_cause,
    aws_account_id,
    resource_id,
    sum(log_findings) AS hour_findings,
    max(log_flows) AS hour_flows,
    max(log_packets) AS hour_packets,
    max(log_requests) AS hour_requests,
    max(log_replies) AS hour_replies,
    max(log_late) AS hour_late,
    max(log_skipped) AS hour_skipped,
    min(log_first) AS hour_first,
    max(log_last) AS hour_last
  FROM logs
  GROUP BY kind, path_or_cause, aws_account_id, resource_id, observer, day, hour
)
SELECT
  kind,
  path_or_cause,
  sum(hour_findings) AS findings,
  count(DISTINCT resource_id) AS resources,
  count(DISTINCT aws_account_id) AS accounts,
  sum(hour_flows) AS flows,
  sum(hour_packets) AS packets,
  sum(hour_requests) AS refused_requests,
  sum(hour_replies) AS refused_replies,
  sum(hour_late) AS late_packets,
  sum(hour_skipped) AS skipped_seconds,
  from_unixtime(min(hour_first)) AS first_seen,
  from_unixtime(max(hour_last)) AS last_seen
FROM hours
GROUP BY kind, path_or_cause
ORDER BY flows DESC, kind, path_or_cause
LIMIT {{limit}}
