-- title: Traffic by path
-- question: By which route does traffic leave its interface: inside the VPC, internet gateway, endpoint, peering or VPN?
-- theme: cost
-- fields: interface_id, bytes, flow_direction, traffic_path
-- parameter: limit count = 20; rows to print
-- next: Each route has its price: inside one Availability Zone and through gateway endpoints it is none, between zones,
--   Regions and to the internet it is not. Not given is what AWS has no code for, such as a transit gateway. Ask
--   "top-talkers" or "nat-gateway-bytes" who it is.

-- Egress only, counted at the interface that sends. What passes a NAT gateway leaves twice, first an instance (same VPC),
-- then the gateway: its part has a column where the format has interface-type. Of two flow logs over one interface the
-- one that saw more counts, hour by hour.
WITH logs AS (
  SELECT
    traffic_path,
    coalesce(interface_type, '') = 'nat_gateway' AS is_nat_gateway,
    interface_id,
    day,
    hour,
    flow_log_id,
    sum(bytes) AS log_bytes,
    sum(packets) AS log_packets
  FROM flows
  WHERE {{time_range}} AND flow_direction = 'egress' AND action IS DISTINCT FROM 'REJECT'
  GROUP BY 1, 2, 3, 4, 5, 6
),
hours AS (
  SELECT
    traffic_path,
    is_nat_gateway,
    interface_id,
    max(log_bytes) AS hour_bytes,
    max(log_packets) AS hour_packets
  FROM logs
  GROUP BY traffic_path, is_nat_gateway, interface_id, day, hour
)
SELECT
  traffic_path,
  CASE traffic_path
    WHEN 1 THEN 'same VPC'
    WHEN 2 THEN 'internet gateway or gateway endpoint'
    WHEN 3 THEN 'virtual private gateway'
    WHEN 4 THEN 'VPC peering in the Region'
    WHEN 5 THEN 'VPC peering to another Region'
    WHEN 6 THEN 'Local Zone or Wavelength Zone'
    WHEN 7 THEN 'gateway endpoint'
    WHEN 8 THEN 'internet gateway'
    ELSE 'not given'
  END AS route,
  sum(hour_bytes) AS bytes,
  sum(CASE WHEN is_nat_gateway THEN hour_bytes ELSE 0 END) AS bytes_of_nat_gateways,
  sum(hour_packets) AS packets,
  count(DISTINCT interface_id) AS interfaces
FROM hours
GROUP BY 1, 2
ORDER BY bytes DESC, traffic_path
LIMIT {{limit}}
