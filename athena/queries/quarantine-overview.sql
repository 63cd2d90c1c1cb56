-- title: Quarantine overview
-- question: Which lines could not become records, why, how many, and how does one look?
-- theme: log
-- fields: quarantined, quarantine_reasons
-- parameter: limit count = 50; rows to print
-- next: Look at the line. One flow log with one reason is a format that its header does not describe, or an object that
--   another program wrote. The table quarantine has the lines of an object, up to a bound; receipts have the true counts.

-- A receipt has at most as many entries as there are reasons.
WITH objects AS (
  SELECT
    day,
    source,
    aws_account_id,
    aws_region,
    flow_log_id,
    object_time,
    element_at(quarantine_reasons, place).reason AS reason,
    element_at(quarantine_reasons, place).lines AS lines
  FROM (SELECT *, object_time AS start, date_format(from_unixtime(object_time), '%H') AS hour FROM receipts)
  CROSS JOIN UNNEST(ARRAY[1, 2, 3, 4, 5, 6, 7, 8]) AS places (place)
  WHERE {{time_range}} AND quarantined > 0 AND place <= cardinality(quarantine_reasons)
),
-- The table quarantine knows days only, so all hours of a day are tried: that reads no more days than the range has.
samples AS (
  SELECT day, source, reason, min_by(line, line_number) AS line
  FROM (SELECT *, CAST(NULL AS bigint) AS start FROM quarantine)
  CROSS JOIN UNNEST(
    ARRAY[
      '00', '01', '02', '03', '04', '05', '06', '07', '08', '09', '10', '11',
      '12', '13', '14', '15', '16', '17', '18', '19', '20', '21', '22', '23'
    ]
  ) AS hours (hour)
  WHERE {{time_range}}
  GROUP BY 1, 2, 3
)
SELECT
  objects.reason,
  objects.aws_account_id,
  objects.aws_region,
  objects.flow_log_id,
  sum(objects.lines) AS lines,
  count(*) AS objects,
  from_unixtime(min(objects.object_time)) AS first_object,
  from_unixtime(max(objects.object_time)) AS last_object,
  min(objects.source) AS one_object,
  min_by(samples.line, objects.source) AS its_first_line
FROM objects
LEFT JOIN samples
  ON samples.day = objects.day AND samples.source = objects.source AND samples.reason = objects.reason
GROUP BY 1, 2, 3, 4
ORDER BY lines DESC, reason, aws_account_id, aws_region, flow_log_id
LIMIT {{limit}}
