/**
 * `{{connections}}` and `{{conversations}}` of query files: WITH tables over one that the query defines before them,
 * `asked`, which says which rows of the view `flows` it is about:
 *
 *     WITH asked AS (
 *       SELECT * FROM flows WHERE {{time_range}} AND …
 *     ),
 *     {{connections}}
 *     SELECT … FROM connections
 *
 * A conversation is what a client and a server say over one port and protocol; a connection is its part from one port of
 * the client. Each observer (an interface, or a NAT gateway without one) and each flow log over it records all of it, so
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
 * Answered means that a SYN-ACK was seen, or payload both ways: more than the 80 bytes a packet that a handshake or a
 * refusal has at most. NAT gateways are left out as far as the format tells (interface-type; resource-id of regional
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
        OR (bytes_to_server > 80 * packets_to_server AND bytes_to_client > 80 * packets_to_client)
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
