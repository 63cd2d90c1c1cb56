-- title: Conversation
-- question: What did two addresses exchange, in both directions, and was it accepted?
-- theme: troubleshooting
-- fields: srcaddr, dstaddr, start
-- parameter: source address; one end
-- parameter: destination address; the other end
-- parameter: port port optional; only records with this port at either end
-- parameter: limit count = 100; records to print, the earliest first
-- next: Requests without replies: nothing listens, or something between the ends drops them. A REJECT names the interface
--   to look at. One flow appears once for each interface that recorded it, so the packets must not be added up.
SELECT
  from_unixtime(start) AS start_time,
  from_unixtime("end") AS end_time,
  coalesce(interface_id, resource_id) AS interface_id,
  source_address AS source,
  srcport,
  destination_address AS destination,
  dstport,
  protocol,
  action,
  tcp_flags,
  packets,
  bytes
FROM flows
WHERE {{time_range}}
  AND (
    ({{source}} IN (srcaddr, pkt_srcaddr) AND {{destination}} IN (dstaddr, pkt_dstaddr))
    OR ({{destination}} IN (srcaddr, pkt_srcaddr) AND {{source}} IN (dstaddr, pkt_dstaddr))
  )
  AND ({{port}} IS NULL OR {{port}} IN (srcport, dstport))
ORDER BY start, "end", interface_id, source, srcport, dstport
LIMIT {{limit}}
