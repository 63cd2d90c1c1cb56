-- title: Lost log data by interface
-- question: Where did AWS lose flow log records (SKIPDATA), for how long, and when?
-- theme: log
-- fields: interface_id, log_status
-- parameter: limit count = 50; rows to print
-- next: One SKIPDATA record can hide many flows, so "no record" proves nothing for these interfaces and times. AWS lost
--   the data to a limit or an error of its own; if it is always the same busy interface, log it with fewer fields or
--   a longer aggregation interval.
SELECT
  aws_account_id,
  aws_region,
  coalesce(interface_id, resource_id) AS interface_id,
  count_if(log_status = 'SKIPDATA') AS skipdata_records,
  sum(CASE WHEN log_status = 'SKIPDATA' THEN "end" - start END) AS affected_seconds,
  from_unixtime(min(CASE WHEN log_status = 'SKIPDATA' THEN start END)) AS first_lost,
  from_unixtime(max(CASE WHEN log_status = 'SKIPDATA' THEN coalesce("end", start) END)) AS last_lost,
  count_if(log_status = 'OK') AS ok_records
FROM flow_logs
WHERE {{time_range}}
GROUP BY 1, 2, 3
HAVING count_if(log_status = 'SKIPDATA') > 0
ORDER BY affected_seconds DESC, skipdata_records DESC, interface_id
LIMIT {{limit}}
