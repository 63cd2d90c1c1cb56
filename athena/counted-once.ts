/**
 * `{{counted_once}}` of query files: WITH tables over the view `flows`, the last of which, `counted_once`, holds the bytes
 * and packets that each source sent to each destination on a day, every flow once. Its columns: `day`, `source`,
 * `destination` (the true ends), `packets`, `bytes`.
 *
 * A flow is recorded wherever it passes: at its source, at its target, at NAT gateways and transit gateway attachments
 * between, and once more by each further flow log over the same interface. It counts where its source is observed, else
 * at its target, else at what stands in for one of them. Rejected traffic is left out: it did not get through.
 *
 * Addresses are the true ends where the format has pkt-srcaddr and pkt-dstaddr. Without them a NAT gateway has traffic
 * of its own and the internet hosts behind it count twice, as can an interface with a single peer, and traffic that
 * returns by another transit gateway attachment.
 *
 * By day, because an address can move to another interface; and in the hours in which an end has no records at all, what
 * the next place saw, because a flow log can start at one end later than at the other.
 *
 * An address is one host. Where two networks have the same addresses, and one is logged at the source and the other at
 * the target, they cannot be told apart, and the one counts for both.
 *
 * Windows instead of joins: Athena would read the lake once more for each mention of a WITH table.
 */
