-- title: Database ports from the internet
-- question: Which databases are reached from the internet, and do they answer?
-- theme: security
-- fields: srcaddr, dstaddr, srcport, dstport, protocol, packets, bytes
-- parameter: limit count = 50; rows to print
-- next: Answered: a database talks to the internet. Close the port to all but known sources, then look at what the client
--   took (bytes_to_client). Unanswered: a rule lets it through although nothing listens; close it before something does.

-- SQL Server, Oracle, MySQL, PostgreSQL, Redshift, Cassandra, CouchDB, Redis, Elasticsearch, Memcached and MongoDB.
-- A connection is a source port; answered means that a SYN-ACK was seen, or payload both ways: more than the 80 bytes a
-- packet that a handshake or a refusal has at most. Bytes are those of the observer that saw most, so what two flow logs
-- record counts once. NAT gateways are left out where the format has interface-type: they log ACCEPT for what they drop.
WITH observed AS (
  SELECT
    client_address AS client,
    server_address AS server,
    server_port AS port,
    CASE WHEN source_address = server_address THEN dstport ELSE srcport END AS client_port,
    coalesce(interface_id, resource_id) AS observer,
    flow_log_id,
    bool_or(path = 'internet-to-subnet') AS is_from_internet,
    bool_or(action = 'REJECT') AS is_rejected,
    bool_or(source_address = server_address AND bitwise_and(tcp_flags, 18) = 18) AS has_syn_ack,
    sum(CASE WHEN source_address = client_address THEN bytes ELSE 0 END) AS bytes_to_server,
    sum(CASE WHEN source_address = client_address THEN packets ELSE 0 END) AS packets_to_server,
    sum(CASE WHEN source_address = server_address THEN bytes ELSE 0 END) AS bytes_to_client,
    sum(CASE WHEN source_address = server_address THEN packets ELSE 0 END) AS packets_to_client,
    min(start) AS first_seen,
    max(coalesce("end", start)) AS last_seen
  FROM flows
  WHERE {{time_range}}
    AND protocol = 6
    AND server_port IN (1433, 1521, 3306, 5432, 5439, 5984, 6379, 9042, 9200, 11211, 27017)
    AND interface_type IS DISTINCT FROM 'nat_gateway'
    AND interface_type IS DISTINCT FROM 'regional_nat_gateway'
  GROUP BY 1, 2, 3, 4, 5, 6
),
connections AS (
  SELECT
    client,
    server,
    port,
    client_port,
    bool_or(is_from_internet) AS is_from_internet,
    coalesce(bool_or(is_rejected), false) AS is_rejected,
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
  GROUP BY 1, 2, 3, 4
)
SELECT
  client,
  server,
  port,
  count_if(is_answered) AS answered,
  count_if(NOT is_answered AND NOT is_rejected) AS unanswered,
  count_if(NOT is_answered AND is_rejected) AS rejected,
  sum(bytes_to_server) AS bytes_to_server,
  sum(bytes_to_client) AS bytes_to_client,
  from_unixtime(min(first_seen)) AS first_seen,
  from_unixtime(max(last_seen)) AS last_seen
FROM connections
WHERE is_from_internet
GROUP BY 1, 2, 3
ORDER BY answered DESC, unanswered DESC, rejected DESC, client, server, port
LIMIT {{limit}}
