-- title: Coverage
-- question: Which flow logs fell silent, for which hours, and which deliver but have nothing to tell?
-- theme: log
-- fields: object_time, flow_log_id, records, nodata
-- parameter: limit count = 100; rows to print
-- next: Missing or silent: look at the flow log's status and its permission to write to the bucket, then at the dead-letter
--   queue. A flow log that was deleted or replaced is silent, too. Idle is no fault: objects arrive, but say NODATA only.
--   What is younger than the newest object of all cannot be judged.

-- Hours are those of the objects, which arrive up to half an hour after the packets. AWS delivers NODATA records for
-- interfaces without traffic, so that an idle flow log still has objects.
WITH hours AS (
  SELECT
    aws_account_id,
    aws_region,
    flow_log_id,
    object_time / 3600 AS hour_number,
    sum(records) AS records,
    sum(nodata) AS nodata,
    max(object_time) AS newest
  FROM (SELECT *, object_time AS start, date_format(from_unixtime(object_time), '%H') AS hour FROM receipts)
  WHERE {{time_range}}
  GROUP BY 1, 2, 3, 4
),
followed AS (
  SELECT
    *,
    lead(hour_number) OVER (
      PARTITION BY aws_account_id, aws_region, flow_log_id ORDER BY hour_number
    ) AS next_hour,
    max(hour_number) OVER () AS last_hour
  FROM hours
),
logs AS (
  SELECT
    aws_account_id,
    aws_region,
    flow_log_id,
    count(*) AS hours,
    count_if(records = nodata) AS idle_hours,
    coalesce(sum(next_hour - hour_number - 1), 0) AS missing_hours,
    min(CASE WHEN next_hour > hour_number + 1 THEN hour_number + 1 END) AS first_missing,
    max(last_hour) - max(hour_number) AS silent_hours,
    max(newest) AS newest,
    sum(records) AS records
  FROM followed
  GROUP BY 1, 2, 3
)
SELECT
  aws_account_id,
  aws_region,
  flow_log_id,
  CASE
    WHEN silent_hours > 0 THEN 'silent'
    WHEN missing_hours > 0 THEN 'missing hours'
    WHEN idle_hours = hours THEN 'idle'
    ELSE 'complete'
  END AS state,
  silent_hours,
  missing_hours,
  from_unixtime(first_missing * 3600) AS first_missing_hour,
  hours AS hours_with_objects,
  idle_hours,
  records,
  from_unixtime(newest) AS newest_object
FROM logs
ORDER BY silent_hours DESC, missing_hours DESC, idle_hours DESC, aws_account_id, aws_region, flow_log_id
LIMIT {{limit}}
