-- title: First and last seen
-- question: When did an address appear first and last, at which interfaces, and was it let through?
-- theme: troubleshooting
-- fields: interface_id, srcaddr, dstaddr, start, action
-- parameter: address address; the address that is asked about
-- parameter: limit count = 100; rows to print, the earliest first
-- next: Give a wide time range: before it nothing is known. Several interfaces with the address as their own mean that it
--   moved, or that two VPCs use it. Ask "conversation" or "bytes-from-address" what it did.

-- Of two flow logs over one interface the one that saw more counts, hour by hour.
WITH logs AS (
  SELECT
    CASE WHEN {{address}} = srcaddr OR {{address}} = pkt_srcaddr THEN 'sends' ELSE 'receives' END AS role,
    CASE
      WHEN {{address}} = srcaddr OR {{address}} = pkt_srcaddr THEN destination_address
      ELSE source_address
    END AS peer,
    aws_account_id,
    aws_region,
    coalesce(interface_id, resource_id) AS interface_id,
    day,
    hour,
    flow_log_id,
    count_if(action = 'ACCEPT') AS accepted_in_log,
    count_if(action = 'REJECT') AS rejected_in_log,
    min(start) AS first_seen,
    max(coalesce("end", start)) AS last_seen
  FROM flows
  WHERE {{time_range}} AND {{address}} IN (srcaddr, dstaddr, pkt_srcaddr, pkt_dstaddr)
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
),
hours AS (
  SELECT
    role,
    peer,
    aws_account_id,
    aws_region,
    interface_id,
    day,
    max(accepted_in_log) AS accepted_in_hour,
    max(rejected_in_log) AS rejected_in_hour,
    min(first_seen) AS first_seen,
    max(last_seen) AS last_seen
  FROM logs
  GROUP BY role, peer, aws_account_id, aws_region, interface_id, day, hour
)
SELECT
  role,
  aws_account_id,
  aws_region,
  interface_id,
  from_unixtime(min(first_seen)) AS first_seen,
  from_unixtime(max(last_seen)) AS last_seen,
  count(DISTINCT day) AS days,
  sum(accepted_in_hour) AS accepted,
  sum(rejected_in_hour) AS rejected,
  count(DISTINCT peer) AS peers
FROM hours
GROUP BY 1, 2, 3, 4
ORDER BY first_seen, role, aws_account_id, aws_region, interface_id
LIMIT {{limit}}
