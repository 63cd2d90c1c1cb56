-- title: Logged twice
-- question: Which interfaces do several flow logs record at the same time, so that every plain sum counts them double?
-- theme: log
-- fields: interface_id, start, action
-- parameter: limit count = 50; rows to print
-- next: Delete the flow log of the smaller scope (a subnet's or an interface's inside a VPC's), unless its format is why
--   it is there: AWS bills both. "top-talkers" and "total-bytes-by-pair" count such interfaces once.

-- Records of one hour and action by two flow logs whose times overlap. A flow log that only replaced another does not
-- overlap, and two that log different actions share nothing but that there was nothing (NODATA).
WITH logs AS (
  SELECT
    coalesce(interface_id, resource_id) AS interface_id,
    day,
    hour,
    action,
    flow_log_id,
    count(*) AS records,
    sum(bytes) AS bytes,
    min(start) AS first_seen,
    max(start) AS last_seen
  FROM flows
  WHERE {{time_range}}
    AND action IS NOT NULL
    AND flow_log_id IS NOT NULL
    AND coalesce(interface_id, resource_id) IS NOT NULL
  GROUP BY 1, 2, 3, 4, 5
),
doubled AS (
  SELECT
    interface_id,
    day,
    hour,
    array_agg(flow_log_id) AS flow_logs,
    sum(records) - max(records) AS records_too_many,
    sum(bytes) - max(bytes) AS bytes_too_many,
    min(first_seen) AS first_seen,
    max(last_seen) AS last_seen
  FROM logs
  GROUP BY interface_id, day, hour, action
  HAVING count(*) > 1 AND max(first_seen) <= min(last_seen)
)
SELECT
  interface_id,
  array_join(array_sort(array_distinct(flatten(array_agg(flow_logs)))), ' ') AS flow_logs,
  count(DISTINCT concat(day, hour)) AS hours,
  sum(records_too_many) AS records_too_many,
  sum(bytes_too_many) AS bytes_too_many,
  from_unixtime(min(first_seen)) AS first_seen,
  from_unixtime(max(last_seen)) AS last_seen
FROM doubled
GROUP BY interface_id
ORDER BY bytes_too_many DESC, records_too_many DESC, interface_id
LIMIT {{limit}}
