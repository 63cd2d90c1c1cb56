-- title: Bytes from an address
-- question: How much did an address send, to whom, and over how many days?
-- theme: traffic
-- fields: interface_id, srcaddr, dstaddr, packets, bytes
-- parameter: address address; the address that is asked about
-- parameter: limit count = 50; rows to print
-- next: Ask "conversation" what the two exchanged. Every flow is counted once, where its source is observed, else at its
--   target; rejected traffic is left out. Addresses are the true ends (pkt-srcaddr, pkt-dstaddr) where the format has them.
--   Networks that have the same addresses are taken for one.
WITH {{counted_once}}
SELECT
  destination,
  sum(bytes) AS bytes,
  sum(packets) AS packets,
  count(*) AS days,
  min(day) AS first_day,
  max(day) AS last_day
FROM counted_once
WHERE source = {{address}}
GROUP BY destination
ORDER BY bytes DESC, destination
LIMIT {{limit}}
