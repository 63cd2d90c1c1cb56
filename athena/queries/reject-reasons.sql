-- title: Reject reasons
-- question: What was refused by VPC Block Public Access or by encryption controls, and what by rules?
-- theme: troubleshooting
-- fields: reject_reason, action
-- parameter: limit count = 50; rows to print
-- next: BPA: the VPC or the account blocks the internet; exclude the subnet if it should be public. EC: an endpoint refused
--   what was not encrypted. Not given: a security group or a network ACL (ask "rejected-traffic"), packets after the close,
--   or a format without reject-reason.

-- Of two flow logs over one interface the one that saw more counts, hour by hour.
WITH logs AS (
  SELECT
    CASE reject_reason
      WHEN 'BPA' THEN 'VPC Block Public Access'
      WHEN 'EC' THEN 'VPC encryption controls'
      ELSE coalesce(reject_reason, 'not given')
    END AS reason,
    aws_account_id,
    aws_region,
    vpc_id,
    path,
    direction,
    source_address,
    destination_address,
    interface_id,
    day,
    hour,
    flow_log_id,
    count(*) AS log_flows,
    sum(packets) AS log_packets,
    min(start) AS first_seen,
    max(coalesce("end", start)) AS last_seen
  FROM flows
  WHERE {{time_range}} AND action = 'REJECT'
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
),
hours AS (
  SELECT
    reason,
    aws_account_id,
    aws_region,
    vpc_id,
    path,
    direction,
    source_address,
    destination_address,
    interface_id,
    day,
    hour,
    max(log_flows) AS hour_flows,
    max(log_packets) AS hour_packets,
    min(first_seen) AS first_seen,
    max(last_seen) AS last_seen
  FROM logs
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
)
SELECT
  reason,
  aws_account_id,
  aws_region,
  vpc_id,
  path,
  direction,
  sum(hour_flows) AS flows,
  sum(hour_packets) AS packets,
  count(DISTINCT source_address) AS sources,
  count(DISTINCT destination_address) AS destinations,
  count(DISTINCT interface_id) AS interfaces,
  from_unixtime(min(first_seen)) AS first_seen,
  from_unixtime(max(last_seen)) AS last_seen
FROM hours
GROUP BY 1, 2, 3, 4, 5, 6
ORDER BY flows DESC, packets DESC, reason, aws_account_id, aws_region, vpc_id, path, direction
LIMIT {{limit}}
