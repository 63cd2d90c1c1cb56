-- title: Top instances
-- question: Which instances move the most bytes, and how much of it do they send and receive?
-- theme: traffic
-- fields: interface_id, instance_id, bytes
-- parameter: limit count = 50; rows to print
-- next: Ask "top-talkers" or "bytes-from-address" with whom. Bytes are those at the instance's own interfaces, so each flow
--   counts once for an instance, and for both instances that it runs between: rows must not be added up. Without
--   flow-direction, what passes between private addresses is in bytes, but neither sent nor received.

-- Of two flow logs over one interface the one that saw more counts, hour by hour.
WITH logs AS (
  SELECT
    instance_id,
    interface_id,
    day,
    hour,
    flow_log_id,
    sum(bytes) AS bytes,
    sum(CASE WHEN direction = 'egress' THEN bytes ELSE 0 END) AS bytes_sent,
    sum(CASE WHEN direction = 'ingress' THEN bytes ELSE 0 END) AS bytes_received
  FROM flows
  WHERE {{time_range}} AND instance_id IS NOT NULL AND action IS DISTINCT FROM 'REJECT'
  GROUP BY 1, 2, 3, 4, 5
),
hours AS (
  SELECT
    instance_id,
    interface_id,
    max(bytes) AS bytes,
    max(bytes_sent) AS bytes_sent,
    max(bytes_received) AS bytes_received
  FROM logs
  GROUP BY instance_id, interface_id, day, hour
)
SELECT
  instance_id,
  count(DISTINCT interface_id) AS interfaces,
  sum(bytes) AS bytes,
  sum(bytes_sent) AS bytes_sent,
  sum(bytes_received) AS bytes_received
FROM hours
WHERE bytes IS NOT NULL
GROUP BY instance_id
ORDER BY bytes DESC, instance_id
LIMIT {{limit}}
