-- title: Talkers by destination
-- question: Which addresses receive the most bytes, and from how many others?
-- theme: traffic
-- fields: interface_id, srcaddr, dstaddr, packets, bytes
-- parameter: network cidr optional; only destinations in this network
-- parameter: limit count = 50; rows to print
-- next: Ask "bytes-to-address" from whom. A destination on the internet that leads is a backup, a mirror, or data on its way
--   out: see "large-egress". Every flow is counted once, where its source is observed, else at its target; rejected
--   traffic is left out. Addresses are the true ends (pkt-srcaddr, pkt-dstaddr) where the format has them.
--   Networks that have the same addresses are taken for one.
WITH {{counted_once}}
SELECT
  destination,
  sum(bytes) AS bytes,
  sum(packets) AS packets,
  count(DISTINCT source) AS sources,
  count(DISTINCT day) AS days
FROM counted_once
WHERE {{network}} IS NULL OR contains({{network}}, TRY_CAST(destination AS ipaddress))
GROUP BY destination
ORDER BY bytes DESC, destination
LIMIT {{limit}}
