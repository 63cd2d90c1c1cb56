-- title: NAT gateway bytes
-- question: For whom do NAT gateways move bytes, and to which AWS services?
-- theme: cost
-- fields: srcaddr, dstaddr, pkt_srcaddr, pkt_dstaddr, bytes
-- parameter: gateway text optional; only this one: its interface, or the id (nat-…) of a regional one; a format without
--   interface-type needs it
-- parameter: limit count = 50; rows to print
-- next: AWS bills each byte both ways. S3 and DynamoDB are free through a gateway endpoint; other AWS services cost less
--   through an interface endpoint once there is enough of it. Without pkt-dst-aws-service all of it is "other".

-- NAT gateways only, and of their records those of the inside, where pkt-srcaddr or pkt-dstaddr names the far end in the
-- gateway's place. A regional NAT gateway has no interface, and its inside has a private end. Of two flow logs over one
-- gateway the one that saw more counts, hour by hour.
WITH directed AS (
  SELECT
    *,
    coalesce(interface_id, resource_id) AS gateway,
    CASE
      WHEN destination_address <> dstaddr THEN true
      WHEN source_address <> srcaddr THEN false
      WHEN interface_id IS NULL AND regexp_like(
        source_address,
        '^(10|192\.168|172\.(1[6-9]|2[0-9]|3[01])|100\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7]))\.'
      ) THEN true
      WHEN interface_id IS NULL AND regexp_like(
        destination_address,
        '^(10|192\.168|172\.(1[6-9]|2[0-9]|3[01])|100\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7]))\.'
      ) THEN false
    END AS is_upload
  FROM flows
  WHERE {{time_range}}
    AND action IS DISTINCT FROM 'REJECT'
    AND (
      {{gateway}} IN (interface_id, resource_id)
      OR (
        {{gateway}} IS NULL
        AND (interface_type IN ('nat_gateway', 'regional_nat_gateway') OR strpos(resource_id, 'nat-') = 1)
      )
    )
),
logs AS (
  SELECT
    gateway,
    CASE WHEN is_upload THEN source_address ELSE destination_address END AS inside_address,
    coalesce(CASE WHEN is_upload THEN pkt_dst_aws_service ELSE pkt_src_aws_service END, 'other') AS aws_service,
    day,
    hour,
    flow_log_id,
    sum(CASE WHEN is_upload THEN bytes ELSE 0 END) AS uploaded,
    sum(CASE WHEN is_upload THEN 0 ELSE bytes END) AS downloaded
  FROM directed
  WHERE is_upload IS NOT NULL
  GROUP BY 1, 2, 3, 4, 5, 6
),
hours AS (
  SELECT gateway, inside_address, aws_service, max(uploaded) AS uploaded, max(downloaded) AS downloaded
  FROM logs
  GROUP BY gateway, inside_address, aws_service, day, hour
)
SELECT
  gateway,
  inside_address,
  aws_service,
  sum(uploaded) + sum(downloaded) AS bytes,
  sum(uploaded) AS bytes_uploaded,
  sum(downloaded) AS bytes_downloaded
FROM hours
GROUP BY 1, 2, 3
ORDER BY bytes DESC, gateway, inside_address, aws_service
LIMIT {{limit}}
