-- title: Top subnets
-- question: Which subnets send and receive the most bytes?
-- theme: traffic
-- fields: interface_id, subnet_id, flow_direction, bytes
-- parameter: limit count = 50; rows to print
-- next: Ask "top-instances" and "top-talkers" who in the subnet it is. What a subnet's interfaces say to each other is both
--   sent and received, so the two columns must not be added up. A NAT gateway passes on what others sent.

-- Of two flow logs over one interface the one that saw more counts, hour by hour.
WITH logs AS (
  SELECT
    vpc_id,
    subnet_id,
    interface_id,
    day,
    hour,
    flow_log_id,
    sum(CASE WHEN direction = 'egress' THEN bytes ELSE 0 END) AS sent,
    sum(CASE WHEN direction = 'ingress' THEN bytes ELSE 0 END) AS received
  FROM flows
  WHERE {{time_range}} AND subnet_id IS NOT NULL AND direction IS NOT NULL AND action IS DISTINCT FROM 'REJECT'
  GROUP BY 1, 2, 3, 4, 5, 6
),
hours AS (
  SELECT
    vpc_id,
    subnet_id,
    interface_id,
    max(sent) AS sent,
    max(received) AS received
  FROM logs
  GROUP BY vpc_id, subnet_id, interface_id, day, hour
)
SELECT
  max(vpc_id) AS vpc_id,
  subnet_id,
  count(DISTINCT interface_id) AS interfaces,
  sum(sent) AS bytes_sent,
  sum(received) AS bytes_received
FROM hours
GROUP BY subnet_id
ORDER BY greatest(sum(sent), sum(received)) DESC, subnet_id
LIMIT {{limit}}
