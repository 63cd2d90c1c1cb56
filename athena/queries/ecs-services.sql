-- title: Traffic of ECS services
-- question: Which ECS services move the most bytes, how much of it with the internet, and with how many tasks?
-- theme: cost
-- fields: interface_id, ecs_cluster_name, ecs_service_name, bytes
-- parameter: limit count = 50; rows to print
-- next: Much traffic with the internet through a NAT gateway is cheaper over endpoints: ask "nat-gateway-bytes" to which AWS
--   services. Bytes are those at the tasks' own interfaces, so each flow counts once for a service, and for both services
--   that it runs between: rows must not be added up. A row without service is of tasks that run by themselves. Only tasks
--   in awsvpc network mode appear. Without flow-direction, what passes between private addresses is neither sent nor
--   received.

-- Of two flow logs over one interface the one that saw more counts, hour by hour. Rejected traffic is left out.
WITH logs AS (
  SELECT
    ecs_cluster_name,
    ecs_service_name,
    coalesce(ecs_task_id, ecs_task_arn, interface_id) AS task,
    interface_id,
    day,
    hour,
    flow_log_id,
    sum(bytes) AS log_bytes,
    sum(CASE direction WHEN 'egress' THEN bytes ELSE 0 END) AS sent,
    sum(CASE direction WHEN 'ingress' THEN bytes ELSE 0 END) AS received,
    sum(CASE WHEN path IN ('subnet-to-internet', 'internet-to-subnet') THEN bytes ELSE 0 END) AS with_internet
  FROM flows
  WHERE {{time_range}}
    AND (ecs_cluster_name IS NOT NULL OR ecs_service_name IS NOT NULL)
    AND action IS DISTINCT FROM 'REJECT'
  GROUP BY 1, 2, 3, 4, 5, 6, 7
),
hours AS (
  SELECT
    ecs_cluster_name,
    ecs_service_name,
    task,
    max(log_bytes) AS hour_bytes,
    max(sent) AS sent,
    max(received) AS received,
    max(with_internet) AS with_internet
  FROM logs
  GROUP BY ecs_cluster_name, ecs_service_name, task, interface_id, day, hour
)
SELECT
  ecs_cluster_name AS cluster,
  ecs_service_name AS service,
  count(DISTINCT task) AS tasks,
  sum(hour_bytes) AS bytes,
  sum(sent) AS bytes_sent,
  sum(received) AS bytes_received,
  sum(with_internet) AS bytes_with_internet
FROM hours
WHERE hour_bytes IS NOT NULL
GROUP BY 1, 2
ORDER BY bytes DESC, cluster, service
LIMIT {{limit}}
