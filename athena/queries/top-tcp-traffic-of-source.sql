-- title: Top TCP traffic of a source
-- question: To which servers and clients does an address send the most bytes over TCP?
-- theme: traffic
-- fields: interface_id, srcaddr, dstaddr, srcport, dstport, protocol, packets, bytes
-- parameter: source address; the address that is asked about
-- parameter: limit count = 50; rows to print
-- next: As a client it uploads to the port of a server; as a server it answers from its own. Ask "conversation" about a pair
--   that surprises, and "bytes-to-address" what the source receives.

-- What a connection (a client's port) carried on a day counts at the source's own interface, else at the target's, else
-- at the observer that saw most. Of two flow logs over one interface the one that saw more counts, hour by hour. Rejected
-- traffic is left out.
WITH logs AS (
  SELECT
    destination_address AS destination,
    CASE WHEN source_address = server_address THEN 'server' ELSE 'client' END AS source_is,
    server_port AS port,
    service,
    CASE WHEN source_address = server_address THEN dstport ELSE srcport END AS client_port,
    observed_at,
    coalesce(interface_id, resource_id) AS observer,
    day,
    hour,
    flow_log_id,
    sum(bytes) AS log_bytes,
    sum(packets) AS log_packets
  FROM flows
  WHERE {{time_range}}
    AND protocol = 6
    AND source_address = {{source}}
    AND destination_address IS NOT NULL
    AND action IS DISTINCT FROM 'REJECT'
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
),
hours AS (
  SELECT
    destination,
    source_is,
    port,
    service,
    client_port,
    observed_at,
    observer,
    day,
    hour,
    max(log_bytes) AS hour_bytes,
    max(log_packets) AS hour_packets
  FROM logs
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
),
observers AS (
  SELECT
    destination,
    source_is,
    port,
    service,
    client_port,
    observed_at,
    observer,
    day,
    sum(hour_bytes) AS observed_bytes,
    sum(hour_packets) AS observed_packets
  FROM hours
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
),
connections AS (
  SELECT
    destination,
    source_is,
    port,
    service,
    client_port,
    coalesce(
      sum(CASE WHEN observed_at = 'source' THEN observed_bytes END),
      sum(CASE WHEN observed_at = 'target' THEN observed_bytes END),
      max(observed_bytes)
    ) AS connection_bytes,
    coalesce(
      sum(CASE WHEN observed_at = 'source' THEN observed_packets END),
      sum(CASE WHEN observed_at = 'target' THEN observed_packets END),
      max(observed_packets)
    ) AS connection_packets
  FROM observers
  GROUP BY destination, source_is, port, service, client_port, day
)
SELECT
  destination,
  source_is,
  port,
  service,
  sum(connection_bytes) AS bytes,
  sum(connection_packets) AS packets,
  count(DISTINCT client_port) AS connections
FROM connections
WHERE connection_bytes IS NOT NULL
GROUP BY 1, 2, 3, 4
ORDER BY bytes DESC, destination, source_is, port
LIMIT {{limit}}
