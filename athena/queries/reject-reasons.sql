-- title: Reject reasons
-- question: What was refused by VPC Block Public Access or by encryption controls, and what by rules?
-- theme: troubleshooting
-- fields: reject_reason, action
-- parameter: limit count = 50; rows to print
-- next: BPA: the VPC or the account blocks the internet; exclude the subnet if it should be public. EC: an endpoint refused
--   what was not encrypted. Not given: a security group or a network ACL (ask "rejected-traffic"), packets after the close,
--   or a format without reject-reason.
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
  count(*) AS flows,
  sum(packets) AS packets,
  count(DISTINCT source_address) AS sources,
  count(DISTINCT destination_address) AS destinations,
  count(DISTINCT interface_id) AS interfaces,
  from_unixtime(min(start)) AS first_seen,
  from_unixtime(max(coalesce("end", start))) AS last_seen
FROM flows
WHERE {{time_range}} AND action = 'REJECT'
GROUP BY 1, 2, 3, 4, 5, 6
ORDER BY flows DESC, packets DESC, reason, aws_account_id, aws_region, vpc_id, path, direction
LIMIT {{limit}}
