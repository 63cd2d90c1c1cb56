-- title: Talkers by interface
-- question: Which interfaces move the most bytes, instances, NAT gateways, load balancers and endpoints alike?
-- theme: traffic
-- fields: interface_id, packets, bytes
-- parameter: limit count = 50; rows to print
-- next: Address is the interface's own, so this is the interface-level view of "top-talkers", which names the ends of the
--   traffic behind it. A NAT gateway, a load balancer or a transit gateway attachment passes on what others send: it has
--   all of it twice, coming in and going out. Rows must not be added up: what two interfaces exchange is in both. Without
--   flow-direction, what passes between private addresses is in bytes, but neither sent nor received.

-- Of two flow logs over one interface the one that saw more counts, hour by hour. Rejected traffic is left out. A regional
-- NAT gateway has no interface: it is listed by its own id.
WITH logs AS (
  SELECT
    coalesce(interface_id, resource_id) AS interface_id,
    day,
    hour,
    flow_log_id,
    max(interface_type) AS interface_type,
    max(instance_id) AS instance_id,
    max(vpc_id) AS vpc_id,
    max(subnet_id) AS subnet_id,
    -- The lowest: an IPv4 address before an IPv6 one.
    min(CASE direction WHEN 'egress' THEN srcaddr WHEN 'ingress' THEN dstaddr END) AS address,
    sum(bytes) AS log_bytes,
    sum(packets) AS log_packets,
    sum(CASE direction WHEN 'egress' THEN bytes ELSE 0 END) AS sent,
    sum(CASE direction WHEN 'ingress' THEN bytes ELSE 0 END) AS received
  FROM flows
  WHERE {{time_range}}
    AND coalesce(interface_id, resource_id) IS NOT NULL
    AND srcaddr IS NOT NULL
    AND action IS DISTINCT FROM 'REJECT'
  GROUP BY 1, 2, 3, 4
),
hours AS (
  SELECT
    interface_id,
    max(interface_type) AS interface_type,
    max(instance_id) AS instance_id,
    max(vpc_id) AS vpc_id,
    max(subnet_id) AS subnet_id,
    min(address) AS address,
    max(log_bytes) AS hour_bytes,
    max(log_packets) AS hour_packets,
    max(sent) AS sent,
    max(received) AS received
  FROM logs
  GROUP BY interface_id, day, hour
)
SELECT
  interface_id,
  max(interface_type) AS interface_type,
  max(instance_id) AS instance_id,
  max(vpc_id) AS vpc_id,
  max(subnet_id) AS subnet_id,
  min(address) AS address,
  sum(hour_bytes) AS bytes,
  sum(sent) AS bytes_sent,
  sum(received) AS bytes_received,
  sum(hour_packets) AS packets
FROM hours
WHERE hour_bytes IS NOT NULL
GROUP BY interface_id
ORDER BY bytes DESC, interface_id
LIMIT {{limit}}
