-- title: Bytes to an address
-- question: How much did an address receive, from whom, and over how many days?
-- theme: traffic
-- fields: interface_id, srcaddr, dstaddr, packets, bytes
-- parameter: address address; the address that is asked about
-- parameter: limit count = 50; rows to print
-- next: Ask "conversation" what the two exchanged. Every flow is counted once, where its source is observed, else at its
--   target; rejected traffic is left out. Addresses are the true ends (pkt-srcaddr, pkt-dstaddr) where the format has them.
--   Networks that have the same addresses are taken for one.
WITH {{counted_once}}
SELECT
  source,
  sum(bytes) AS bytes,
  sum(packets) AS packets,
  count(*) AS days,
  min(day) AS first_day,
  max(day) AS last_day
FROM counted_once
WHERE destination = {{address}}
GROUP BY source
ORDER BY bytes DESC, source
LIMIT {{limit}}
