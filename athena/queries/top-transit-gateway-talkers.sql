-- title: Top transit gateway talkers
-- question: Between which attachments does the transit gateway move the most bytes, and which addresses are behind it?
-- theme: traffic
-- fields: tgw_id, tgw_attachment_id, tgw_pair_attachment_id, srcaddr, dstaddr, flow_direction, bytes
-- parameter: network cidr optional; only pairs of addresses with an end in this network
-- parameter: pairs_of_attachments count = 5; pairs of addresses to print for each pair of attachments
-- parameter: limit count = 50; rows to print
-- next: AWS bills each gigabyte to the owner of the attachment that sends it, so look at source_attachment first. Two busy
--   VPCs in one Region cost less with a peering connection. Ask "conversation" what two addresses exchanged, and
--   "transit-gateway-loss" what was dropped: it is counted here, too. A pair without destination has no route.

-- A gateway records a flow twice: coming in from one attachment (ingress) and going out to the other (egress). It counts
-- where it comes in, else where it goes out, day by day. Of two flow logs over one attachment the one that saw more
-- counts, hour by hour. What passes two gateways has a row for each.
WITH logs AS (
  SELECT
    tgw_id,
    CASE direction WHEN 'ingress' THEN tgw_attachment_id ELSE tgw_pair_attachment_id END AS source_attachment,
    CASE direction WHEN 'ingress' THEN tgw_pair_attachment_id ELSE tgw_attachment_id END AS destination_attachment,
    source_address,
    destination_address,
    direction,
    day,
    hour,
    flow_log_id,
    sum(bytes) AS log_bytes,
    sum(packets) AS log_packets
  FROM transit_flows
  WHERE {{time_range}}
    AND source_address IS NOT NULL
    AND destination_address IS NOT NULL
    AND direction IS NOT NULL
    AND (
      {{network}} IS NULL
      OR contains({{network}}, TRY_CAST(source_address AS ipaddress))
      OR contains({{network}}, TRY_CAST(destination_address AS ipaddress))
    )
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
),
hours AS (
  SELECT
    tgw_id,
    source_attachment,
    destination_attachment,
    source_address,
    destination_address,
    direction,
    day,
    max(log_bytes) AS hour_bytes,
    max(log_packets) AS hour_packets
  FROM logs
  GROUP BY
    tgw_id,
    source_attachment,
    destination_attachment,
    source_address,
    destination_address,
    direction,
    day,
    hour
),
days AS (
  SELECT
    tgw_id,
    source_attachment,
    destination_attachment,
    source_address,
    destination_address,
    coalesce(sum(CASE direction WHEN 'ingress' THEN hour_bytes END), sum(hour_bytes)) AS day_bytes,
    coalesce(sum(CASE direction WHEN 'ingress' THEN hour_packets END), sum(hour_packets)) AS day_packets
  FROM hours
  GROUP BY tgw_id, source_attachment, destination_attachment, source_address, destination_address, day
),
pairs AS (
  SELECT
    tgw_id,
    source_attachment,
    destination_attachment,
    source_address AS source,
    destination_address AS destination,
    sum(day_bytes) AS bytes,
    sum(day_packets) AS packets
  FROM days
  GROUP BY 1, 2, 3, 4, 5
),
ranked AS (
  SELECT
    *,
    sum(bytes) OVER (PARTITION BY tgw_id, source_attachment, destination_attachment) AS attachment_bytes,
    count(*) OVER (PARTITION BY tgw_id, source_attachment, destination_attachment) AS address_pairs,
    row_number() OVER (
      PARTITION BY tgw_id, source_attachment, destination_attachment ORDER BY bytes DESC, source, destination
    ) AS place
  FROM pairs
  WHERE bytes IS NOT NULL
)
SELECT
  tgw_id,
  source_attachment,
  destination_attachment,
  attachment_bytes,
  address_pairs,
  source,
  destination,
  bytes,
  packets
FROM ranked
WHERE place <= {{pairs_of_attachments}}
ORDER BY attachment_bytes DESC, tgw_id, source_attachment, destination_attachment, place
LIMIT {{limit}}
