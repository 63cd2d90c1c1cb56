-- title: Interfaces without traffic
-- question: Which interfaces had no traffic at all (NODATA), and for how long?
-- theme: log
-- fields: interface_id, log_status, start, end
-- parameter: limit count = 100; rows to print
-- next: An idle interface that costs money (a NAT gateway, an endpoint, a load balancer) can go. One that should be busy is
--   cut off: ask "rejected-traffic" about its neighbours. Interfaces that lost records (SKIPDATA) are not listed.

-- Of two flow logs over one interface the one with more records counts.
WITH logs AS (
  SELECT
    aws_account_id,
    aws_region,
    coalesce(interface_id, resource_id) AS interface_id,
    flow_log_id,
    count(*) AS records,
    count_if(log_status IS DISTINCT FROM 'NODATA') AS others,
    count(DISTINCT concat(day, hour)) AS hours,
    min(start) AS first_idle,
    max("end") AS last_idle
  FROM flows
  WHERE {{time_range}} AND coalesce(interface_id, resource_id) IS NOT NULL
  GROUP BY 1, 2, 3, 4
)
SELECT
  aws_account_id,
  aws_region,
  interface_id,
  max(records) AS nodata_records,
  max(hours) AS idle_hours,
  from_unixtime(min(first_idle)) AS idle_since,
  from_unixtime(max(last_idle)) AS idle_until
FROM logs
GROUP BY 1, 2, 3
HAVING sum(others) = 0
ORDER BY idle_hours DESC, nodata_records DESC, aws_account_id, aws_region, interface_id
LIMIT {{limit}}
