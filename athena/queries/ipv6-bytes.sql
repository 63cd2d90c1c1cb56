-- title: IPv4 and IPv6 bytes
-- question: How much of the traffic is IPv6, day by day?
-- theme: traffic
-- fields: interface_id, srcaddr, dstaddr, packets, bytes
-- parameter: limit count = 31; days to print, the latest first
-- next: IPv6 that nobody planned: ask "ipv6-egress" which hosts leave over it. Every flow is counted once, where its source
--   is observed, else at its target; rejected traffic is left out.
--   Networks that have the same addresses are taken for one.
WITH {{counted_once}}
SELECT
  day,
  sum(CASE WHEN strpos(source, ':') = 0 THEN bytes ELSE 0 END) AS ipv4_bytes,
  sum(CASE WHEN strpos(source, ':') > 0 THEN bytes ELSE 0 END) AS ipv6_bytes,
  sum(CASE WHEN strpos(source, ':') = 0 THEN packets ELSE 0 END) AS ipv4_packets,
  sum(CASE WHEN strpos(source, ':') > 0 THEN packets ELSE 0 END) AS ipv6_packets
FROM counted_once
GROUP BY day
ORDER BY day DESC
LIMIT {{limit}}
