-- title: Findings by meaning
-- question: What may the findings mean, day by day, how bad is it, and how widely does it happen?
-- theme: log
-- fields: kind, meanings, severity, path, flows, first_time
-- parameter: limit count = 100; rows to print
-- next: critical: someone inside tries what they should not; ask "port-scan" or "host-sweep". warning: ask
--   "internal-services-rejected", "replies-dropped", "rejected-traffic" or "transit-gateway-loss", then "flowlogs explain" for one
--   pair. A finding can have several meanings; its severity is that of the first, so compare most_severe with findings. What
--   older versions wrote has none: "not judged".

WITH {{dated_findings}}
SELECT
  day,
  severity,
  meaning,
  kind,
  path,
  count(*) AS findings,
  count_if(element_at(meanings, 1) = meaning) AS most_severe,
  count(DISTINCT aws_account_id) AS accounts,
  count(DISTINCT resource_id) AS resources,
  sum(flows) AS flows,
  sum(packets) AS packets,
  from_unixtime(min(first_time)) AS first_seen,
  from_unixtime(max(last_time)) AS last_seen
FROM dated
CROSS JOIN UNNEST(coalesce(meanings, ARRAY['not judged'])) AS judged (meaning)
WHERE {{time_range}}
GROUP BY day, severity, meaning, kind, path
ORDER BY day DESC, strpos('critical warning info', severity), most_severe DESC, flows DESC, meaning, kind, path
LIMIT {{limit}}
