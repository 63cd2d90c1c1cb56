-- title: Protocol mix
-- question: Which protocols and services make up the traffic?
-- theme: cost
-- fields: interface_id, srcaddr, dstaddr, srcport, dstport, protocol, bytes
-- parameter: limit count = 30; rows to print
-- next: Know each of the largest. What has no service name is told by its port: ask "accepted-traffic" between whom. For
--   what is neither TCP, UDP nor ICMP ask "unusual-protocols".

-- What a source sent to a destination on a day counts where the source is observed, else at its target, else at the
-- observer that saw most. Of two flow logs over one interface the one that saw more counts, hour by hour. What a NAT
-- gateway sends and receives under its own address is left out where the format has interface-type.
WITH logs AS (
  SELECT
    day,
    hour,
    source_address,
    destination_address,
    protocol_name,
    service,
    observed_at,
    coalesce(interface_id, resource_id) AS observer,
    flow_log_id,
    sum(packets) AS log_packets,
    sum(bytes) AS log_bytes
  FROM flows
  WHERE {{time_range}}
    AND protocol IS NOT NULL
    AND action IS DISTINCT FROM 'REJECT'
    AND NOT (
      coalesce(interface_type, '') = 'nat_gateway' AND source_address = srcaddr AND destination_address = dstaddr
    )
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
),
hours AS (
  SELECT
    day,
    source_address,
    destination_address,
    protocol_name,
    service,
    observed_at,
    observer,
    max(log_packets) AS hour_packets,
    max(log_bytes) AS hour_bytes
  FROM logs
  GROUP BY day, hour, source_address, destination_address, protocol_name, service, observed_at, observer
),
observers AS (
  SELECT
    day,
    source_address,
    destination_address,
    protocol_name,
    service,
    observed_at,
    observer,
    sum(hour_packets) AS observed_packets,
    sum(hour_bytes) AS observed_bytes
  FROM hours
  GROUP BY 1, 2, 3, 4, 5, 6, 7
),
pairs AS (
  SELECT
    protocol_name,
    service,
    source_address,
    coalesce(
      sum(CASE WHEN observed_at = 'source' THEN observed_packets END),
      sum(CASE WHEN observed_at = 'target' THEN observed_packets END),
      max(observed_packets)
    ) AS pair_packets,
    coalesce(
      sum(CASE WHEN observed_at = 'source' THEN observed_bytes END),
      sum(CASE WHEN observed_at = 'target' THEN observed_bytes END),
      max(observed_bytes)
    ) AS pair_bytes
  FROM observers
  GROUP BY day, source_address, destination_address, protocol_name, service
)
SELECT
  protocol_name AS protocol,
  service,
  sum(pair_bytes) AS bytes,
  sum(pair_packets) AS packets,
  count(DISTINCT source_address) AS sources,
  CAST(sum(pair_bytes) AS double) * 100 / nullif(sum(sum(pair_bytes)) OVER (), 0) AS percent
FROM pairs
GROUP BY 1, 2
ORDER BY bytes DESC, protocol, service
LIMIT {{limit}}
