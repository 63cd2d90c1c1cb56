-- title: IPv4 against IPv6
-- question: How far is the move to IPv6, inside the network and with the internet, day by day?
-- theme: cost
-- fields: interface_id, srcaddr, dstaddr, bytes
-- parameter: limit count = 62; rows to print, the latest day first
-- next: Every public IPv4 address has its price, and so has a NAT gateway; over IPv6 neither is needed. Look at the rows with
--   the internet, and ask "nat-gateway-bytes" for whom IPv4 is still in use. For the sums of a day alone ask "ipv6-bytes".

-- A flow here is one direction of a connection within an hour. It counts once, with its bytes: where its source is
-- observed, else at its target, else at the observer that saw most. Of two flow logs over one interface the one that saw
-- more counts. Rejected traffic is left out, and so is what a NAT gateway sends and receives under its own address, where
-- the format has interface-type.
WITH logs AS (
  SELECT
    day,
    hour,
    source_address,
    destination_address,
    observed_at,
    coalesce(interface_id, resource_id) AS observer,
    flow_log_id,
    bool_and(coalesce(path IN ('subnet-to-internet', 'internet-to-subnet'), false)) AS looks_like_internet,
    count(DISTINCT concat_ws(' ', CAST(protocol AS varchar), CAST(srcport AS varchar), CAST(dstport AS varchar)))
      AS log_flows,
    sum(bytes) AS log_bytes
  FROM flows
  WHERE {{time_range}}
    AND source_address IS NOT NULL
    AND destination_address IS NOT NULL
    AND action IS DISTINCT FROM 'REJECT'
    AND NOT (
      coalesce(interface_type, '') = 'nat_gateway' AND source_address = srcaddr AND destination_address = dstaddr
    )
  GROUP BY 1, 2, 3, 4, 5, 6, 7
),
hours AS (
  SELECT
    day,
    hour,
    source_address,
    destination_address,
    observed_at,
    observer,
    bool_and(looks_like_internet) AS looks_like_internet,
    max(log_flows) AS hour_flows,
    max(log_bytes) AS hour_bytes
  FROM logs
  GROUP BY 1, 2, 3, 4, 5, 6
),
observers AS (
  SELECT
    day,
    source_address,
    destination_address,
    observed_at,
    observer,
    bool_and(looks_like_internet) AS looks_like_internet,
    sum(hour_flows) AS observed_flows,
    sum(hour_bytes) AS observed_bytes
  FROM hours
  GROUP BY 1, 2, 3, 4, 5
),
pairs AS (
  SELECT
    day,
    strpos(source_address, ':') > 0 AS is_ipv6,
    -- An IPv6 address does not tell whether it is the network's own, but being observed at both ends does.
    bool_and(looks_like_internet)
      AND NOT (count_if(observed_at = 'source') > 0 AND count_if(observed_at = 'target') > 0) AS is_with_internet,
    coalesce(
      sum(CASE WHEN observed_at = 'source' THEN observed_flows END),
      sum(CASE WHEN observed_at = 'target' THEN observed_flows END),
      max(observed_flows)
    ) AS pair_flows,
    coalesce(
      sum(CASE WHEN observed_at = 'source' THEN observed_bytes END),
      sum(CASE WHEN observed_at = 'target' THEN observed_bytes END),
      max(observed_bytes)
    ) AS pair_bytes
  FROM observers
  GROUP BY day, source_address, destination_address
)
SELECT
  day,
  is_with_internet AS with_internet,
  sum(CASE WHEN is_ipv6 THEN 0 ELSE pair_flows END) AS ipv4_flows,
  sum(CASE WHEN is_ipv6 THEN pair_flows ELSE 0 END) AS ipv6_flows,
  sum(CASE WHEN is_ipv6 THEN 0 ELSE pair_bytes END) AS ipv4_bytes,
  sum(CASE WHEN is_ipv6 THEN pair_bytes ELSE 0 END) AS ipv6_bytes,
  CAST(sum(CASE WHEN is_ipv6 THEN pair_bytes ELSE 0 END) AS double) * 100 / nullif(sum(pair_bytes), 0)
    AS ipv6_percent
FROM pairs
GROUP BY 1, 2
ORDER BY day DESC, with_internet DESC
LIMIT {{limit}}
