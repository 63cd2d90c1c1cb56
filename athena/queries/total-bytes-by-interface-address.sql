-- title: Total bytes by interface address
-- question: How much did each address send to each other as interfaces record it, NAT gateways and attachments among them?
-- theme: traffic
-- fields: interface_id, srcaddr, dstaddr, packets, bytes
-- parameter: network cidr optional; only pairs with an end in this network
-- parameter: limit count = 50; rows to print
-- next: This is the interface-level view (srcaddr, dstaddr): what an instance uploads through a NAT gateway has a row from the
--   instance to the far end, one to the gateway, and one from the gateway on. Rows of one way must not be added up; for
--   the ends of the traffic alone ask "total-bytes-by-pair". Without pkt-srcaddr and pkt-dstaddr in the format, both
--   answers are alike.

-- What an address sent to another on a day counts where it leaves an interface, else where it arrives, else at the observer
-- that saw most. Of two flow logs over one interface the one that saw more counts, hour by hour. Rejected traffic is left
-- out.
WITH logs AS (
  SELECT
    srcaddr,
    dstaddr,
    direction,
    coalesce(interface_id, resource_id) AS observer,
    day,
    hour,
    flow_log_id,
    sum(bytes) AS log_bytes,
    sum(packets) AS log_packets
  FROM flows
  WHERE {{time_range}}
    AND srcaddr IS NOT NULL
    AND dstaddr IS NOT NULL
    AND action IS DISTINCT FROM 'REJECT'
    AND (
      {{network}} IS NULL
      OR contains({{network}}, TRY_CAST(srcaddr AS ipaddress))
      OR contains({{network}}, TRY_CAST(dstaddr AS ipaddress))
    )
  GROUP BY 1, 2, 3, 4, 5, 6, 7
),
hours AS (
  SELECT
    srcaddr,
    dstaddr,
    direction,
    observer,
    day,
    hour,
    max(log_bytes) AS hour_bytes,
    max(log_packets) AS hour_packets
  FROM logs
  GROUP BY 1, 2, 3, 4, 5, 6
),
observers AS (
  SELECT
    srcaddr,
    dstaddr,
    direction,
    observer,
    day,
    sum(hour_bytes) AS observed_bytes,
    sum(hour_packets) AS observed_packets
  FROM hours
  GROUP BY 1, 2, 3, 4, 5
),
days AS (
  SELECT
    srcaddr,
    dstaddr,
    coalesce(
      sum(CASE direction WHEN 'egress' THEN observed_bytes END),
      sum(CASE direction WHEN 'ingress' THEN observed_bytes END),
      max(observed_bytes)
    ) AS day_bytes,
    coalesce(
      sum(CASE direction WHEN 'egress' THEN observed_packets END),
      sum(CASE direction WHEN 'ingress' THEN observed_packets END),
      max(observed_packets)
    ) AS day_packets
  FROM observers
  GROUP BY srcaddr, dstaddr, day
)
SELECT
  srcaddr,
  dstaddr,
  sum(day_bytes) AS bytes,
  sum(day_packets) AS packets,
  count(*) AS days
FROM days
WHERE day_bytes IS NOT NULL
GROUP BY srcaddr, dstaddr
ORDER BY bytes DESC, srcaddr, dstaddr
LIMIT {{limit}}
