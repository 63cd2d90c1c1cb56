/**
 * `{{connections}}`, `{{attempts}}` and `{{conversations}}` of query files: WITH tables over one that the query defines before them,
 * `asked`, which says which rows of the view `flows` it is about:
 *
 *     WITH asked AS (
 *       SELECT * FROM flows WHERE {{time_range}} AND …
 *     ),
 *     {{connections}}
 *     SELECT … FROM connections
 *
 * A conversation is what a client and a server say over one port and protocol; a connection is its part from one port of
 * the client; an attempt is one use of that port. Each observer (an interface, or a NAT gateway without one) and each flow log over it records all of it, so
 * sums over several of them count it several times; the one that saw most has all of it.
 */

/** Bytes each way and times, of a client and a server. Where nothing tells which is which, the sender is the client. */
const MEASURES = `sum(CASE WHEN source_address = coalesce(client_address, source_address) THEN bytes ELSE 0 END)
      AS bytes_to_server,
    sum(CASE WHEN source_address = server_address THEN bytes ELSE 0 END) AS bytes_to_client,
    min(start) AS first_seen,
    max(coalesce("end", start)) AS last_seen`;

/**
 * TCP connections, each one once. Columns of `connections`: `client`, `server`, `port` (the server's), `client_port`,
 * `is_from_internet`, `is_rejected` (somewhere, at least in part), `is_answered`, `bytes_to_server`, `bytes_to_client`,
 * `first_seen`, `last_seen` (Unix seconds).
 *
 * Answered means that a SYN-ACK was seen, or payload both ways: more than the 80 bytes a packet (IPv6: 100) that a
 * handshake or a refusal has at most. NAT gateways are left out as far as the format tells (interface-type; resource-id of regional
 * ones): they log ACCEPT for what they drop.
 */
export const CONNECTIONS = `observed AS (
  SELECT
    client_address AS client,
    server_address AS server,
    server_port AS port,
    CASE WHEN source_address = server_address THEN dstport ELSE srcport END AS client_port,
    coalesce(bool_or(path = 'internet-to-subnet'), false) AS is_from_internet,
    coalesce(bool_or(action = 'REJECT'), false) AS is_rejected,
    bool_or(source_address = server_address AND bitwise_and(tcp_flags, 18) = 18) AS has_syn_ack,
    max(CASE WHEN strpos(server_address, ':') > 0 THEN 100 ELSE 80 END) AS longest_headers,
    sum(CASE WHEN source_address = client_address THEN packets ELSE 0 END) AS packets_to_server,
    sum(CASE WHEN source_address = server_address THEN packets ELSE 0 END) AS packets_to_client,
    ${MEASURES}
  FROM asked
  WHERE protocol = 6
    AND server_port IS NOT NULL
    AND coalesce(interface_type, '') NOT IN ('nat_gateway', 'regional_nat_gateway')
    AND resource_id IS NULL
  GROUP BY 1, 2, 3, 4, coalesce(interface_id, resource_id), flow_log_id
),
connections AS (
  SELECT
    client,
    server,
    port,
    client_port,
    bool_or(is_from_internet) AS is_from_internet,
    bool_or(is_rejected) AS is_rejected,
    coalesce(
      bool_or(
        has_syn_ack
        OR (
          bytes_to_server > longest_headers * packets_to_server
          AND bytes_to_client > longest_headers * packets_to_client
        )
      ),
      false
    ) AS is_answered,
    max(bytes_to_server) AS bytes_to_server,
    max(bytes_to_client) AS bytes_to_client,
    min(first_seen) AS first_seen,
    max(last_seen) AS last_seen
  FROM observed
  GROUP BY client, server, port, client_port
)`;

/** An unanswered SYN is sent again for about two minutes. */
const REPEATED_SYN_SECONDS = 180;
const SAME_ENDS = 'protocol, least(source_end, destination_end), greatest(source_end, destination_end)';
/** The records of one interface and flow log in their order, of one second the SYN first. */
const OF_OBSERVER = `(
      PARTITION BY ${SAME_ENDS}, observer, flow_log_id
      ORDER BY start, CASE WHEN syn_at IS NULL THEN 1 ELSE 0 END
    )`;

/**
 * The rows of `asked`, with the number of the attempt that each belongs to among those between the same two addresses and
 * ports: clients use their ports again, and what became of the last connection says nothing about the next. Columns of
 * `attempts`: those of `flows`, `source_end` and `destination_end` (address and port), `observer`, `attempt` (0 for
 * what came before any SYN).
 *
 * A SYN opens an attempt, unless it repeats the one before: none of the same interface within three minutes, or what
 * ends one (FIN, RST, or the SYN-ACK that it waited for) in between. Of several interfaces the one that has counted most
 * attempts is followed.
 */
export const ATTEMPTS = `marked AS (
  SELECT
    *,
    coalesce(interface_id, resource_id) AS observer,
    concat(source_address, ' ', CAST(srcport AS varchar)) AS source_end,
    concat(destination_address, ' ', CAST(dstport AS varchar)) AS destination_end,
    CASE WHEN bitwise_and(tcp_flags, 18) = 2 THEN start END AS syn_at,
    CASE
      WHEN bitwise_and(tcp_flags, 5) > 0 OR bitwise_and(tcp_flags, 18) = 18 THEN coalesce("end", start)
    END AS over_at
  FROM asked
),
running AS (
  SELECT
    *,
    max(syn_at) OVER ${OF_OBSERVER} AS latest_syn,
    max(over_at) OVER ${OF_OBSERVER} AS latest_over
  FROM marked
),
compared AS (
  SELECT
    *,
    lag(latest_syn) OVER ${OF_OBSERVER} AS last_syn,
    lag(latest_over) OVER ${OF_OBSERVER} AS last_over
  FROM running
),
counted AS (
  SELECT
    *,
    sum(
      CASE
        WHEN syn_at IS NULL THEN 0
        WHEN last_syn IS NULL OR syn_at - last_syn > ${REPEATED_SYN_SECONDS} THEN 1
        WHEN last_over >= last_syn AND last_over < syn_at THEN 1
        ELSE 0
      END
    ) OVER (PARTITION BY ${SAME_ENDS}, observer, flow_log_id ORDER BY start) AS attempts_seen
  FROM compared
),
attempts AS (
  SELECT *, max(attempts_seen) OVER (PARTITION BY ${SAME_ENDS} ORDER BY start) AS attempt
  FROM counted
)`;

/**
 * Conversations of any protocol, as each observer and flow log records them. Columns of `conversations`: `client`,
 * `server`, `port` (the server's), `protocol`, `service`, `observer`, `flow_log_id`, `path`, `flows`, `packets`,
 * `bytes_to_server`, `bytes_to_client`, `first_seen`, `last_seen` (Unix seconds). Protocols without ports, which would
 * tell client from server, have a row for each direction.
 */
export const CONVERSATIONS = `conversations AS (
  SELECT
    coalesce(client_address, source_address) AS client,
    coalesce(server_address, destination_address) AS server,
    server_port AS port,
    protocol_name AS protocol,
    service,
    coalesce(interface_id, resource_id) AS observer,
    flow_log_id,
    max(path) AS path,
    count(*) AS flows,
    sum(packets) AS packets,
    ${MEASURES}
  FROM asked
  GROUP BY 1, 2, 3, 4, 5, 6, 7
)`;
