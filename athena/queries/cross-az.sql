-- title: Traffic between Availability Zones
-- question: How many bytes cross from one Availability Zone to another, and which addresses send them?
-- theme: cost
-- fields: interface_id, srcaddr, dstaddr, az_id, flow_direction, bytes
-- parameter: pairs_of_zones count = 10; pairs of addresses to print for each pair of zones
-- parameter: limit count = 100; rows to print
-- next: AWS bills a byte twice, where it leaves a zone and where it enters another, in both directions: add up zone_bytes
--   of both. Keep chatty clients in the zone of their server, let load balancers and service discovery prefer their own
--   zone, and give each zone its own NAT gateway. What passes a transit gateway or an interface endpoint crosses zones
--   without this charge. Bytes to zones that no record names are missing here.

-- An interface that logs its zone tells it for its own address. That is looked up for the other end of each record, first
-- in the same VPC, then anywhere if it is only one; next-hop-az-id, where the format has it, goes first. So a way through
-- a NAT gateway counts for the zones of the instance and the gateway. What crosses counts once: where its source is
-- observed, else at its target, else at the observer that saw most. Of two flow logs over one interface the one that saw
-- more counts, hour by hour.
WITH logs AS (
  SELECT
    day,
    hour,
    vpc_id,
    srcaddr,
    dstaddr,
    source_address,
    destination_address,
    direction,
    observed_at,
    az_id,
    next_hop_az_id,
    coalesce(interface_id, resource_id) AS observer,
    flow_log_id,
    sum(bytes) AS log_bytes,
    sum(packets) AS log_packets
  FROM flows
  WHERE {{time_range}}
    AND az_id IS NOT NULL
    AND direction IS NOT NULL
    AND bytes IS NOT NULL
    AND action IS DISTINCT FROM 'REJECT'
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13
),
hours AS (
  SELECT
    hour,
    day,
    vpc_id,
    srcaddr,
    dstaddr,
    source_address,
    destination_address,
    direction,
    observed_at,
    az_id,
    next_hop_az_id,
    observer,
    max(log_bytes) AS hour_bytes,
    max(log_packets) AS hour_packets
  FROM logs
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
),
observers AS (
  SELECT
    day,
    vpc_id,
    srcaddr,
    dstaddr,
    source_address,
    destination_address,
    direction,
    observed_at,
    az_id,
    next_hop_az_id,
    observer,
    sum(hour_bytes) AS observed_bytes,
    sum(hour_packets) AS observed_packets
  FROM hours
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
),

-- Each record twice: once for its own end, whose zone it knows, once for the other end, whose zone is looked up.
ends AS (
  SELECT
    *,
    CASE WHEN is_own = (direction = 'egress') THEN srcaddr ELSE dstaddr END AS end_address,
    CASE WHEN is_own THEN az_id END AS own_zone
  FROM observers
  CROSS JOIN UNNEST(ARRAY[true, false]) AS end_of_record (is_own)
),
looked_up AS (
  SELECT
    *,
    min(own_zone) OVER (PARTITION BY vpc_id, end_address) AS zone_in_vpc,
    max(own_zone) OVER (PARTITION BY vpc_id, end_address) AS other_zone_in_vpc,
    min(own_zone) OVER (PARTITION BY end_address) AS zone_anywhere,
    max(own_zone) OVER (PARTITION BY end_address) AS other_zone_anywhere
  FROM ends
),
located AS (
  SELECT
    *,
    coalesce(
      next_hop_az_id,
      CASE WHEN zone_in_vpc = other_zone_in_vpc THEN zone_in_vpc END,
      CASE WHEN zone_anywhere = other_zone_anywhere THEN zone_anywhere END
    ) AS far_zone
  FROM looked_up
  WHERE NOT is_own
),
crossing AS (
  SELECT
    *,
    CASE direction WHEN 'egress' THEN az_id ELSE far_zone END AS source_zone,
    CASE direction WHEN 'egress' THEN far_zone ELSE az_id END AS destination_zone
  FROM located
  -- Zones of one Region: use1-az1 and use1-az2.
  WHERE az_id <> far_zone AND split_part(az_id, '-', 1) = split_part(far_zone, '-', 1)
),
days AS (
  SELECT
    source_zone,
    destination_zone,
    source_address,
    destination_address,
    coalesce(
      sum(CASE WHEN observed_at = 'source' THEN observed_bytes END),
      sum(CASE WHEN observed_at = 'target' THEN observed_bytes END),
      max(observed_bytes)
    ) AS day_bytes,
    coalesce(
      sum(CASE WHEN observed_at = 'source' THEN observed_packets END),
      sum(CASE WHEN observed_at = 'target' THEN observed_packets END),
      max(observed_packets)
    ) AS day_packets
  FROM crossing
  GROUP BY day, source_zone, destination_zone, source_address, destination_address
),
pairs AS (
  SELECT
    source_zone,
    destination_zone,
    source_address AS source,
    destination_address AS destination,
    sum(day_bytes) AS bytes,
    sum(day_packets) AS packets
  FROM days
  GROUP BY 1, 2, 3, 4
),
ranked AS (
  SELECT
    *,
    sum(bytes) OVER (PARTITION BY source_zone, destination_zone) AS zone_bytes,
    count(*) OVER (PARTITION BY source_zone, destination_zone) AS address_pairs,
    row_number() OVER (
      PARTITION BY source_zone, destination_zone ORDER BY bytes DESC, source, destination
    ) AS place
  FROM pairs
)
SELECT
  source_zone,
  destination_zone,
  zone_bytes,
  address_pairs,
  source,
  destination,
  bytes,
  packets
FROM ranked
WHERE place <= {{pairs_of_zones}}
ORDER BY zone_bytes DESC, source_zone, destination_zone, place
LIMIT {{limit}}
