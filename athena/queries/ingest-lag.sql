-- title: Ingest lag
-- question: How long after its own time is an object of the log ready for queries, and how long after its last packet?
-- theme: log
-- fields: object_time, last_time, started, finished
-- parameter: limit count = 50; rows to print
-- next: A long lag with little work means waiting: look at the ingest queue and at the concurrency of the function. Much
--   work means large objects. Objects that were replayed or reconciled count from their first time, so they look slow.

-- The object's own time is the stamp in its name. Before it lie AWS's aggregation and delivery, 10 to 25 minutes.
WITH moments AS (
  SELECT
    *,
    object_time AS start,
    date_format(from_unixtime(object_time), '%H') AS hour,
    to_unixtime(CAST(replace(substr(started, 1, 19), 'T', ' ') AS timestamp)) AS began,
    to_unixtime(CAST(replace(substr(finished, 1, 19), 'T', ' ') AS timestamp)) AS ended
  FROM receipts
)
SELECT
  day,
  aws_account_id,
  aws_region,
  count(*) AS objects,
  approx_percentile(ended - object_time, 0.5) AS median_lag_seconds,
  approx_percentile(ended - object_time, 0.95) AS p95_lag_seconds,
  max(ended - object_time) AS longest_lag_seconds,
  max_by(source, ended - object_time) AS slowest_object,
  max(ended - began) AS longest_work_seconds,
  approx_percentile(ended - last_time, 0.5) AS median_seconds_after_last_packet
FROM moments
WHERE {{time_range}}
GROUP BY 1, 2, 3
ORDER BY p95_lag_seconds DESC, day, aws_account_id, aws_region
LIMIT {{limit}}
