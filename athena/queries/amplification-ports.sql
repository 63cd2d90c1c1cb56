-- title: Amplification ports
-- question: Which UDP services answer the internet that are abused to amplify attacks, and how much more do they send than
--   they get?
-- theme: security
-- fields: srcaddr, dstaddr, srcport, dstport, protocol, bytes
-- parameter: limit count = 50; rows to print
-- next: Close the port to the internet, or to all but its clients. If bytes_out is many times bytes_in, and much of it goes to
--   one client, the service attacks that client now: its requests are forged. A public DNS or time server may be meant to
--   answer; limit its rate, and turn recursion (DNS) and monlist (NTP) off.

-- The services of CISA's alert TA14-017A. The inside's port decides, because forged requests have any port on their other
-- side. Where the far port is as much a service's as the inside's (NTP speaks from 123 to 123), the inside is the server if
-- it sends more than it gets. Only what is answered: there are bytes both ways. NAT gateways and other interfaces in the
-- middle are left out. Of two flow logs over one interface, and of two interfaces, the one that saw more counts. Over IPv6
-- only flow-direction tells which end is inside.
WITH ends AS (
  SELECT
    *,
    CASE direction WHEN 'ingress' THEN destination_address WHEN 'egress' THEN source_address END AS inside_address,
    CASE direction WHEN 'ingress' THEN dstport WHEN 'egress' THEN srcport END AS inside_port,
    CASE direction WHEN 'ingress' THEN source_address WHEN 'egress' THEN destination_address END AS far_address,
    CASE direction WHEN 'ingress' THEN srcport WHEN 'egress' THEN dstport END AS far_port
  FROM flows
  WHERE {{time_range}}
    AND protocol = 17
    AND action IS DISTINCT FROM 'REJECT'
    AND observed_at IS DISTINCT FROM 'middle'
),
observed AS (
  SELECT
    inside_address,
    inside_port,
    far_address,
    far_port,
    bool_or(path IN ('internet-to-subnet', 'subnet-to-internet', 'unknown')) AS is_with_internet,
    coalesce(bool_or(server_address = inside_address), false) AS is_server,
    sum(CASE direction WHEN 'ingress' THEN bytes ELSE 0 END) AS bytes_in,
    sum(CASE direction WHEN 'egress' THEN bytes ELSE 0 END) AS bytes_out,
    min(start) AS first_seen,
    max(coalesce("end", start)) AS last_seen
  FROM ends
  WHERE inside_port IN (17, 19, 53, 69, 111, 123, 137, 161, 389, 520, 1900, 3702, 5353, 11211, 27015)
  GROUP BY 1, 2, 3, 4, coalesce(interface_id, resource_id), flow_log_id
),
conversations AS (
  SELECT
    inside_address,
    inside_port,
    far_address,
    bool_or(is_server) AS is_server,
    max(bytes_in) AS bytes_in,
    max(bytes_out) AS bytes_out,
    min(first_seen) AS first_seen,
    max(last_seen) AS last_seen
  FROM observed
  WHERE is_with_internet
  GROUP BY inside_address, inside_port, far_address, far_port
),
clients AS (
  SELECT
    inside_address,
    inside_port,
    far_address,
    sum(bytes_in) AS bytes_in,
    sum(bytes_out) AS bytes_out,
    min(first_seen) AS first_seen,
    max(last_seen) AS last_seen
  FROM conversations
  WHERE bytes_in > 0 AND bytes_out > 0 AND (is_server OR bytes_out > bytes_in)
  GROUP BY inside_address, inside_port, far_address
)
SELECT
  inside_address AS server,
  inside_port AS port,
  CASE inside_port
    WHEN 17 THEN 'qotd' WHEN 19 THEN 'chargen' WHEN 53 THEN 'dns' WHEN 69 THEN 'tftp'
    WHEN 111 THEN 'portmap' WHEN 123 THEN 'ntp' WHEN 137 THEN 'netbios' WHEN 161 THEN 'snmp'
    WHEN 389 THEN 'cldap' WHEN 520 THEN 'rip' WHEN 1900 THEN 'ssdp' WHEN 3702 THEN 'ws-discovery'
    WHEN 5353 THEN 'mdns' WHEN 11211 THEN 'memcached' WHEN 27015 THEN 'steam'
  END AS service,
  count(*) AS clients,
  sum(bytes_in) AS bytes_in,
  sum(bytes_out) AS bytes_out,
  CAST(sum(bytes_out) AS double) / nullif(sum(bytes_in), 0) AS amplification,
  max_by(far_address, bytes_out) AS largest_client,
  max(bytes_out) AS bytes_to_largest_client,
  from_unixtime(min(first_seen)) AS first_seen,
  from_unixtime(max(last_seen)) AS last_seen
FROM clients
GROUP BY 1, 2, 3
ORDER BY bytes_out DESC, server, port
LIMIT {{limit}}
