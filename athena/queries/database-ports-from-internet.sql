-- title: Database ports from the internet
-- question: Which databases are reached from the internet, and do they answer?
-- theme: security
-- fields: srcaddr, dstaddr, srcport, dstport, protocol, packets, bytes
-- parameter: limit count = 50; rows to print
-- next: Answered: a database talks to the internet. Close the port to all but known sources, then look at what the client
--   took (bytes_to_client). Unanswered: a rule lets it through although nothing listens; close it before something does.

-- SQL Server, Oracle, MySQL, PostgreSQL, Redshift, Cassandra, CouchDB, Redis, Elasticsearch, Memcached and MongoDB.
-- Answered means that a SYN-ACK was seen, or payload both ways.
WITH asked AS (
  SELECT *
  FROM flows
  WHERE {{time_range}}
    AND server_port IN (1433, 1521, 3306, 5432, 5439, 5984, 6379, 9042, 9200, 11211, 27017)
),
{{connections}}
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
