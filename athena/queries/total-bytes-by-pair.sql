-- title: Total bytes by pair
-- question: How much did each address send to each other?
-- theme: traffic
-- fields: interface_id, srcaddr, dstaddr, packets, bytes
-- parameter: network cidr optional; only pairs with an end in this network
-- parameter: limit count = 50; rows to print
-- next: Ask "conversation" what a pair said. Every flow is counted once, where its source is observed, else at its target;
--   rejected traffic is left out. Addresses are the true ends (pkt-srcaddr, pkt-dstaddr) where the format has them.
--   Networks that have the same addresses are taken for one.
WITH {{counted_once}}
SELECT
  source,
  destination,
  sum(bytes) AS bytes,
  sum(packets) AS packets,
  count(*) AS days
FROM counted_once
WHERE {{network}} IS NULL
  OR contains({{network}}, TRY_CAST(source AS ipaddress))
  OR contains({{network}}, TRY_CAST(destination AS ipaddress))
GROUP BY source, destination
ORDER BY bytes DESC, source, destination
LIMIT {{limit}}
