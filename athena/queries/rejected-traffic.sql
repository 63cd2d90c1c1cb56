-- title: Rejected traffic
-- question: Which connections were refused, where, how often, and was it the request or the reply?
-- theme: troubleshooting
-- fields: interface_id, srcaddr, dstaddr, action
-- parameter: network cidr optional; only connections with an end in this network
-- parameter: limit count = 50; rows to print
-- next: A refused request: look at the security group and the network ACL of the interface. A refused reply: the network
--   ACL has no rule for it (security groups let replies pass), or the packets came after the connection had closed.

-- Client and server are the connection's ends: for a reply they are swapped. It is a reply if TCP flags say so (SYN-ACK),
-- and without flags if it goes from a service's port to a port that clients get from their system.
WITH rejected AS (
  SELECT
    interface_id,
    coalesce(pkt_srcaddr, srcaddr) AS source,
    coalesce(pkt_dstaddr, dstaddr) AS destination,
    srcport,
    dstport,
    protocol,
    reject_reason,
    packets,
    start,
    "end",
    CASE
      WHEN protocol = 6 AND bitwise_and(tcp_flags, 18) = 18 THEN true
      WHEN protocol = 6 AND bitwise_and(tcp_flags, 2) = 2 THEN false
      ELSE coalesce((srcport < 1024 AND dstport >= 1024) OR (srcport < 32768 AND dstport >= 32768), false)
    END AS is_reply
  FROM flow_logs
  WHERE {{time_range}} AND action = 'REJECT'
)
SELECT
  CASE WHEN is_reply THEN destination ELSE source END AS client,
  CASE WHEN is_reply THEN source ELSE destination END AS server,
  CASE WHEN is_reply THEN srcport ELSE dstport END AS port,
  protocol,
  CASE WHEN is_reply THEN 'reply' ELSE 'request' END AS refused,
  interface_id,
  reject_reason,
  count(*) AS flows,
  sum(packets) AS packets,
  from_unixtime(min(start)) AS first_seen,
  from_unixtime(max(coalesce("end", start))) AS last_seen
FROM rejected
WHERE {{network}} IS NULL
  OR contains({{network}}, TRY_CAST(source AS ipaddress))
  OR contains({{network}}, TRY_CAST(destination AS ipaddress))
GROUP BY 1, 2, 3, 4, 5, 6, 7
ORDER BY flows DESC, packets DESC, client, server, port, protocol, refused, interface_id
LIMIT {{limit}}
