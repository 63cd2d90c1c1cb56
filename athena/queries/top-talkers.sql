-- title: Top talkers
-- question: Which addresses move the most bytes, how much of it do they send and receive, and with how many peers?
-- theme: traffic
-- fields: interface_id, srcaddr, dstaddr, packets, bytes
-- parameter: network cidr optional; only addresses in this network
-- parameter: limit count = 20; rows to print
-- next: Ask "conversation" what a surprising address exchanged with whom. Every flow is counted once, where its source is
--   observed, else at its target; rejected traffic is left out. Addresses are the true ends (pkt-srcaddr, pkt-dstaddr)
--   where the format has them. Without them a NAT gateway is a talker of its own and the internet hosts behind it count
--   twice, as can an instance with a single peer, and traffic that returns by another transit gateway attachment.
--   Networks that have the same addresses are taken for one.

WITH {{counted_once}},
sides AS (
  SELECT
    CASE WHEN is_source THEN source ELSE destination END AS address,
    CASE WHEN is_source THEN destination ELSE source END AS peer,
    CASE WHEN is_source THEN bytes ELSE 0 END AS sent,
    CASE WHEN is_source THEN 0 ELSE bytes END AS received,
    packets
  FROM counted_once
  CROSS JOIN UNNEST(ARRAY[true, false]) AS side (is_source)
)
SELECT
  address,
  sum(sent) + sum(received) AS bytes,
  sum(sent) AS bytes_sent,
  sum(received) AS bytes_received,
  sum(packets) AS packets,
  count(DISTINCT peer) AS peers
FROM sides
WHERE {{network}} IS NULL OR contains({{network}}, TRY_CAST(address AS ipaddress))
GROUP BY address
ORDER BY bytes DESC, address
LIMIT {{limit}}
