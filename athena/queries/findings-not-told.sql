-- title: Findings that no message told of
-- question: What was found and not told, because the policy leaves it out, because it was too small or too old, or because it
--   still waits for a digest?
-- theme: log
-- fields: kind, meanings, severity, path, flows, first_time
-- parameter: limit count = 100; rows to print
-- next: not_told beside told: the same meaning is told elsewhere, so that a rule of the policy or a minimum keeps it back. not_told
--   alone, with severity info and in the last hours: it waits for a digest. "flowlogs alerts --policy" shows what another
--   policy would have sent. Services are not compared: what was told of one port of an interface counts for its others.
--   Messages are looked for in the same time range: begin a day earlier than what you ask about, or what was told before
--   seems not told.

WITH {{dated_findings}},
found AS (
  SELECT
    aws_account_id,
    kind,
    meaning,
    severity,
    path,
    resource_id,
    vpc_id,
    source,
    sum(flows) AS flows,
    min(first_time) AS first_time,
    max(coalesce(last_time, first_time)) AS last_time
  FROM dated
  CROSS JOIN UNNEST(coalesce(meanings, ARRAY['not judged'])) AS judged (meaning)
  WHERE {{time_range}}
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
),
-- Alerts lie in the day in which they were sent. A situation is of a resource, a VPC or an account.
told AS (
  SELECT aws_account_id, kind, meaning, path, scope_id, first_time, last_time
  FROM (
    SELECT *, sent_at AS start, date_format(from_unixtime(sent_at), '%H') AS hour
    FROM alerts
  )
  WHERE {{time_range}}
),
judged AS (
  SELECT
    found.aws_account_id,
    found.kind,
    found.meaning,
    found.severity,
    found.path,
    found.resource_id,
    found.source,
    max(found.flows) AS flows,
    max(found.first_time) AS first_time,
    max(found.last_time) AS last_time,
    coalesce(bool_or(told.scope_id IS NOT NULL), false) AS is_told
  FROM found
  -- What goes on is told again after a day; until then its last message tells of it.
  LEFT JOIN told
    ON told.aws_account_id = found.aws_account_id
    AND told.kind = found.kind
    AND told.meaning = found.meaning
    AND coalesce(told.path, '') = coalesce(found.path, '')
    AND (told.scope_id = found.resource_id OR told.scope_id = found.vpc_id OR told.scope_id = found.aws_account_id)
    AND found.first_time <= told.last_time + 86400
    AND found.last_time >= told.first_time
  GROUP BY 1, 2, 3, 4, 5, 6, 7
)
SELECT
  kind,
  meaning,
  severity,
  path,
  count_if(NOT is_told) AS not_told,
  count_if(is_told) AS told,
  count(DISTINCT CASE WHEN NOT is_told THEN aws_account_id END) AS accounts,
  count(DISTINCT CASE WHEN NOT is_told THEN resource_id END) AS resources,
  sum(CASE WHEN NOT is_told THEN flows END) AS flows,
  from_unixtime(min(CASE WHEN NOT is_told THEN first_time END)) AS first_seen,
  from_unixtime(max(CASE WHEN NOT is_told THEN last_time END)) AS last_seen
FROM judged
GROUP BY kind, meaning, severity, path
HAVING count_if(NOT is_told) > 0
ORDER BY strpos('critical warning info', severity), not_told DESC, kind, meaning, path
LIMIT {{limit}}
