-- title: Alerts that were sent
-- question: What were people told, why, and how often?
-- theme: log
-- fields: reason, kind, meaning, severity
-- parameter: limit count = 100; rows to print
-- next: A meaning with many messages and nothing to do about it belongs into the policy: see docs/alerts.md, and try it with
--   "flowlogs alerts --policy". What was found and not told is in "findings-not-told".

-- Alerts lie in the day in which they were sent.
WITH dated AS (
  SELECT *, sent_at AS start, date_format(from_unixtime(sent_at), '%H') AS hour
  FROM alerts
)
SELECT
  day,
  severity,
  kind,
  meaning,
  path,
  count(DISTINCT message_id) AS messages,
  count(DISTINCT concat(aws_account_id, ' ', scope_id)) AS scopes,
  count_if(reason IN ('opens', 'first')) AS opened,
  count_if(reason = 'worsens') AS worsened,
  count_if(reason = 'grows') AS grew,
  count_if(reason = 'still-open') AS still_open,
  count_if(reason = 'goes-on') AS went_on,
  sum(new_findings) AS findings,
  sum(new_flows) AS flows,
  from_unixtime(min(sent_at)) AS first_sent,
  from_unixtime(max(sent_at)) AS last_sent
FROM dated
WHERE {{time_range}}
GROUP BY day, severity, kind, meaning, path
ORDER BY day DESC, strpos('critical warning info', severity), messages DESC, kind, meaning, path
LIMIT {{limit}}
