-- title: Noisiest interfaces
-- question: Which interfaces, NAT gateways and attachments have the most findings, of what meaning, and how many messages did they
--   cause?
-- theme: log
-- fields: kind, meanings, severity, resource_id, flows, first_time
-- parameter: severity text optional; only findings of this severity: info, warning or critical
-- parameter: limit count = 50; rows to print
-- next: Many findings of one meaning at one interface are one cause: mend it, or let the policy ignore it (docs/alerts.md).
--   "rejected-traffic" shows who asks for what there.

WITH {{dated_findings}},
found AS (
  SELECT
    aws_account_id,
    aws_region,
    resource_id,
    max(resource_type) AS resource_type,
    max(vpc_id) AS vpc_id,
    max(instance_id) AS instance_id,
    count(*) AS findings,
    count_if(severity = 'critical') AS critical,
    count_if(severity = 'warning') AS warnings,
    sum(flows) AS flows,
    array_join(array_sort(array_distinct(flatten(array_agg(meanings)))), ' ') AS meanings,
    min(first_time) AS first_time,
    max(last_time) AS last_time
  FROM dated
  WHERE {{time_range}}
    AND resource_id IS NOT NULL
    AND ({{severity}} IS NULL OR severity = {{severity}})
  GROUP BY 1, 2, 3
),
told AS (
  SELECT aws_account_id, scope_id, count(DISTINCT message_id) AS messages
  FROM (
    SELECT *, sent_at AS start, date_format(from_unixtime(sent_at), '%H') AS hour
    FROM alerts
  )
  WHERE {{time_range}} AND scope = 'resource'
  GROUP BY 1, 2
)
SELECT
  found.aws_account_id,
  found.aws_region,
  resource_id,
  resource_type,
  vpc_id,
  instance_id,
  findings,
  critical,
  warnings,
  coalesce(messages, 0) AS messages,
  flows,
  meanings,
  from_unixtime(first_time) AS first_seen,
  from_unixtime(last_time) AS last_seen
FROM found
LEFT JOIN told ON told.aws_account_id = found.aws_account_id AND told.scope_id = found.resource_id
ORDER BY critical DESC, findings DESC, flows DESC, found.aws_account_id, found.aws_region, resource_id
LIMIT {{limit}}