export const COUNTED_ONCE = `-- One row for each hour, observer, flow log and pair of ends; everything after works on few rows.
recorded AS (
  SELECT
    day,
    hour,
    flow_log_id,
    coalesce(interface_id, resource_id) AS observer,
    strpos(srcaddr, ':') > 0 AS is_ipv6,
    srcaddr,
    dstaddr,
    source_address AS source,
    destination_address AS destination,
    pkt_srcaddr IS NULL AS may_hide_ends,
    direction AS known_direction,
    sum(packets) AS packets,
    sum(bytes) AS bytes
  FROM flows
  WHERE {{time_range}}
    AND srcaddr IS NOT NULL
    AND dstaddr IS NOT NULL
    AND action IS DISTINCT FROM 'REJECT'
    -- A regional NAT gateway records its inside, too; this is its public side, where no end is a private address.
    AND NOT (
      interface_id IS NULL
      AND resource_id IS NOT NULL
      AND NOT regexp_like(
        concat(' ', srcaddr, ' ', dstaddr),
        ' (10|192\\.168|172\\.(1[6-9]|2[0-9]|3[01])|100\\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7]))\\.'
      )
    )
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
),

-- Two flow logs over one interface record everything twice. In each hour one counts: one that has the true ends before
-- one that has not, then the one that saw more. In the hour in which a flow log replaces another, part is lost by that.
weighed AS (
  SELECT *, sum(bytes) OVER (PARTITION BY observer, day, hour, flow_log_id) AS log_bytes
  FROM recorded
),
compared_logs AS (
  SELECT
    *,
    first_value(flow_log_id) OVER (
      PARTITION BY observer, day, hour ORDER BY may_hide_ends, coalesce(log_bytes, 0) DESC, flow_log_id
    ) AS best_log
  FROM weighed
),
observed AS (
  SELECT
    day,
    hour,
    observer,
    is_ipv6,
    srcaddr,
    dstaddr,
    source,
    destination,
    may_hide_ends,
    known_direction,
    sum(packets) AS packets,
    sum(bytes) AS bytes
  FROM compared_logs
  WHERE observer IS NULL OR flow_log_id IS NOT DISTINCT FROM best_log
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
),

-- A record of the default format tells no direction between private addresses. But each record of an interface has the
-- interface's own address at one end (AWS writes its primary one), so the only address that all records of an interface
-- share is its own. With a single peer there are two such addresses, with several IPv6 addresses of its own there is
-- none: then it is unknown.
sampled AS (
  SELECT
    *,
    first_value(srcaddr) OVER (PARTITION BY observer, is_ipv6 ORDER BY srcaddr, dstaddr) AS some_source,
    first_value(dstaddr) OVER (PARTITION BY observer, is_ipv6 ORDER BY srcaddr, dstaddr) AS some_destination
  FROM observed
),
compared AS (
  SELECT
    *,
    bool_and(some_source IN (srcaddr, dstaddr)) OVER (PARTITION BY observer, is_ipv6) AS shares_source,
    bool_and(some_destination IN (srcaddr, dstaddr)) OVER (PARTITION BY observer, is_ipv6) AS shares_destination
  FROM sampled
),
directed AS (
  SELECT
    *,
    CASE
      WHEN known_direction IS NOT NULL THEN known_direction
      WHEN shares_source = shares_destination THEN NULL
      WHEN CASE WHEN shares_source THEN some_source ELSE some_destination END = srcaddr THEN 'egress'
      ELSE 'ingress'
    END AS direction
  FROM compared
),

-- A NAT gateway records a flow twice: on its inside, where a pkt-* field names the far end in place of the gateway, and
-- on its outside, plainly. The outside is left out: a plain record of a far end that pkt-* fields name there, too.
far_ends AS (
  SELECT
    *,
    source = srcaddr AND destination = dstaddr AS is_plain,
    CASE
      WHEN source <> srcaddr THEN source
      WHEN destination <> dstaddr THEN destination
      WHEN direction = 'egress' THEN destination
      WHEN direction = 'ingress' THEN source
    END AS far_end
  FROM directed
),

-- Where a record was taken: 1 at its source, 2 at its target, 3 and 4 at an interface that stands in for one of them (a
-- node of pods, a NAT gateway, a transit gateway attachment), 5 unknown.
placed AS (
  SELECT
    *,
    bool_or(NOT is_plain) OVER (PARTITION BY observer, far_end) AS is_translated,
    CASE
      WHEN direction = 'egress' THEN CASE WHEN source = srcaddr THEN 1 ELSE 3 END
      WHEN direction = 'ingress' THEN CASE WHEN destination = dstaddr THEN 2 ELSE 4 END
      ELSE 5
    END AS place
  FROM far_ends
),
ranked AS (
  SELECT
    *,
    min(place) OVER (PARTITION BY day, source, destination) AS best_place,
    min(place) OVER (PARTITION BY day, hour, source, destination) AS best_place_of_hour,
    min(CASE WHEN place IN (1, 3) THEN place END) OVER (PARTITION BY day, hour, source) AS place_of_source,
    min(CASE WHEN place IN (2, 4) THEN place END) OVER (PARTITION BY day, hour, destination) AS place_of_target,
    first_value(observer) OVER (
      PARTITION BY day, source, destination, place ORDER BY coalesce(bytes, 0) DESC, observer
    ) AS main_observer
  FROM placed
  WHERE NOT (is_plain AND is_translated AND far_end IS NOT NULL)
),

-- Without pkt-* fields the inside of a NAT gateway is a conversation that the instance itself does not have: it is
-- logged, but has its flows under the far end's address. So what arrives from a source that is logged in that hour and
-- did not record it is left out, and with it what goes back. (A transit gateway attachment and a secondary address look
-- the same.)
told_apart AS (
  SELECT
    *,
    bool_or(may_hide_ends AND best_place = 2 AND coalesce(place_of_source, 0) = 1) OVER (
      PARTITION BY day, least(source, destination), greatest(source, destination)
    ) AS is_known_otherwise
  FROM ranked
),

-- The best place of the day counts. In an hour without any record of that place's end its log had not begun, or was lost:
-- then the best place of the hour. Of unknown places one observer is enough: two of them are the two ends.
counted_once AS (
  SELECT day, source, destination, sum(packets) AS packets, sum(bytes) AS bytes
  FROM told_apart
  WHERE (
      place = best_place
      OR (place = best_place_of_hour AND NOT coalesce(best_place IN (place_of_source, place_of_target), false))
    )
    AND (place < 5 OR observer IS NOT DISTINCT FROM main_observer)
    AND NOT is_known_otherwise
  GROUP BY 1, 2, 3
)`;
