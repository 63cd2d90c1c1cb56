-- title: Reject ratio against its own history
-- question: Which interface refuses a larger share of its flows than it usually does, and in which hour?
-- theme: security
-- fields: interface_id, action
-- parameter: min_flows count = 100; hours with fewer flows are left out, and are no history either
-- parameter: min_hours count = 3; other hours that an interface must have before its usual ratio means something
-- parameter: min_difference number = 0.1; how far above its usual ratio an hour must be (0.1 is ten percentage points)
-- parameter: limit count = 50; rows to print
-- next: Ask "top-rejected-sources" and "rejected-traffic" for that hour. One new source is a scan; many sources on a port
--   that was open before is a rule that somebody changed. Give a few days as the time range: the usual ratio is that of
--   the range's other hours.

-- The usual ratio is the median of the interface's other hours, so that one more bad hour doesn't hide this one. Accepted
-- and rejected flows count apart at the flow log that saw most of them: of two flow logs over one interface, one may
-- hold only what was accepted and the other only what was rejected.
WITH logs AS (
  SELECT
    aws_account_id,
    aws_region,
    coalesce(interface_id, resource_id) AS interface_id,
    day,
    hour,
    flow_log_id,
    count_if(action = 'ACCEPT') AS accepted,
    count_if(action = 'REJECT') AS rejected
  FROM flows
  WHERE {{time_range}} AND action IN ('ACCEPT', 'REJECT')
  GROUP BY 1, 2, 3, 4, 5, 6
),
hours AS (
  SELECT
    aws_account_id,
    aws_region,
    interface_id,
    day,
    hour,
    max(accepted) + max(rejected) AS flows,
    max(rejected) AS rejected,
    CAST(max(rejected) AS double) / nullif(max(accepted) + max(rejected), 0) AS ratio
  FROM logs
  WHERE interface_id IS NOT NULL
  GROUP BY aws_account_id, aws_region, interface_id, day, hour
  HAVING max(accepted) + max(rejected) >= {{min_flows}}
),
placed AS (
  SELECT
    *,
    row_number() OVER (PARTITION BY aws_account_id, aws_region, interface_id ORDER BY ratio, day, hour) AS place,
    count(*) OVER (PARTITION BY aws_account_id, aws_region, interface_id) AS places
  FROM hours
),
-- The median of the other hours, for an hour above it; hours below it are not asked for.
compared AS (
  SELECT
    *,
    max(CASE WHEN place = places / 2 THEN ratio END) OVER (PARTITION BY aws_account_id, aws_region, interface_id)
      AS usual_ratio
  FROM placed
)
SELECT
  aws_account_id,
  aws_region,
  interface_id,
  day,
  hour,
  flows,
  rejected,
  ratio,
  usual_ratio,
  ratio - usual_ratio AS difference,
  places - 1 AS other_hours
FROM compared
WHERE places - 1 >= {{min_hours}} AND ratio - usual_ratio >= {{min_difference}}
ORDER BY difference DESC, rejected DESC, aws_account_id, aws_region, interface_id, day, hour
LIMIT {{limit}}
