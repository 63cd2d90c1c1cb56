-- title: Work outside working hours
-- question: Who is logged in to machines at night or on weekends?
-- theme: security
-- fields: srcaddr, dstaddr, srcport, dstport, protocol, bytes, start
-- parameter: work_begins count = 7; hour of the day (UTC) in which work begins
-- parameter: work_ends count = 19; hour of the day (UTC) in which work is over; less than work_begins if that is after
--   midnight UTC, equal to it if work never ends and only days off count
-- parameter: workdays text = 12345; days on which work begins, Monday is 1 and Sunday 7
-- parameter: min_bytes count = 1000; bytes each way of a connection, below which nobody works
-- parameter: port port optional; only this server port, in place of those of administration
-- parameter: network cidr optional; only clients in this network
-- parameter: limit count = 50; rows to print
-- next: Machines that log in at night (backup, configuration management) come from few, known addresses: strike them out.
--   Ask the owner of any other, and look with "conversation" and "bytes-from-address" what was taken. Holidays count as
--   workdays: ask for them with a time range of their own and workdays=0.

-- SSH, Telnet, RDP, VNC, WinRM and Webmin, the ports by which people work. Only records that begin off hours, so the night
-- of a session that began in the afternoon counts; and only connections with bytes both ways, so that knocking in vain does
-- not. The clock is set back so that work begins at 0: then a day of work is one day, across midnight, too. The first day
-- of Unix time, day 0, was a Thursday.
WITH asked AS (
  SELECT *
  FROM flows
  WHERE {{time_range}}
    AND CASE
      WHEN {{port}} IS NULL THEN server_port IN (22, 23, 3389, 5900, 5985, 5986, 10000)
      ELSE server_port = {{port}}
    END
    AND ({{network}} IS NULL OR contains({{network}}, TRY_CAST(client_address AS ipaddress)))
    AND NOT (
      (start / 3600 - {{work_begins}}) % 24 < ({{work_ends}} - {{work_begins}} + 23) % 24 + 1
      AND strpos({{workdays}}, CAST(((start / 3600 - {{work_begins}}) / 24 + 3) % 7 + 1 AS varchar)) > 0
    )
),
{{connections}}
SELECT
  client,
  server,
  port,
  bool_or(is_from_internet) AS from_internet,
  count(*) AS connections,
  count(DISTINCT (first_seen / 3600 - {{work_begins}}) / 24) AS days,
  sum(bytes_to_server) AS bytes_to_server,
  sum(bytes_to_client) AS bytes_to_client,
  from_unixtime(min(first_seen)) AS first_seen,
  from_unixtime(max(last_seen)) AS last_seen
FROM connections
WHERE bytes_to_server >= {{min_bytes}} AND bytes_to_client >= {{min_bytes}}
GROUP BY 1, 2, 3
ORDER BY from_internet DESC, days DESC, connections DESC, client, server, port
LIMIT {{limit}}
