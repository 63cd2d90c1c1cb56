-- title: Interfaces without traffic
-- question: Which interfaces had no traffic at all (NODATA), and for how long?
-- theme: log
-- fields: interface_id, log_status, start, end
-- parameter: limit count = 100; rows to print
-- next: An idle interface that costs money (a NAT gateway, an endpoint, a load balancer) can go. One that should be busy is
--   cut off: ask "rejected-traffic" about its neighbours. Interfaces that lost records (SKIPDATA) are not listed.
SELECT
  aws_account_id,
  aws_region,
  coalesce(interface_id, resource_id) AS interface_id,
  count(*) AS nodata_records,
  count(DISTINCT concat(day, hour)) AS idle_hours,
  from_unixtime(min(start)) AS idle_since,
  from_unixtime(max("end")) AS idle_until
FROM flow_logs
WHERE {{time_range}} AND coalesce(interface_id, resource_id) IS NOT NULL
GROUP BY 1, 2, 3
HAVING count_if(log_status IS DISTINCT FROM 'NODATA') = 0
ORDER BY idle_hours DESC, nodata_records DESC, aws_account_id, aws_region, interface_id
LIMIT {{limit}}
