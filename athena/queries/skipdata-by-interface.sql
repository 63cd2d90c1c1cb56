-- title: Lost log data by interface
-- question: Where did AWS lose flow log records (SKIPDATA), for how long, which share of the day, and when?
-- theme: log
-- fields: interface_id, log_status
-- parameter: limit count = 50; rows to print
-- next: One SKIPDATA record can hide many flows, so "no record" proves nothing for these interfaces and times. AWS lost
--   the data to a limit or an error of its own; if it is always the same busy interface, log it with fewer fields or
--   a longer aggregation interval.

-- Of two flow logs over one interface the one that lost more counts.
WITH logs AS (
  SELECT
    aws_account_id,
    aws_region,
    coalesce(interface_id, resource_id) AS interface_id,
    coalesce(interface_id, resource_id, flow_log_id) AS observer,
    day,
    flow_log_id,
    count_if(log_status = 'SKIPDATA') AS skipped,
    sum(CASE WHEN log_status = 'SKIPDATA' THEN "end" - start END) AS skipped_seconds,
    min(CASE WHEN log_status = 'SKIPDATA' THEN start END) AS first_skipped,
    max(CASE WHEN log_status = 'SKIPDATA' THEN coalesce("end", start) END) AS last_skipped,
    count_if(log_status = 'OK') AS ok
  FROM flows
  WHERE {{time_range}}
  GROUP BY 1, 2, 3, 4, 5, 6
)
SELECT
  aws_account_id,
  aws_region,
  interface_id,
  day,
  max(skipped) AS skipdata_records,
  max(skipped_seconds) AS affected_seconds,
  CAST(max(skipped_seconds) AS double) / 86400 AS share_of_day,
  from_unixtime(min(first_skipped)) AS first_lost,
  from_unixtime(max(last_skipped)) AS last_lost,
  max(ok) AS ok_records
FROM logs
GROUP BY 1, 2, 3, 4, observer
HAVING max(skipped) > 0
ORDER BY affected_seconds DESC, skipdata_records DESC, day, interface_id
LIMIT {{limit}}
