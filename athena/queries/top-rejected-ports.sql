-- title: Top rejected ports
-- question: On which ports are people knocking in vain, from how many sources and at how many targets?
-- theme: security
-- fields: srcaddr, dstaddr, dstport, protocol, action
-- parameter: limit count = 20; rows to print
-- next: Many sources on one port is background scanning of the internet. Few, inside sources on a port that you serve is
--   a missing rule: ask "rejected-traffic" who they are.

-- TCP, UDP and SCTP, the protocols with ports. Refused replies are left out (see rejected-traffic): their target port is
-- some client's and says nothing.
SELECT
  dstport AS port,
  protocol,
  count(*) AS flows,
  sum(packets) AS packets,
  count(DISTINCT coalesce(pkt_srcaddr, srcaddr)) AS sources,
  count(DISTINCT coalesce(pkt_dstaddr, dstaddr)) AS targets,
  from_unixtime(min(start)) AS first_seen,
  from_unixtime(max(coalesce("end", start))) AS last_seen
FROM flow_logs
WHERE {{time_range}}
  AND action = 'REJECT'
  AND dstport IS NOT NULL
  AND coalesce(protocol, 6) IN (6, 17, 132)
  AND NOT CASE
    WHEN protocol = 6 AND bitwise_and(tcp_flags, 18) = 18 THEN true
    WHEN protocol = 6 AND bitwise_and(tcp_flags, 2) = 2 THEN false
    ELSE coalesce((srcport < 1024 AND dstport >= 1024) OR (srcport < 32768 AND dstport >= 32768), false)
  END
GROUP BY 1, 2
ORDER BY flows DESC, packets DESC, port, protocol
LIMIT {{limit}}
