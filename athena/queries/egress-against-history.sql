-- title: Egress against its own history
-- question: Which instance sends far more to the internet than it usually does, and when did it?
-- theme: security
-- fields: interface_id, srcaddr, dstaddr, start, bytes
-- parameter: hours count = 24; length of a period: 24 compares days, 1 compares hours (UTC)
-- parameter: min_megabytes count = 100; megabytes (millions of bytes) in a period, below which nothing is worth a look
-- parameter: min_times number = 3; how many times the usual bytes a period must have
-- parameter: limit count = 50; rows to print
-- next: Ask "large-egress" for that period to whom it went. A "quiet" host, which usually sends nothing, and a "new"
--   one, which has no history, deserve the first look. Give several periods as the time range: history is what the range
--   holds. Its first and last period may be cut short, and a period of the last minutes is still being delivered.

-- What an instance's interfaces, or an interface without an instance, send to the internet and to AWS services, which
-- without pkt-dst-aws-service cannot be told from it; NAT gateways only relay and are left out where the format has
-- interface-type. Of two flow logs over one interface the one that saw more counts, hour by hour. Over IPv6 only
-- flow-direction tells what is sent.
WITH logs AS (
  SELECT
    coalesce(instance_id, interface_id) AS host,
    coalesce(interface_id, resource_id) AS observer,
    start / 3600 AS hour_number,
    flow_log_id,
    sum(
      CASE
        WHEN action = 'REJECT' OR direction IS DISTINCT FROM 'egress' OR observed_at IS NOT DISTINCT FROM 'middle' THEN 0
        WHEN path IN ('subnet-to-internet', 'internet-to-subnet', 'aws-service') THEN bytes
        ELSE 0
      END
    ) AS bytes
  FROM flows
  WHERE {{time_range}} AND start IS NOT NULL
  GROUP BY 1, 2, 3, 4
),
interface_hours AS (
  SELECT host, hour_number, max(bytes) AS bytes
  FROM logs
  WHERE host IS NOT NULL
  GROUP BY host, observer, hour_number
),
periods AS (
  SELECT host, hour_number / greatest({{hours}}, 1) AS period, sum(bytes) AS bytes
  FROM interface_hours
  GROUP BY 1, 2
),
-- A host's history begins with its first record. Periods since then without a record are periods without bytes.
bounded AS (
  SELECT
    *,
    min(period) OVER () AS first_period_of_all,
    max(period) OVER () AS last_period_of_all,
    min(period) OVER (PARTITION BY host) AS first_period,
    row_number() OVER (PARTITION BY host ORDER BY bytes, period) AS nth,
    count(*) OVER (PARTITION BY host) AS periods_with_records
  FROM periods
),
placed AS (
  SELECT
    host,
    period,
    bytes,
    first_period > first_period_of_all AS has_come_later,
    period = first_period AS is_first,
    last_period_of_all - first_period + 1 AS places,
    last_period_of_all - first_period + 1 - periods_with_records + nth AS place
  FROM bounded
),
-- The median of the other periods, for a period above it; periods below it are not asked for.
compared AS (
  SELECT
    host,
    period,
    bytes,
    places - 1 AS other_periods,
    CASE
      WHEN has_come_later AND is_first THEN NULL
      ELSE coalesce(max(CASE WHEN place = places / 2 THEN bytes END) OVER (PARTITION BY host), 0)
    END AS usual_bytes
  FROM placed
  WHERE has_come_later OR places > 1
)
SELECT
  host,
  from_unixtime(period * greatest({{hours}}, 1) * 3600) AS period_start,
  CASE WHEN usual_bytes IS NULL THEN 'new' WHEN usual_bytes = 0 THEN 'quiet' ELSE 'known' END AS history,
  bytes,
  usual_bytes,
  bytes - coalesce(usual_bytes, 0) AS bytes_above_usual,
  CAST(bytes AS double) / nullif(usual_bytes, 0) AS times_usual,
  other_periods
FROM compared
-- As a double: as a 32-bit number 3,000 million is too much.
WHERE bytes >= CAST({{min_megabytes}} AS double) * 1000000 AND bytes >= {{min_times}} * coalesce(usual_bytes, 0)
ORDER BY bytes_above_usual DESC, host, period_start
LIMIT {{limit}}
