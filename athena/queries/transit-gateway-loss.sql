-- title: Transit gateway loss
-- question: Where does the transit gateway drop packets, and for which cause?
-- theme: troubleshooting
-- fields: tgw_id, tgw_attachment_id, packets_lost_no_route, packets_lost_blackhole
-- parameter: limit count = 50; rows to print
-- next: No route: the route table of the attachment has none to the destination. Blackhole: it has one to an attachment that
--   is gone. MTU: packets are larger than 8500 bytes (1500 over VPN). TTL: a loop. See the largest flow's ends.

-- Of two flow logs over one attachment the one that saw more counts, hour by hour.
WITH losses AS (
  SELECT
    *,
    CASE cause
      WHEN 'no-route' THEN packets_lost_no_route
      WHEN 'blackhole' THEN packets_lost_blackhole
      WHEN 'mtu-exceeded' THEN packets_lost_mtu_exceeded
      ELSE packets_lost_ttl_expired
    END AS lost
  FROM transit_flows
  CROSS JOIN UNNEST(ARRAY['no-route', 'blackhole', 'mtu-exceeded', 'ttl-expired']) AS causes (cause)
  WHERE {{time_range}}
),
logs AS (
  SELECT
    cause,
    tgw_id,
    tgw_attachment_id,
    tgw_pair_attachment_id,
    day,
    hour,
    flow_log_id,
    sum(lost) AS lost_in_hour,
    count(*) AS flows_in_hour,
    max(lost) AS largest_loss,
    max_by(source_address, lost) AS source,
    max_by(destination_address, lost) AS destination,
    min(start) AS first_seen,
    max(coalesce("end", start)) AS last_seen
  FROM losses
  WHERE lost > 0
  GROUP BY 1, 2, 3, 4, 5, 6, 7
),
hours AS (
  SELECT
    cause,
    tgw_id,
    tgw_attachment_id,
    tgw_pair_attachment_id,
    max(lost_in_hour) AS lost_in_hour,
    max(flows_in_hour) AS flows_in_hour,
    max(largest_loss) AS largest_loss,
    max_by(source, largest_loss) AS source,
    max_by(destination, largest_loss) AS destination,
    min(first_seen) AS first_seen,
    max(last_seen) AS last_seen
  FROM logs
  GROUP BY cause, tgw_id, tgw_attachment_id, tgw_pair_attachment_id, day, hour
)
SELECT
  cause,
  tgw_id,
  tgw_attachment_id,
  tgw_pair_attachment_id,
  sum(lost_in_hour) AS lost_packets,
  sum(flows_in_hour) AS flows,
  max_by(source, largest_loss) AS largest_source,
  max_by(destination, largest_loss) AS largest_destination,
  from_unixtime(min(first_seen)) AS first_lost,
  from_unixtime(max(last_seen)) AS last_lost
FROM hours
GROUP BY 1, 2, 3, 4
ORDER BY lost_packets DESC, cause, tgw_id, tgw_attachment_id, tgw_pair_attachment_id
LIMIT {{limit}}
