-- title: Conservation
-- question: Did every line of the log become a record or a quarantined line, day by day?
-- theme: log
-- fields: lines, records, quarantined
-- parameter: limit count = 100; rows to print
-- next: Lost must be 0 everywhere. If it is not, keep the objects that differ and report a bug: each has its counts in
--   receipts. For quarantined lines ask "quarantine-overview". Mixed builds: two versions ingested one object at the same
--   time, and one of the outputs was kept.
SELECT
  day,
  aws_account_id,
  aws_region,
  count(*) AS objects,
  sum(lines) AS lines,
  sum(records) AS records,
  sum(quarantined) AS quarantined,
  sum(abs(lines - records - quarantined)) AS lost,
  count_if(lines <> records + quarantined) AS objects_that_differ,
  min(CASE WHEN lines <> records + quarantined THEN source END) AS one_of_them,
  sum(mixed_builds) AS mixed_builds
FROM (SELECT *, object_time AS start, date_format(from_unixtime(object_time), '%H') AS hour FROM receipts)
WHERE {{time_range}}
GROUP BY 1, 2, 3
ORDER BY lost DESC, day, aws_account_id, aws_region
LIMIT {{limit}}
