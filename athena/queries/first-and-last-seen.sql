-- title: First and last seen
-- question: When did an address appear first and last, at which interfaces, and was it let through?
-- theme: troubleshooting
-- fields: interface_id, srcaddr, dstaddr, start, action
-- parameter: address address; the address that is asked about
-- parameter: limit count = 100; rows to print, the earliest first
-- next: Give a wide time range: before it nothing is known. Several interfaces with the address as their own mean that it
--   moved, or that two VPCs use it. Ask "conversation" or "bytes-from-address" what it did.
SELECT
  CASE WHEN {{address}} = srcaddr OR {{address}} = pkt_srcaddr THEN 'sends' ELSE 'receives' END AS role,
  aws_account_id,
  aws_region,
  coalesce(interface_id, resource_id) AS interface_id,
  from_unixtime(min(start)) AS first_seen,
  from_unixtime(max(coalesce("end", start))) AS last_seen,
  count(DISTINCT day) AS days,
  count_if(action = 'ACCEPT') AS accepted,
  count_if(action = 'REJECT') AS rejected,
  count(
    DISTINCT CASE
      WHEN {{address}} = srcaddr OR {{address}} = pkt_srcaddr THEN destination_address
      ELSE source_address
    END
  ) AS peers
FROM flows
WHERE {{time_range}} AND {{address}} IN (srcaddr, dstaddr, pkt_srcaddr, pkt_dstaddr)
GROUP BY 1, 2, 3, 4
ORDER BY first_seen, role, aws_account_id, aws_region, interface_id
LIMIT {{limit}}
