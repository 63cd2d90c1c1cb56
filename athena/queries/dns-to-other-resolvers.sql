-- title: DNS to other resolvers
-- question: Who asks name servers that are not approved?
-- theme: security
-- fields: srcaddr, dstaddr, srcport, dstport, protocol, bytes
-- parameter: approved text optional; addresses of approved resolvers, with commas between them and no blanks
-- parameter: limit count = 50; rows to print
-- next: Set the client's resolver to Amazon's, whose queries flow logs never show, or approve the address. Much more sent
--   than a query needs (bytes_to_server far above bytes_to_client) can be data that leaves as names: look at the process.

-- Ports 53 and 853. The observer that saw most counts, so what both ends or two flow logs record counts once.
WITH observed AS (
  SELECT
    client_address AS client,
    server_address AS server,
    server_port AS port,
    protocol_name AS protocol,
    coalesce(interface_id, resource_id) AS observer,
    flow_log_id,
    max(path) AS path,
    count_if(source_address = client_address) AS requests,
    count_if(action = 'REJECT') AS rejected,
    sum(CASE WHEN source_address = client_address THEN bytes ELSE 0 END) AS sent,
    sum(CASE WHEN source_address = server_address THEN bytes ELSE 0 END) AS received,
    min(start) AS first_seen,
    max(coalesce("end", start)) AS last_seen
  FROM flows
  WHERE {{time_range}}
    AND server_port IN (53, 853)
    AND protocol IN (6, 17)
    AND NOT coalesce(contains(split({{approved}}, ','), server_address), false)
  GROUP BY 1, 2, 3, 4, 5, 6
)
SELECT
  client,
  server,
  port,
  protocol,
  max(path) AS path,
  max(requests) AS request_records,
  max(rejected) AS rejected_records,
  max(sent) AS bytes_to_server,
  max(received) AS bytes_to_client,
  from_unixtime(min(first_seen)) AS first_seen,
  from_unixtime(max(last_seen)) AS last_seen
FROM observed
GROUP BY 1, 2, 3, 4
ORDER BY bytes_to_server DESC, request_records DESC, client, server, port, protocol
LIMIT {{limit}}
