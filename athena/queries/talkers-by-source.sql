-- title: Talkers by source
-- question: Which addresses send the most bytes, and to how many others?
-- theme: traffic
-- fields: interface_id, srcaddr, dstaddr, packets, bytes
-- parameter: network cidr optional; only sources in this network
-- parameter: limit count = 50; rows to print
-- next: Ask "bytes-from-address" to whom. A source that suddenly leads sends a backup, or what it should not: see
--   "egress-against-history". Every flow is counted once, where its source is observed, else at its target; rejected
--   traffic is left out. Addresses are the true ends (pkt-srcaddr, pkt-dstaddr) where the format has them.
--   Networks that have the same addresses are taken for one.
WITH {{counted_once}}
SELECT
  source,
  sum(bytes) AS bytes,
  sum(packets) AS packets,
  count(DISTINCT destination) AS destinations,
  count(DISTINCT day) AS days
FROM counted_once
WHERE {{network}} IS NULL OR contains({{network}}, TRY_CAST(source AS ipaddress))
GROUP BY source
ORDER BY bytes DESC, source
LIMIT {{limit}}
